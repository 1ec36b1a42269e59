import type { ActionKind } from '../core/rule.ts';

/*
 * How processes that share a store coordinate. Where one process works alone, all of this stays within the process.
 */

/** Mutual exclusion by name, within this process and between all of them: for writing one file, or posting one card. */
export type Turns = {
  /**
   * Runs `work` while nobody else runs work under that name, and settles as it does. Waits as long as it takes; a process
   * that dies gives up its turn at once.
   */
  inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
};

/** A kind of work: routing webhooks, or performing deliveries of one action kind. */
export type Work = 'route' | ActionKind;

/** How processes learn of work that others have created. */
export type Signals = {
  /**
   * Calls `wake` soon after another process has created work of this kind, and when such work falls due. At least one
   * listening process is woken. Spurious calls happen: the work may have been done already.
   */
  onWork(work: Work, wake: () => void): void;
};
