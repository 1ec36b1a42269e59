import { safeCell, toLine } from '../../core/csv.ts';
import { columnKey } from './csv.ts';
import { columnRenamed, columnsChanged, sheetFailure } from './failure.ts';
import { merged, type Scan, scan, type Wanted, wantedByKey } from './keyed-rows.ts';
import { keepColumns, knownColumns } from './known-columns.ts';
import { endLastLine } from './last-line.ts';
import type { SheetPath } from './path.ts';
import type { PendingRow } from './pending-row.ts';
import { type Piece, replaceFile } from './replace-file.ts';
import { busy, type OpenSheet, type SheetState } from './sheet-file.ts';

/**
 * Updates the rows of some keys, and adds missing ones, in one rewrite: the new file is written beside the old one, synced, and
 * then renamed over it. What people wrote in other rows and columns stays byte for byte. Idempotent, so an attempt with an
 * unclear outcome is simply repeated.
 * Returns the rows that need another pass, since somebody else changed the file meanwhile.
 */
export const updatePass = async (
  sheet: OpenSheet,
  place: SheetPath,
  rows: readonly PendingRow[],
  now: () => number,
): Promise<readonly PendingRow[]> => {
  const key = rows[0]?.key;
  if (key === undefined) return [];
  await endLastLine(sheet, place.file, now());
  const known = await knownColumns(place);
  const header = sheet.state.header.map(columnKey);
  const sound = rows.filter((row) => {
    const problem = columnProblem(place.file, row, key, header, known);
    if (problem) row.reject(sheetFailure(problem, place.file, row.doubt !== undefined));
    return problem === undefined;
  });
  if (sound.length === 0) return [];
  const wanted = wantedByKey(key, sound);
  const seen = await scan(sheet, place.file, key, wanted);
  if (!seen) throw busy(place.file);

  const change = changeOf(seen, wanted, sheet.state);
  if (change.pieces === undefined) {
    // An earlier attempt may have been stopped between rename and sync.
    await sheet.handle.datasync();
  } else {
    const outcome = await replaceFile(sheet, place, change.pieces, { pad: change.pad });
    if (outcome === 'changed') return sound;
  }
  await keepColumns(
    place,
    known,
    sound.flatMap(({ columns }) => Object.keys(columns)),
  );
  for (const [name, { rows: told }] of wanted) {
    const summary = `${change.does.get(name)} in ${place.file}`;
    for (const row of told) row.resolve({ summary, detail: { file: place.file, key: name } });
  }
  return [];
};

/** The key column must exist. Another missing column is new if the bot never filled it, else somebody renamed it. */
const columnProblem = (
  file: string,
  { columns }: PendingRow,
  key: string,
  header: readonly string[],
  known: ReadonlySet<string>,
): Error | undefined => {
  if (!header.includes(columnKey(key))) return columnsChanged(file, [key], header);
  const gone = Object.keys(columns).filter((name) => !header.includes(columnKey(name)) && known.has(columnKey(name)));
  return gone.length > 0 ? columnRenamed(file, gone) : undefined;
};

type Change = {
  /** undefined where the file needs no change. */
  readonly pieces: readonly Piece[] | undefined;
  /** How many cells each record has to have, where columns are added. */
  readonly pad: number | undefined;
  /** What happens to the row of each key, for the receipt. */
  readonly does: ReadonlyMap<string, string>;
};

const changeOf = ({ header, found, width }: Scan, wanted: ReadonlyMap<string, Wanted>, state: SheetState): Change => {
  const there = new Set(header.cells.map(columnKey));
  const added = new Map<string, string>();
  for (const { rows } of wanted.values()) {
    for (const name of rows.flatMap(({ columns }) => Object.keys(columns))) {
      if (!there.has(columnKey(name)) && !added.has(columnKey(name))) added.set(columnKey(name), safeCell(name));
    }
  }
  const pad = added.size > 0 ? width + added.size : undefined;
  const beside = Array.from({ length: width - header.cells.length }, () => '');
  const cells = added.size > 0 ? [...header.cells, ...beside, ...added.values()] : header.cells;

  const pieces: Piece[] = [];
  if (added.size > 0) pieces.push({ ...header, text: toLine(cells, header.lineEnd ?? state.lineEnd) });
  const does = new Map<string, string>();
  const fresh: string[] = [];
  for (const [name, want] of wanted) {
    const record = found.get(name);
    const row = merged(record?.cells ?? [], want.cells, cells);
    if (record === undefined) {
      fresh.push(toLine(row, state.lineEnd));
      does.set(name, 'row');
    } else if (row.some((cell, index) => cell !== (record.cells[index] ?? ''))) {
      pieces.push({ ...record, text: toLine(row, record.lineEnd ?? state.lineEnd) });
      does.set(name, 'row updated');
    } else {
      does.set(name, 'row as it stood already');
    }
  }
  pieces.sort((one, other) => one.offset - other.offset);
  const end = state.stamp.size;
  if (fresh.length > 0) pieces.push({ offset: end, end, text: fresh.join('') });
  return { pieces: pieces.length > 0 ? pieces : undefined, pad, does };
};
