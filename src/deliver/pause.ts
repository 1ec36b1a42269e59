import { type DeliveryError, messageOf } from '../core/errors.ts';
import type { ActionKind } from '../core/rule.ts';
import type { Log } from '../runtime/log.ts';
import type { DeliveryStore, Pause } from '../store/ports.ts';
import { LONGEST_PAUSE, pauseLength } from './backoff.ts';

/** A circuit breaker: pauses a whole channel while its credentials fail, then lets single deliveries through as probes. */
export type PauseGate = {
  /** Milliseconds until the next probe; 0 where the channel is not paused. */
  closedFor(): number;
  /** Whether the pause was lifted in the store meanwhile: by a `retry`, perhaps in another process. Then it has ended. */
  lifted(): Promise<boolean>;
  /** Takes over pauses that other processes set or lifted. Asks the store at most once a second. */
  refresh(): Promise<void>;
  /** How many attempts may run at once: a single one while the channel is probed. */
  places(concurrency: number): number;
  /** The channel itself failed: pause it, longer with each consecutive failure. */
  close(error: DeliveryError): Promise<void>;
  /** The channel works. */
  open(): Promise<void>;
};

/** How often the store is asked for other processes' pauses, in milliseconds. */
const REFRESH_MS = 1_000;

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
  /** Whether the pause was stored: only then does its absence mean that somebody lifted it. */
  let stored = false;
  /** The end of the pause last seen in the store, whoever set it; one that is there at the start holds up nothing. */
  let seenUntil: number | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let first = true;

  // Best effort: the stored pause is for people and other processes, and failing to write it must not stop the channel.
  const write = async (pause: Pause | undefined): Promise<void> => {
    stored = false;
    try {
      await store.setPause(kind, pause);
      stored = true;
      seenUntil = pause?.until;
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
      if (!stored || (await store.getPause(kind)) || until !== seen) return false;
      // Should it fail again, the backoff starts over: whoever lifted this pause is about to mend the cause.
      failures = 0;
      until = 0;
      log.info({ channel: kind }, `the pause of ${kind} was lifted: trying whether it works`);
      return true;
    },
    async refresh() {
      if (Math.abs(now() - refreshedAt) < REFRESH_MS) return;
      refreshedAt = now();
      const before = seenUntil;
      const pause = await store.getPause(kind);
      // This process set or lifted one while it asked, which is newer.
      if (seenUntil !== before) return;
      seenUntil = pause?.until;
      const atStart = first;
      first = false;
      if (pause && pause.until !== before) {
        // The restart may have brought the right credentials: probe at once.
        if (!atStart) until = Math.max(until, pause.until);
        since = pause.since;
        failures = Math.max(failures, 1);
        trying = true;
        stored = true;
      } else if (!pause && before !== undefined) {
        // The channel works for another process, or somebody is about to mend it: probe it here too.
        failures = 0;
        until = 0;
      }
    },
    places: (concurrency) => (trying ? 1 : concurrency),
    async close(error) {
      // Attempts that ran at the same time fail together: that counts as one failure.
      if (until > now()) return;
      failures += 1;
      trying = true;
      if (failures === 1) since = now();
      until = now() + pauseLength(failures);
      const seconds = Math.round((until - now()) / 1000);
      log.error({ channel: kind, code: error.code, seconds }, `${kind} is paused: ${error.message}`);
      await write({ since, until, code: error.code, message: error.message });
    },
    async open() {
      if (!trying) return;
      trying = false;
      failures = 0;
      until = 0;
      log.info({ channel: kind }, `${kind} works again`);
      await write(undefined);
    },
  };
};
