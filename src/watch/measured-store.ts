import type { ActionKind } from '../core/rule.ts';
import type { Store } from '../store/ports.ts';
import type { Metrics } from './metrics.ts';
import type { Pulses } from './pulses.ts';

type Calls = Readonly<Record<string, unknown>>;
type Call = (...args: never[]) => unknown;

/** Waits for others, not for the store. */
const NOT_MEASURED: ReadonlySet<string> = new Set(['inTurn']);
/** What a lane asks in each of its rounds; the kind is the first argument. */
const LANE_CALLS: ReadonlySet<string> = new Set(['due', 'nextDue', 'getPause', 'setPause']);

/**
 * The same store, of which each call is timed and what can be told from calls is counted: accepted, rejected, ended. That a
 * loop asks for work shows that it goes round. Costs about a microsecond a call.
 */
export const measuredStore = (store: Store, { metrics, pulses }: { metrics: Metrics; pulses: Pulses }): Store => {
  const timed = Object.fromEntries(
    Object.entries(store as unknown as Calls)
      .filter(([name, call]) => typeof call === 'function' && !NOT_MEASURED.has(name))
      .map(([name, call]) => [name, timedCall(name, call as Call, metrics, pulses)]),
  ) as Partial<Store>;
  const all: Store = { ...store, ...timed };
  return { ...all, ...counted(all, metrics) };
};

const timedCall = (method: string, call: Call, metrics: Metrics, pulses: Pulses) => {
  const observe = metrics.storeCall(method);
  const beats = beatsOf(method, pulses);
  return async (...args: never[]): Promise<unknown> => {
    beats?.(args[0]);
    const began = performance.now();
    let failed = true;
    try {
      const result = await call(...args);
      failed = false;
      return result;
    } finally {
      observe(failed, (performance.now() - began) / 1000);
    }
  };
};

const beatsOf = (method: string, pulses: Pulses): ((kind: unknown) => void) | undefined => {
  if (method === 'unrouted') return () => pulses.beat('router');
  return LANE_CALLS.has(method) ? (kind) => pulses.beat(laneOf(String(kind))) : undefined;
};

/** What the loop that delivers by a channel is called. */
export const laneOf = (kind: ActionKind | string): string => `${kind} lane`;

const counted = (store: Store, metrics: Metrics): Pick<Store, 'accept' | 'recordRejections' | 'claim' | 'settle'> => {
  /** Which channel an attempt under way is of: a settlement does not say. */
  const kinds = new Map<number, ActionKind>();
  return {
    async accept(webhook) {
      const began = performance.now();
      let outcome: 'stored' | 'duplicate' | 'failed' = 'failed';
      try {
        outcome = await store.accept(webhook);
        return outcome;
      } finally {
        metrics.accepted(outcome, (performance.now() - began) / 1000);
      }
    },
    recordRejections(rejections) {
      for (const { reason } of rejections) metrics.rejected(reason);
      return store.recordRejections(rejections);
    },
    async claim(ids, now) {
      const claimed = await store.claim(ids, now);
      for (const { attempt, kind } of claimed) kinds.set(attempt, kind);
      return claimed;
    },
    async settle(settlement) {
      await store.settle(settlement);
      const kind = kinds.get(settlement.attempt);
      const { status } = settlement.outcome;
      if (kind && status !== 'pending') metrics.ended(kind, status);
      kinds.delete(settlement.attempt);
    },
  };
};
