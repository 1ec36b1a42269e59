import { messageOf } from '../core/errors.ts';
import { leave } from './leave.ts';
import type { Log } from './log.ts';

/** Milliseconds that stopping may take: process managers kill what has not stopped by itself soon after. */
const DEADLINE = 10_000;

/** Ctrl-C reaches both the bot and npm, which passes it on: two signals within so many milliseconds count as one. */
const ECHO = 1_000;

export type StopTimes = { readonly deadline?: number; readonly echo?: number };

/**
 * Stops in order on SIGTERM and SIGINT. A second signal, or ten seconds without an end, end the process at once, even where a
 * thread hangs on a disk; nothing is lost then either: what was under way goes on after the next start. An error nobody
 * handled ends it too, for a clean restart.
 */
export const stopOnSignals = (stop: () => Promise<void>, log: Log, times: StopTimes = {}): void => {
  const { deadline: deadlineAfter = DEADLINE, echo = ECHO } = times;
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince >= echo) leave(1);
      return;
    }
    stoppingSince = performance.now();
    log.info(`${signal} received: finishing what is under way`);
    const deadline = setTimeout(() => {
      log.warn('not everything finished in time; it goes on after the next start');
      leave(1);
    }, deadlineAfter);
    stop().then(
      () => {
        clearTimeout(deadline);
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ error: messageOf(error) }, 'stopping failed');
        leave(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const onFault = (error: unknown): void => {
    log.fatal({ err: error }, 'an error nobody handled: the bot stops, and goes on where it was after the next start');
    leave(1);
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
};
