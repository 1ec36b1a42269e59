import { safeCell } from '../../core/csv.ts';
import { columnKey, keyOf } from './csv.ts';
import { type CsvRecord, readRecords } from './csv-reader.ts';
import { refuseOpenQuote } from './last-line.ts';
import type { PendingRow } from './pending-row.ts';
import type { OpenSheet } from './sheet-file.ts';

/** The cells that the rows of a batch write under one key; a later row overrides an earlier one. */
export type Wanted = { readonly rows: PendingRow[]; readonly cells: Map<string, string> };

/** Groups rows by key, in the order of the keys' first rows. */
export const wantedByKey = (key: string, rows: readonly PendingRow[]): ReadonlyMap<string, Wanted> => {
  const wanted = new Map<string, Wanted>();
  for (const row of rows) {
    const name = keyOf(key, row.columns);
    const one: Wanted = wanted.get(name) ?? { rows: [], cells: new Map() };
    one.rows.push(row);
    for (const [column, value] of Object.entries(row.columns)) one.cells.set(columnKey(column), safeCell(value));
    wanted.set(name, one);
  }
  return wanted;
};

export type Scan = {
  readonly header: CsvRecord;
  /** The last row of each wanted key; in a file that was an append-only log before, that is the newest. */
  readonly found: ReadonlyMap<string, CsvRecord>;
  /** The number of cells of the longest record: people also write to the right of the last header. */
  readonly width: number;
};

/** Reads a file once. undefined where it has no header; throws a DeliveryError where a person left a quote open. */
export const scan = async (
  { handle }: OpenSheet,
  file: string,
  key: string,
  wanted: ReadonlyMap<string, unknown>,
): Promise<Scan | undefined> => {
  let header: CsvRecord | undefined;
  let place = -1;
  let width = 0;
  const found = new Map<string, CsvRecord>();
  for await (const record of readRecords(handle)) {
    if (record.open || record.astray) await refuseOpenQuote(handle, file, record);
    width = Math.max(width, record.cells.length);
    if (header === undefined) {
      header = record;
      place = record.cells.map(columnKey).indexOf(columnKey(key));
      continue;
    }
    const name = columnKey(record.cells[place] ?? '');
    if (wanted.has(name)) found.set(name, record);
  }
  return header && { header, found, width };
};

/** A record's cells with the wanted ones in their columns, padded to the length of the header. */
export const merged = (
  cells: readonly string[],
  wanted: ReadonlyMap<string, string>,
  header: readonly string[],
): string[] => {
  const all = [...cells, ...header.slice(cells.length).map(() => '')];
  const places = header.map(columnKey);
  for (const [name, value] of wanted) {
    const place = places.indexOf(name);
    if (place !== -1) all[place] = value;
  }
  return all;
};
