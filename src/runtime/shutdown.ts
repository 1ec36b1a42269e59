import { messageOf } from '../core/errors.ts';
import type { Log } from './log.ts';

/** A process manager kills what has not stopped by itself after so long. */
const DEADLINE = 10_000;

/** A terminal's Ctrl-C reaches the bot and npm, which passes it on: within so long, two signals are one. */
const ECHO = 1_000;

export type StopTimes = { readonly deadline?: number; readonly echo?: number };

/**
 * Stops in order on SIGTERM and SIGINT; a second signal after that, or ten seconds, end the process at once (nothing is lost then
 * either: what was under way goes on after the next start). What no one handled ends it too, for a clean restart.
 */
export const stopOnSignals = (stop: () => Promise<void>, log: Log, times: StopTimes = {}): void => {
  const { deadline: deadlineAfter = DEADLINE, echo = ECHO } = times;
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince >= echo) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    log.info(`${signal} received: finishing what is under way`);
    const deadline = setTimeout(() => {
      log.warn('not everything finished in time; it goes on after the next start');
      process.exit(1);
    }, deadlineAfter);
    stop().then(
      () => {
        clearTimeout(deadline);
        log.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ error: messageOf(error) }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const onFault = (error: unknown): void => {
    log.fatal({ err: error }, 'an error nobody handled: the bot stops, and goes on where it was after the next start');
    process.exit(1);
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
};
