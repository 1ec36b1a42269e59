import { hash } from 'node:crypto';
import { ALERTS_CARD } from '../store/card-ports.ts';
import {
  columnsOf,
  KEPT_TABLE_NAMES,
  type KeepingStore,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
  type MoveTarget,
} from '../store/keeping-ports.ts';

type Reading = Pick<KeepingStore, 'rows'>;

/** Rows read and written at once; fewer of large rows, by their bytes. */
const MOST_ROWS = 5_000;
const FEWEST_ROWS = 50;
const MOST_BYTES = 8_000_000;

/** Identifies a store by its first webhook, so that an interrupted move resumes only from the same source. */
export const sourceName = async (source: Reading): Promise<string> => {
  const [first] = await source.rows('webhook', undefined, 1);
  return hash('sha256', JSON.stringify([first?.seq ?? null, first?.id ?? null, first?.received_at ?? null]));
};

/** Changes whenever a bot runs on the store: a bot writes to its alerts card at its start, and every minute. */
export const sourceState = async (source: Pick<KeepingStore, 'rowsWith' | 'size'>): Promise<string> => {
  const noted = await source.rowsWith('card', 'key', [ALERTS_CARD]);
  return hash('sha256', JSON.stringify([(await source.size()).rows, noted]));
};

export type Sum = { readonly rows: number; readonly sum: string };
export type Sums = ReadonlyMap<KeptTable, Sum>;

/** Is called with how many rows of a table were read so far, and whether that is all. */
export type Tell = (table: KeptTable, rows: number, all: boolean) => void;

/** Copies the rows that the target lacks, table by table, and returns the source's sums: each of its rows is read once. */
export const moveRows = async (source: Reading, target: MoveTarget, tell: Tell): Promise<Sums> => {
  const sums = new Map<KeptTable, Sum>();
  for (const table of KEPT_TABLE_NAMES) {
    const last = await target.last(table);
    // Where keys are not numbers, `last` is undefined and all rows are offered: insert() skips those that exist.
    const isThere = (row: KeptRow): boolean => last !== undefined && Number(keyOf(table, row)) <= Number(last);
    const write = async (rows: readonly KeptRow[]): Promise<void> => {
      for (const part of parts(rows.filter((row) => !isThere(row)))) await target.insert(table, part);
    };
    sums.set(table, await summed(source, table, tell, write));
  }
  return sums;
};

/** The sums of a store, which is read from beginning to end. */
export const sumsOf = async (store: Reading, tell: Tell): Promise<Sums> => {
  const sums = new Map<KeptTable, Sum>();
  for (const table of KEPT_TABLE_NAMES) sums.set(table, await summed(store, table, tell, async () => undefined));
  return sums;
};

/**
 * Reads a table, hands each page to `each`, and returns the number of rows with a checksum that does not depend on their
 * order: the sum of the SHA-256 of each row. Texts are compared as PostgreSQL can store them, see store/postgres/text.ts.
 */
const summed = async (
  store: Reading,
  table: KeptTable,
  tell: Tell,
  each: (rows: readonly KeptRow[]) => Promise<void>,
): Promise<Sum> => {
  const names = columnsOf(table).map(([name]) => name);
  let rows = 0;
  let [high, low] = [0n, 0n];
  const add = (page: readonly KeptRow[]): void => {
    for (const row of page) {
      const digest = hash('sha256', JSON.stringify(names.map((name) => comparable(row[name] ?? null))), 'buffer');
      high = BigInt.asUintN(64, high + digest.readBigUInt64BE(0));
      low = BigInt.asUintN(64, low + digest.readBigUInt64BE(8));
    }
    rows += page.length;
  };
  for await (const page of pages(store, table)) {
    // Sums up this page while the target writes it.
    const [done] = await Promise.allSettled([each(page), add(page)]);
    if (done.status === 'rejected') throw done.reason;
    tell(table, rows, false);
  }
  tell(table, rows, true);
  return { rows, sum: [high, low].map((part) => part.toString(16).padStart(16, '0')).join('') };
};

const comparable = (value: Kept): Kept => {
  if (value instanceof Uint8Array) return hash('sha256', value);
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u{10ffff}', '\ufffd') : value;
};

/** The pages of a table; the next is read ahead while one is worked on. */
async function* pages(store: Reading, table: KeptTable): AsyncGenerator<readonly KeptRow[]> {
  let limit = FEWEST_ROWS;
  let reading = store.rows(table, undefined, limit);
  for (;;) {
    const rows = await reading;
    const last = rows.at(-1);
    if (!last) return;
    const more = rows.length === limit;
    limit = nextLimit(rows);
    if (more) reading = store.rows(table, keyOf(table, last), limit);
    // A consumer that stops early leaves this unawaited: its failure must not become an unhandled rejection.
    reading.catch(() => undefined);
    yield rows;
    if (!more) return;
  }
}

const bytesOf = (row: KeptRow): number => {
  let bytes = 0;
  for (const value of Object.values(row)) if (value !== null && typeof value !== 'number') bytes += value.length;
  return bytes;
};

/** As many rows as fit the limit of bytes if they are as large as these; growing at most tenfold at a time. */
const nextLimit = (rows: readonly KeptRow[]): number => {
  const bytes = rows.reduce((sum, row) => sum + bytesOf(row), 1);
  const fitting = Math.floor((rows.length * MOST_BYTES) / bytes);
  return Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, 10 * rows.length, fitting));
};

/** Splits rows so that each part stays around the limit of bytes. */
const parts = (rows: readonly KeptRow[]): KeptRow[][] => {
  const found: KeptRow[][] = [];
  let bytes = MOST_BYTES;
  for (const row of rows) {
    if (bytes >= MOST_BYTES) {
      found.push([]);
      bytes = 0;
    }
    found.at(-1)?.push(row);
    bytes += bytesOf(row);
  }
  return found;
};

export type Compared = { readonly table: KeptTable; readonly from: Sum; readonly to: Sum; readonly equal: boolean };

const NOTHING: Sum = { rows: 0, sum: '' };

/** Compares source and target, table by table. */
export const compare = (source: Sums, target: Sums): Compared[] =>
  KEPT_TABLE_NAMES.map((table) => {
    const [from, to] = [source.get(table) ?? NOTHING, target.get(table) ?? NOTHING];
    return { table, from, to, equal: from.rows === to.rows && from.sum === to.sum };
  });
