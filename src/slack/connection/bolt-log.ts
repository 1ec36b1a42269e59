import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../../runtime/log.ts';

/**
 * Bolt's and its client's log, in ours. What stands behind the first colon, bracket or quote of a message may be from a
 * request or an answer, and so from an attendee: only what is in front is Slack's own words, and is kept.
 */
export const boltLog = (log: Log): Logger => {
  const write = (level: 'warn' | 'error', message: unknown): void => {
    const words = typeof message === 'string' ? (/^[\w ,.#()`/-]{3,160}/.exec(message)?.[0] ?? '').trim() : '';
    if (words) log[level]({ from: 'bolt' }, words);
  };
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: unknown) => write('warn', message),
    error: (message: unknown) => write('error', message),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
};
