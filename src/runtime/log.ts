import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

/**
 * The bot's log, on standard output: lines for people on a terminal and outside production, JSON otherwise. What is
 * logged names ids, never attendees, bodies or secrets.
 */
export const createLog = (options: { level: string; production: boolean }): Log => {
  const settings = { level: options.level, base: null };
  if (options.production && !process.stdout.isTTY)
    return pino({ ...settings, timestamp: pino.stdTimeFunctions.isoTime });
  return pino(
    settings,
    pretty({
      sync: true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      colorize: process.stdout.isTTY,
    }),
  );
};

/** A log that keeps silent, for programs whose output is theirs alone. */
export const silentLog = (): Log => pino({ level: 'silent' });
