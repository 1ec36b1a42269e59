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

/** For keep/: what is forgotten after its time, what is erased for a person, and what is carried to another store. */
export type KeepingStore = {
  /**
   * Looks at the next few webhooks behind `after` in the order they came in, and forgets those that are over, see
   * ForgetStep. Small enough a step that nobody waits long behind it.
   */
  forget(step: ForgetStep): Promise<ForgetOutcome>;
  /** What forget() would come to, all steps together; reads the whole store once. */
  forgettable(before: number): Promise<Forgotten>;
  /** Returns a bit of the space that was freed to the disk; `left` says how many bytes can still be given back. */
  giveBack(): Promise<{ readonly left: number }>;
  size(): Promise<StoreSize>;
  /** Rows of a table in the order of its key, those after `after`; from the beginning where that is undefined. */
  rows(table: KeptTable, after: Kept | undefined, limit: number): Promise<readonly KeptRow[]>;
  /** The rows that have one of `values` in a column. */
  rowsWith(table: KeptTable, column: string, values: readonly Kept[]): Promise<readonly KeptRow[]>;
  /**
   * Rows after `after` in the order of the key that may hold one of `texts` (ASCII, in lower case) in any column: all that do,
   * in letters of any case, and besides all those with letters beyond ASCII or with escapes, as JSON, HTML and URLs have
   * them, which may spell it.
   */
  rowsHolding(
    table: KeptTable,
    texts: readonly string[],
    after: Kept | undefined,
    limit: number,
  ): Promise<readonly KeptRow[]>;
  /** Writes all of the changes, or `conflict` and none where a row is not what it was read as. */
  rewrite(changes: readonly RowChange[]): Promise<'written' | 'conflict'>;
};

/**
 * What is over goes as a whole: a resource of which nothing was received since `before` (Unix milliseconds), whose start,
 * if known, lies before that, and of which no delivery waits or runs; for a registration the same has to hold of its
 * event, and an event stays as long as a registration of it is there. Webhooks without a resource go by their own time.
 * What is not routed yet stays.
 */
export type ForgetStep = {
  readonly before: number;
  readonly after: number;
  /** How many webhooks are looked at. */
  readonly most: number;
};

export type Forgotten = { readonly webhooks: number; readonly resources: number; readonly deliveries: number };

/** `next`: where the next step begins; null at the end. */
export type ForgetOutcome = Forgotten & { readonly next: number | null };

export type StoreSize = {
  /** On disk, all files together. */
  readonly bytes: number;
  /** Of those, free for what comes next. */
  readonly unused: number;
  /** Whether giveBack() can return unused space; a SQLite store of an older version has to be compacted once. */
  readonly givesBack: boolean;
  readonly rows: Readonly<Record<KeptTable, number>>;
};

/** A row as it was read and as it has to be; without `before` it is new, without `after` it goes. */
export type RowChange = {
  readonly table: KeptTable;
  readonly before: KeptRow | undefined;
  readonly after: KeptRow | undefined;
};

/** Where a store is moved to, row by row; only an empty one takes any. */
export type MoveTarget = Pick<KeepingStore, 'rows'> & {
  /** Whether a move from this source was begun there, and not finished. */
  isBegun(source: string): Promise<boolean>;
  /**
   * To be called first. `resumed` where the move from this source was broken off before; `anew` where the source is in another
   * state since, so that what was moved is taken away again. Throws an OperatorError where it holds anything else. From then on
   * to finish() no bot may use it.
   */
  begin(source: string, state: string): Promise<'begun' | 'resumed' | 'anew'>;
  /** The last key that is there; undefined where none is, or keys are no numbers. */
  last(table: KeptTable): Promise<Kept | undefined>;
  /** Adds rows; those that are there already are left alone. Until finish(), a loss of power may take the latest away. */
  insert(table: KeptTable, rows: readonly KeptRow[]): Promise<void>;
  /** Makes it ready for use, when all is there; `tell` hears how many of its steps are done. */
  finish(tell: (done: number, all: number) => void): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};
