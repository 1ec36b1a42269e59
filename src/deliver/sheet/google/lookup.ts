import { DeliveryError } from '../../../core/errors.ts';
import type { SheetsApi } from './api.ts';
import type { TabState } from './layout.ts';
import { columnName, rangeOf, sameText } from './requests.ts';
import type { GoogleRow } from './row.ts';

/** The rows that have each key, counted from 0, so that the header is 0. */
export type Found = ReadonlyMap<GoogleRow, readonly number[]>;

export type Candidate = { readonly row: GoogleRow; readonly state: TabState };

/**
 * Finds the rows that have the keys of `candidates`, wherever people have moved them; only for those that update a row or may
 * have been written by an earlier attempt. One request for all.
 */
export const findRows = async (
  api: SheetsApi,
  spreadsheet: string,
  candidates: readonly Candidate[],
): Promise<Found> => {
  const columns = new Map<string, { readonly range: string; readonly rows: GoogleRow[] }>();
  for (const { row, state } of candidates) {
    const column = state.header.indexOf(row.keyColumn);
    if (column === -1 || !(row.keyed || row.doubt)) continue;
    const name = columnName(column);
    const range = rangeOf(state.title, `${name}2:${name}`);
    columns.getOrInsertComputed(range, () => ({ range, rows: [] })).rows.push(row);
  }
  const wanted = [...columns.values()];
  const answers =
    wanted.length === 0
      ? []
      : await api.read(
          spreadsheet,
          wanted.map(({ range }) => range),
        );

  const found = new Map<GoogleRow, readonly number[]>();
  for (const [index, { rows }] of wanted.entries()) {
    const places = new Map<string, number[]>();
    for (const [offset, [text = '']] of (answers[index] ?? []).entries()) {
      const key = sameText(text);
      if (key !== '') places.getOrInsertComputed(key, () => []).push(offset + 1);
    }
    for (const row of rows) found.set(row, places.get(row.key) ?? []);
  }
  return found;
};

/** The fault where several rows have the same key; undefined otherwise. */
export const ambiguous = ({ row, state }: Candidate, rows: readonly number[]): DeliveryError | undefined =>
  rows.length < 2
    ? undefined
    : new DeliveryError(
        'key_twice',
        `Rows ${rows
          .slice(0, 5)
          .map((at) => at + 1)
          .join(', ')} of the tab "${state.title}" have the same "${row.keyColumn}". ` +
          'Delete all but one; the row waits until then.',
        { verdict: 'retry' },
      );

/** Which of the rows that an earlier attempt may have written are there, with all their cells. */
export const landedRows = async (
  api: SheetsApi,
  spreadsheet: string,
  candidates: readonly Candidate[],
  found: Found,
): Promise<ReadonlySet<GoogleRow>> => {
  const doubtful = candidates.flatMap(({ row, state }) => {
    const [at, ...others] = found.get(row) ?? [];
    return row.doubt && at !== undefined && others.length === 0 ? [{ row, state, at }] : [];
  });
  const landed = new Set(doubtful.filter(({ row }) => !row.keyed).map(({ row }) => row));
  const keyed = doubtful.filter(({ row }) => row.keyed);
  if (keyed.length === 0) return landed;
  const ranges = keyed.map(({ state, at }) => rangeOf(state.title, `${at + 1}:${at + 1}`));
  const answers = await api.read(spreadsheet, ranges);
  for (const [index, { row, state }] of keyed.entries()) {
    const cells = answers[index]?.[0] ?? [];
    const stands = row.columns.every(([name, text]) => {
      const column = state.header.indexOf(sameText(name));
      return column !== -1 && sameText(cells[column] ?? '') === sameText(text);
    });
    if (stands) landed.add(row);
  }
  return landed;
};
