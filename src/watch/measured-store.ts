import type { ActionKind } from '../core/rule.ts';
import type { Store } from '../store/ports.ts';
import type { Metrics } from './metrics.ts';
import type { Pulses } from './pulses.ts';

type Calls = Readonly<Record<string, unknown>>;
type Call = (...args: never[]) => unknown;

/** Its time is spent waiting for other processes, not for the store. */
const NOT_MEASURED: ReadonlySet<string> = new Set(['inTurn']);
/** The calls of which a lane makes at least one in each round; their first argument is the kind. */
const LANE_CALLS: ReadonlySet<string> = new Set(['due', 'nextDue', 'getPause', 'setPause']);

/**
 * Wraps a store so that each call is timed, and accepted webhooks, refused requests and ended deliveries are counted. A loop
 * that asks for work gives a heartbeat by that. Costs about a microsecond a call.
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

/** The name of the loop that delivers by one channel. */
export const laneOf = (kind: ActionKind | string): string => `${kind} lane`;

const counted = (store: Store, metrics: Metrics): Pick<Store, 'accept' | 'recordRejections' | 'claim' | 'settle'> => {
  /** The channels of running attempts, since a settlement does not name its channel. */
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
