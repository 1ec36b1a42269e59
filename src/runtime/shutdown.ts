import { messageOf } from '../core/errors.ts';
import type { Log } from './log.ts';

/** A process manager kills what has not stopped by itself after so long. */
const DEADLINE = 10_000;

/**
 * Stops in order on SIGTERM and SIGINT; a second signal, or ten seconds, end the process at once (nothing is lost then
 * either: what was under way goes on after the next start). What no one handled ends it too, for a clean restart.
 */
export const stopOnSignals = (stop: () => Promise<void>, log: Log, deadlineAfter = DEADLINE): void => {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
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
