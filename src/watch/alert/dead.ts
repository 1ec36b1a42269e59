import type { Alert, DeadDelivery } from '../../core/alert.ts';
import { recipientOf } from '../../core/recipient.ts';
import type { StoryDelivery } from '../../store/ports.ts';
import { type AlertState, MOST_NAMED } from './state.ts';

type Dead = AlertState['dead'];

/** Milliseconds between two alerts about deaths; deaths in between are collected for the next one. */
export const GATHER = 10 * 60_000;
/** Milliseconds to look back beyond the last reported death: clocks differ, and deaths are recorded later than they happen. */
const OVERLAP = 10 * 60_000;

/** Deaths at this time (Unix milliseconds) or before have all been reported. */
export const deathsAfter = (dead: Dead, now: number): number =>
  // If the clock was set back, `until` lies in the future.
  Math.min(dead.until, now) - OVERLAP;

/** The deaths among `found` that no alert has reported, oldest first. */
export const untoldDeaths = (dead: Dead, found: readonly StoryDelivery[], now: number): readonly StoryDelivery[] => {
  const told = new Set(dead.told);
  const from = deathsAfter(dead, now);
  const to = now + OVERLAP;
  return found
    .filter((each) => each.status === 'dead' && diedAt(each) > from && diedAt(each) < to && !told.has(nameOf(each)))
    .sort((one, other) => diedAt(one) - diedAt(other));
};

/** One alert about all of them, and the state to keep with it. */
export const deathAlert = (
  before: Dead,
  deaths: readonly StoryDelivery[],
  now: number,
): { readonly dead: Dead; readonly alert: Extract<Alert, { as: 'dead' }> } => {
  const until = Math.max(Math.min(before.until, now), ...deaths.map(diedAt));
  // Deaths long before `until` are known to be reported by their time alone.
  const told = [...before.told, ...deaths.map(nameOf)].filter((name) => timeOf(name) > until - OVERLAP);
  return {
    dead: { until, told, toldAt: now },
    alert: { as: 'dead', count: deaths.length, deliveries: deaths.slice(0, MOST_NAMED).map(shown), at: now },
  };
};

/** Includes the time of death: a delivery that was retried may die again, which is reported again. */
const nameOf = (delivery: StoryDelivery): string => `${diedAt(delivery)} ${delivery.id}`;
const timeOf = (name: string): number => Number(name.slice(0, name.indexOf(' ')));

const diedAt = ({ attempts }: StoryDelivery): number => attempts.at(-1)?.endedAt ?? 0;

const shown = ({ id, kind, destination, resource, rule, attempts }: StoryDelivery): DeadDelivery => ({
  id,
  kind,
  to: recipientOf(destination),
  resource: resource?.id ?? null,
  rule,
  code: attempts.at(-1)?.code ?? 'unknown',
  message: attempts.at(-1)?.message ?? '',
});
