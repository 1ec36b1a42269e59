import { hash } from 'node:crypto';
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

type Source = Pick<KeepingStore, 'rows' | 'size'>;

/** Rows that are read and written at once; of large webhooks fewer, by their bytes. */
const PAGE = 2_000;
const MOST_BYTES = 8_000_000;

/** Names a store by its first webhook, so that a move is gone on with only from the same one. */
export const sourceName = async (source: Source): Promise<string> => {
  const [first] = await source.rows('webhook', undefined, 1);
  return hash('sha256', JSON.stringify([first?.seq ?? null, first?.id ?? null, first?.received_at ?? null]));
};

/** Copies what is not there yet, table by table; `tell` hears how many rows of how many are there. */
export const moveRows = async (
  source: Source,
  target: MoveTarget,
  tell: (table: KeptTable, done: number, all: number) => void,
): Promise<void> => {
  const { rows: counts } = await source.size();
  for (const table of KEPT_TABLE_NAMES) {
    let done = await target.count(table);
    const from = await target.last(table);
    if (done === counts[table]) {
      tell(table, done, done);
      continue;
    }
    // Where keys are no numbers all are offered again: what is there already is left alone.
    if (from === undefined) done = 0;
    for await (const rows of pages(source, table, from)) {
      for (const part of parts(rows)) await target.insert(table, part);
      done += rows.length;
      tell(table, done, counts[table]);
    }
  }
};

/** Pages of a table; the next is read while one is worked on. */
async function* pages(
  store: Pick<KeepingStore, 'rows'>,
  table: KeptTable,
  from: Kept | undefined,
): AsyncGenerator<readonly KeptRow[]> {
  let reading = store.rows(table, from, PAGE);
  for (;;) {
    const rows = await reading;
    const last = rows.at(-1);
    if (!last) return;
    const more = rows.length === PAGE;
    if (more) reading = store.rows(table, keyOf(table, last), PAGE);
    // Whoever stops early is not to blame for what it read in vain.
    reading.catch(() => undefined);
    yield rows;
    if (!more) return;
  }
}

const bytesOf = ({ body }: KeptRow): number => (body instanceof Uint8Array ? body.length : 0);

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

export type Sum = { readonly rows: number; readonly sum: string };

/**
 * How many rows there are, and a checksum of all of them: the sum of each row's SHA-256, whatever the order they are read in.
 * Texts are compared as PostgreSQL can keep them, see store/postgres/text.ts.
 */
export const sumOf = async (store: Pick<KeepingStore, 'rows'>, table: KeptTable): Promise<Sum> => {
  const names = columnsOf(table).map(([name]) => name);
  let rows = 0;
  let [high, low] = [0n, 0n];
  for await (const page of pages(store, table, undefined)) {
    for (const row of page) {
      const digest = hash('sha256', JSON.stringify(names.map((name) => comparable(row[name] ?? null))), 'buffer');
      high = BigInt.asUintN(64, high + digest.readBigUInt64BE(0));
      low = BigInt.asUintN(64, low + digest.readBigUInt64BE(8));
      rows += 1;
    }
  }
  return { rows, sum: [high, low].map((part) => part.toString(16).padStart(16, '0')).join('') };
};

const comparable = (value: Kept): Kept => {
  if (value instanceof Uint8Array) return hash('sha256', value);
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u{10ffff}', '\ufffd') : value;
};

export type Compared = { readonly table: KeptTable; readonly from: Sum; readonly to: Sum; readonly equal: boolean };

/** Compares both sides, table by table. */
export const compare = async (
  source: Pick<KeepingStore, 'rows'>,
  target: Pick<KeepingStore, 'rows'>,
  tell: (table: KeptTable) => void,
): Promise<Compared[]> => {
  const compared: Compared[] = [];
  for (const table of KEPT_TABLE_NAMES) {
    tell(table);
    const [from, to] = await Promise.all([sumOf(source, table), sumOf(target, table)]);
    compared.push({ table, from, to, equal: from.rows === to.rows && from.sum === to.sum });
  }
  return compared;
};
