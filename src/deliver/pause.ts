import { type DeliveryError, messageOf } from '../core/errors.ts';
import type { ActionKind } from '../core/rule.ts';
import type { Log } from '../runtime/log.ts';
import type { DeliveryStore, Pause } from '../store/ports.ts';
import { LONGEST_PAUSE, pauseLength } from './backoff.ts';

/** Holds a whole channel while its credentials fail, and lets single deliveries through to see whether they work again. */
export type PauseGate = {
  /** Milliseconds until the next try; 0 where the channel may work. */
  closedFor(): number;
  /** Whether the pause that is left was lifted in the store: by a retry, perhaps of another process. */
  lifted(): Promise<boolean>;
  /** Hears of pauses that other processes set or lifted. Asks the store at most once a second. */
  hear(): Promise<void>;
  /** How many attempts may be under way: one while it is being tried whether the channel works again. */
  places(concurrency: number): number;
  /** The channel itself failed: pause, longer each time in a row. */
  close(error: DeliveryError): Promise<void>;
  /** The channel works. */
  open(): Promise<void>;
};

/** How often other processes' pauses are looked for, in milliseconds. */
const HEAR_MS = 1_000;

export const createPauseGate = (
  kind: ActionKind,
  store: Pick<DeliveryStore, 'setPause' | 'getPause'>,
  now: () => number,
  log: Log,
): PauseGate => {
  let failures = 0;
  let since = 0;
  let until = 0;
  /** From the first failure until an attempt succeeds. */
  let trying = false;
  /** Whether the store shows the pause: only then that it does no longer means that somebody lifted it. */
  let shown = false;
  /** The end of the pause that the store showed last, whoever set it; what was there at the start holds up nobody. */
  let heard: number | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;
  let first = true;

  // What is shown may lag behind for a moment; that it can't be shown must not stop the channel.
  const show = async (pause: Pause | undefined): Promise<void> => {
    shown = false;
    try {
      await store.setPause(kind, pause);
      shown = true;
      heard = pause?.until;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'a pause could not be noted');
    }
  };

  return {
    closedFor() {
      // A clock that was set back must not make a pause last longer than any pause does.
      until = Math.min(until, now() + LONGEST_PAUSE);
      return Math.max(0, until - now());
    },
    async lifted() {
      const seen = until;
      if (!shown || (await store.getPause(kind)) || until !== seen) return false;
      // Should the trouble go on, the next pause is the shortest: whoever lifted this one is about to mend it.
      failures = 0;
      until = 0;
      log.info({ channel: kind }, `the pause of ${kind} was lifted: trying whether it works`);
      return true;
    },
    async hear() {
      if (Math.abs(now() - heardAt) < HEAR_MS) return;
      heardAt = now();
      const before = heard;
      const pause = await store.getPause(kind);
      // Somebody in this process was quicker.
      if (heard !== before) return;
      heard = pause?.until;
      const atStart = first;
      first = false;
      if (pause && pause.until !== before) {
        // A process that starts may have been given what was missing: it tries at once, with one.
        if (!atStart) until = Math.max(until, pause.until);
        since = pause.since;
        failures = Math.max(failures, 1);
        trying = true;
        shown = true;
      } else if (!pause && before !== undefined) {
        // It works for another, or somebody is about to mend it: one goes first here too.
        failures = 0;
        until = 0;
      }
    },
    places: (concurrency) => (trying ? 1 : concurrency),
    async close(error) {
      // Attempts that were under way together fail together: that is one failure, not many.
      if (until > now()) return;
      failures += 1;
      trying = true;
      if (failures === 1) since = now();
      until = now() + pauseLength(failures);
      const seconds = Math.round((until - now()) / 1000);
      log.error({ channel: kind, code: error.code, seconds }, `${kind} is paused: ${error.message}`);
      await show({ since, until, code: error.code, message: error.message });
    },
    async open() {
      if (!trying) return;
      trying = false;
      failures = 0;
      until = 0;
      log.info({ channel: kind }, `${kind} works again`);
      await show(undefined);
    },
  };
};
