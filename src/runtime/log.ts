import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { createLogGuard } from './log-guard.ts';

export type Log = Logger;

export type LogOptions = {
  readonly level: string;
  readonly production: boolean;
  /** Values that must never be seen in a log, whoever's error repeats them. */
  readonly secrets?: readonly string[];
};

/**
 * The bot's log, on standard output: lines for people on a terminal and outside production, JSON otherwise. What is
 * logged names ids, never attendees, bodies or secrets; what an error from elsewhere says of those is taken out.
 */
export const createLog = ({ level, production, secrets }: LogOptions): Log => {
  const guard = createLogGuard(secrets);
  const to = (stream: { write(line: string): unknown }) => ({
    write: (line: string) => void stream.write(guard(line)),
  });
  const settings = { level, base: null };
  if (production && !process.stdout.isTTY) {
    return pino(
      { ...settings, timestamp: pino.stdTimeFunctions.isoTime },
      to(pino.destination({ dest: 1, sync: true })),
    );
  }
  const lines = pretty({
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
    colorize: process.stdout.isTTY,
  });
  return pino(settings, to(lines));
};

/** A log that keeps silent, for programs whose output is theirs alone. */
export const silentLog = (): Log => pino({ level: 'silent' });
