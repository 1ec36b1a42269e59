export {
  columnsOf,
  KEPT_TABLE_NAMES,
  KEPT_TABLES,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
} from './kept-tables.ts';

import type { Kept, KeptRow, KeptTable } from './kept-tables.ts';

/** The port of keep/: retention, erasing what is kept about a person, and moving to another store. */
export type KeepingStore = {
  /**
   * One step of retention: examines the next few webhooks after `after`, in order of arrival, and forgets those that have
   * expired, see ForgetStep. A step is small enough that no other call waits long for it.
   */
  forget(step: ForgetStep): Promise<ForgetOutcome>;
  /** What all steps of forget() together would remove; reads the whole store once. */
  forgettable(before: number): Promise<Forgotten>;
  /** Returns some of the unused space to the file system; `left` is how many bytes can still be returned. */
  giveBack(): Promise<{ readonly left: number }>;
  size(): Promise<StoreSize>;
  /** A page of a table's rows in the order of its key, after `after`; from the beginning if that is undefined. */
  rows(table: KeptTable, after: Kept | undefined, limit: number): Promise<readonly KeptRow[]>;
  /** The rows whose column holds one of `values`. */
  rowsWith(table: KeptTable, column: string, values: readonly Kept[]): Promise<readonly KeptRow[]>;
  /**
   * A page of the rows that may contain one of `texts` (ASCII, in lower case) in any column, in the order of the key. Returns
   * every row that contains it, in any case, and also every row with characters beyond ASCII or with escapes of JSON, HTML or
   * URLs, since these may spell it: the caller decides.
   */
  rowsHolding(
    table: KeptTable,
    texts: readonly string[],
    after: Kept | undefined,
    limit: number,
  ): Promise<readonly KeptRow[]>;
  /** Applies all changes atomically; `conflict`, with nothing written, if a row is no longer as it was read. */
  rewrite(changes: readonly RowChange[]): Promise<'written' | 'conflict'>;
};

/**
 * Resources expire as a whole, with their webhooks and deliveries: when nothing was received about them since `before` (Unix
 * milliseconds), their start and end, if known, lie before that, and no delivery is pending or running. A registration expires
 * only when its event could too, and an event stays as long as it has a registration. A webhook without a resource expires by
 * its own time. What has not been routed stays.
 */
export type ForgetStep = {
  readonly before: number;
  readonly after: number;
  /** How many webhooks are examined at most. */
  readonly most: number;
};

export type Forgotten = { readonly webhooks: number; readonly resources: number; readonly deliveries: number };

/** `next` is the `after` of the next step; null at the end. */
export type ForgetOutcome = Forgotten & { readonly next: number | null };

export type StoreSize = {
  /** Size on disk, all files together. */
  readonly bytes: number;
  /** How many of those are free for new rows. */
  readonly unused: number;
  /** Whether giveBack() can return unused space: a SQLite store made by an older version has to be compacted once first. */
  readonly givesBack: boolean;
  readonly rows: Readonly<Record<KeptTable, number>>;
};

/** A row as it was read and as it is to become. Without `before` it is inserted, without `after` deleted. */
export type RowChange = {
  readonly table: KeptTable;
  readonly before: KeptRow | undefined;
  readonly after: KeptRow | undefined;
};

/** The target of moving a store, row by row. It has to be empty. */
export type MoveTarget = Pick<KeepingStore, 'rows'> & {
  /** Whether a move from this source was begun and not finished. */
  isBegun(source: string): Promise<boolean>;
  /**
   * To be called first. `resumed` if an interrupted move from this source goes on; `anew` if the source has changed since the
   * interruption, so that the rows moved before were removed. Throws an OperatorError if the target holds anything else. Until
   * finish(), no bot can open it.
   */
  begin(source: string, state: string): Promise<'begun' | 'resumed' | 'anew'>;
  /** The highest key in a table; undefined if the table is empty, or its keys are not numbers. */
  last(table: KeptTable): Promise<Kept | undefined>;
  /** Adds rows; those already present are left alone. Until finish(), a loss of power may lose the latest. */
  insert(table: KeptTable, rows: readonly KeptRow[]): Promise<void>;
  /** Makes it ready for use once all rows are there; reports to `tell` how many of its steps are done. */
  finish(tell: (done: number, all: number) => void): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
