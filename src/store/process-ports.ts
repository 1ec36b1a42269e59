import type { ActionKind } from '../core/rule.ts';

/*
 * What processes that share a store ask of it beside what they keep there. Where one process works alone, all of it stays
 * within the process.
 */

/** For whatever must not happen beside its like, in this process or another: writing one file, posting one card. */
export type Turns = {
  /**
   * Runs `work` while nobody else runs work of that name, and passes on what it came to. Waits for as long as it takes;
   * the turn of a process that dies is over at once.
   */
  inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
};

/** Something to do: to decide on webhooks, or to perform deliveries of a kind. */
export type Work = 'route' | ActionKind;

/** How processes hear of work that others have made. */
export type Signals = {
  /**
   * Calls `wake` soon after other processes have made work of this kind, and when such work falls due. At least one of
   * those who listen hears of it; hearing of what somebody else has done already is harmless.
   */
  onWork(work: Work, wake: () => void): void;
  /**
   * Runs a chore every so many minutes (from 1 to 60, a divisor of 60) in one of the processes that offer to. Failures are
   * logged, and the chore runs again at the next time.
   */
  every(minutes: number, chore: string, run: () => Promise<void>): void;
};
