import type { Alert, DeadDelivery } from '../../core/alert.ts';
import { recipientOf } from '../../core/recipient.ts';
import type { StoryDelivery } from '../../store/ports.ts';
import { type AlertState, MOST_NAMED } from './state.ts';

type Dead = AlertState['dead'];

/** Deaths within so many milliseconds of an alert wait for the next, which counts them. */
export const GATHER = 10 * 60_000;
/** Clocks of processes differ, and deaths are written later than they happen: those of so long before are looked at again. */
const OVERLAP = 10 * 60_000;

/** When the earliest death may have been that was not told yet, in Unix milliseconds. */
export const deathsAfter = (dead: Dead, now: number): number =>
  // After a clock was set back, what was told is ahead of it, and so are deaths that were told then.
  Math.min(dead.until, now) - OVERLAP;

/** The deaths among `found` that were not told yet, oldest first. */
export const untoldDeaths = (dead: Dead, found: readonly StoryDelivery[], now: number): readonly StoryDelivery[] => {
  const told = new Set(dead.told);
  const from = deathsAfter(dead, now);
  const to = now + OVERLAP;
  return found
    .filter((each) => each.status === 'dead' && diedAt(each) > from && diedAt(each) < to && !told.has(nameOf(each)))
    .sort((one, other) => diedAt(one) - diedAt(other));
};

/** One alert for all of them, and what is to be remembered once it is owed. */
export const deathAlert = (
  before: Dead,
  deaths: readonly StoryDelivery[],
  now: number,
): { readonly dead: Dead; readonly alert: Extract<Alert, { as: 'dead' }> } => {
  const until = Math.max(Math.min(before.until, now), ...deaths.map(diedAt));
  // Names of what died long before `until` are needed no more: the time alone says that it was told.
  const told = [...before.told, ...deaths.map(nameOf)].filter((name) => timeOf(name) > until - OVERLAP);
  return {
    dead: { until, told, toldAt: now },
    alert: { as: 'dead', count: deaths.length, deliveries: deaths.slice(0, MOST_NAMED).map(shown), at: now },
  };
};

/** With when it died, since a delivery that was retried may die again, and that is news. */
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
