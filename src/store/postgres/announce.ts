import type { Work } from '../process-ports.ts';
import type { Sql } from './database.ts';

/** Tells whoever listens that there is work from `at` (Unix milliseconds) on. */
export type Announce = {
  /** Within the transaction of what makes the work: they hear of it when that is committed, and only then. */
  within(sql: Sql, work: readonly { readonly work: Work; readonly at: number }[]): Promise<void>;
  /** Beside any transaction, where it need not arrive: whoever misses it looks by itself within a second. */
  soon(work: Work): void;
};
