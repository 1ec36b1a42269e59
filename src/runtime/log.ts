import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { createLogGuard } from './log-guard.ts';

export type Log = Logger;

export type LogOptions = {
  readonly level: string;
  readonly production: boolean;
  /** Values that must never appear in the log, not even in an error from elsewhere. */
  readonly secrets?: readonly string[];
};

/**
 * The bot's log, on standard output: readable lines on a terminal and outside production, JSON otherwise. Entries name ids,
 * never attendees, bodies or secrets; those that errors from elsewhere contain are redacted.
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

/** A log that writes nothing, for commands whose output must stay clean. */
export const silentLog = (): Log => pino({ level: 'silent' });
