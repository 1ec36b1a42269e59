import { type Logger, LogLevel } from '@slack/web-api';
import type { Log } from '../../runtime/log.ts';

/** For clients whose failures are thrown and told by whoever called: their own log would tell them again, with what was sent. */
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
 * Bolt's log, in ours. What stands behind the first colon, bracket or quote of a message may be from a
 * request or an answer, and so from an attendee: only what is in front is Slack's own words, and is kept.
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
