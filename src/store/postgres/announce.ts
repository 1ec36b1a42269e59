import type { Work } from '../process-ports.ts';
import type { Sql } from './database.ts';

/** Tells processes that perform work that there is some, from `at` (Unix milliseconds) on. */
export type Announce = {
  /** Part of the transaction that creates the work: listeners are told once that is committed, and only then. */
  within(sql: Sql, work: readonly { readonly work: Work; readonly at: number }[]): Promise<void>;
  /** A hint outside of any transaction, which may be lost: workers also poll every second. */
  soon(work: Work): void;
};
