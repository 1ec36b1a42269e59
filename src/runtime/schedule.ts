import { messageOf } from '../core/errors.ts';
import type { Log } from './log.ts';

export type Schedule = {
  /** Does nothing: there are no other processes, and what the command line plans is found by polling. */
  onWork(work: string, wake: () => void): void;
  /** Runs a chore every so many minutes (a divisor of 60), for the first time after that; one run at a time. */
  every(minutes: number, chore: string, run: () => Promise<void>): void;
  /** Begins no more chores, and waits for those under way. */
  [Symbol.asyncDispose](): Promise<void>;
};

const MINUTE = 60_000;

/** Chores by timers, for a process that works alone; they don't keep it running. `minute` is in milliseconds, for tests. */
export const createSchedule = (log: Log, minute = MINUTE): Schedule => {
  const timers: NodeJS.Timeout[] = [];
  const underWay = new Map<string, Promise<void>>();
  return {
    onWork: () => {},
    every(minutes, chore, run) {
      if (!Number.isInteger(minutes) || minutes < 1 || 60 % minutes !== 0)
        throw new RangeError(`A chore runs every so many minutes, a divisor of 60, not ${minutes}`);
      const begin = (): void => {
        if (underWay.has(chore)) return;
        const running = run()
          .catch((error: unknown) =>
            log.error({ chore, error: messageOf(error) }, 'a chore failed; it is done again at its next time'),
          )
          .finally(() => underWay.delete(chore));
        underWay.set(chore, running);
      };
      timers.push(setInterval(begin, minutes * minute).unref());
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(underWay.values());
    },
  };
};
