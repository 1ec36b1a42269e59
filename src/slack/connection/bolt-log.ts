import { type Logger, LogLevel } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';

/** For clients whose callers handle and log failures: the client's own log would repeat them, with what was sent. */
export const silentLogger = (): Logger => ({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
});

/**
 * Writes Bolt's warnings and errors to the bot's log. What follows the first colon, quote or square bracket of a message may
 * quote a request or an answer, and so attendee data: only the part before it is kept.
 */
export const boltLog = (log: Log): Logger => {
  const write = (level: 'warn' | 'error', message: unknown): void => {
    const words = typeof message === 'string' ? (/^[\w ,.#()`/-]{3,160}/.exec(message)?.[0] ?? '').trim() : '';
    if (words) log[level]({ from: 'bolt' }, words);
  };
  return {
    ...silentLogger(),
    warn: (message: unknown) => write('warn', message),
    error: (message: unknown) => write('error', message),
  };
};
