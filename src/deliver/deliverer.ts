import type { ActionKind } from '../core/rule.ts';
import type { DeliveryStore } from '../store/ports.ts';
import type { Channel } from './channel.ts';
import { type LaneDeps, startLane } from './lane.ts';

export type Deliverer = {
  /** Signals that deliveries may be due: of one kind, or of any. */
  wake(kind?: ActionKind): void;
  /** Finishes or hands back what is under way, within about ten seconds. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Milliseconds for running attempts to finish at a stop; with handing back the rest, a stop stays under ten seconds. */
const GRACE = 6_000;

/**
 * Starts one lane per channel. Attempts that a crash left running are first ended as unclear, so that channels look for
 * their effects before repeating them. Only one deliverer may run on an SQLite store: app.ts holds a lock for that. Processes
 * that share a store share its pauses too, so a start clears none there.
 */
export const startDeliverer = async (
  deps: Omit<LaneDeps, 'channel' | 'store'> & { readonly store: DeliveryStore; readonly channels: readonly Channel[] },
): Promise<Deliverer> => {
  const { store, channels, shared, now, log } = deps;
  const recovered = await store.recoverRunning(now());
  if (recovered > 0)
    log.warn({ deliveries: recovered }, 'deliveries were under way when the bot last stopped; they go on');
  if (!shared) for (const channel of channels) await store.setPause(channel.kind, undefined);

  const lanes = channels.map((channel) => ({ kind: channel.kind, lane: startLane({ ...deps, channel }) }));
  return {
    wake: (kind) => {
      for (const each of lanes) if (kind === undefined || each.kind === kind) each.lane.wake();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map(({ lane }) => lane.stop(GRACE)));
      await Promise.all(channels.map((channel) => channel.close?.()));
    },
  };
};
