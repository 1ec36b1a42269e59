import { lstat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { safeCell, toLine } from '../core/csv.ts';
import { columnKey } from '../deliver/sheet/csv.ts';
import { readRecords } from '../deliver/sheet/csv-reader.ts';
import { resolveSheetPath, type SheetPath } from '../deliver/sheet/path.ts';
import { type Piece, replaceFile } from '../deliver/sheet/replace-file.ts';
import { openSheet } from '../deliver/sheet/sheet-file.ts';
import type { KeptRow } from '../store/keeping-ports.ts';
import { type Found, parsed } from './erase-find.ts';
import { ERASED, type Person } from './person.ts';
import { filesIn, unlessGone } from './walk.ts';
import { isNamedAfter, scrubber, scrubberOfOthers } from './words.ts';

export type SheetOutcome = { readonly file: string; readonly rows: number };

/** A row that was written for the person: its cells by column, as they are in the file. */
type WrittenRow = { readonly file: string; readonly cells: ReadonlyMap<string, string> };

/** What identifies the person in sheets besides their address; read from the store before it is erased there. */
export type Known = Pick<Found, 'ids' | 'words' | 'names'> & {
  readonly otherIds: ReadonlySet<string>;
  readonly rows: readonly WrittenRow[];
  /** Those already emptied: another row that looks the same is somebody else's. */
  readonly emptied: Set<WrittenRow>;
  /** Sheets named after the person, by the name that rules give them. */
  readonly namedAfter: readonly string[];
};

export const knownOf = ({ ids, words, names, others, deliveries }: Found, person: Person): Known => {
  const rows = deliveries.flatMap(rowOf);
  const files = [...new Set(rows.map(({ file }) => file))];
  return {
    ids,
    words,
    names,
    otherIds: others.ids,
    rows,
    emptied: new Set(),
    namedAfter: files.filter((file) => isNamedAfter(file, person, names)),
  };
};

const rowOf = ({ kind, action }: KeptRow): WrittenRow[] => {
  if (kind !== 'sheet') return [];
  const { sheet } = parsed(action) as { sheet?: { file?: unknown; columns?: unknown } };
  if (typeof sheet?.file !== 'string' || typeof sheet.columns !== 'object' || sheet.columns === null) return [];
  const cells = Object.entries(sheet.columns).map(
    ([name, value]) => [columnKey(name), safeCell(String(value))] as const,
  );
  return [{ file: sheet.file.trim().normalize('NFC'), cells: new Map(cells) }];
};

/**
 * Removes the person from the records of a sheet. A record is theirs if it holds one of their ids or their address, or equals,
 * cell by cell, a row that was written for them; of the latter, no more are changed than were written.
 */
const changer = (person: Person, known: Known) => {
  const withCells = (words: readonly string[]): string[] => [
    ...new Set(words.flatMap((word) => [word, safeCell(word)])),
  ];
  const scrub = scrubber(person, withCells(known.words));
  const scrubOther = scrubberOfOthers(person, withCells(known.names));
  const named = (cells: readonly string[], ids: ReadonlySet<string>): boolean =>
    cells.some((cell) => ids.has(cell) || ids.has(cell.replace(/^'/, '')));

  return (file: string, header: readonly string[]) => {
    const columns = header.map(columnKey);
    const keyOf = (cellOf: (column: string, index: number) => string | undefined): string =>
      JSON.stringify(columns.map((column, index) => cellOf(column, index) ?? ''));
    const written = new Map<string, WrittenRow[]>();
    for (const row of known.rows) {
      if (row.file !== file || known.emptied.has(row)) continue;
      const key = keyOf((column) => row.cells.get(column));
      written.set(key, [...(written.get(key) ?? []), row]);
    }
    const found: WrittenRow[] = [];
    const isWritten = (cells: readonly string[]): boolean => {
      const row = written.get(keyOf((_, index) => cells[index]))?.pop();
      if (row) found.push(row);
      return row !== undefined;
    };
    const change = (cells: readonly string[]): readonly string[] => {
      const own = named(cells, known.ids) || cells.some(person.isTheirs) || isWritten(cells);
      if (own) return cells.map((cell) => (known.ids.has(cell) ? cell : scrub(cell)));
      return named(cells, known.otherIds) || cells.some(person.isIn) ? cells.map(scrubOther) : cells;
    };
    const settle = (): void => {
      for (const row of found) known.emptied.add(row);
    };
    return { change, settle };
  };
};

/**
 * Erases the person from the sheets below `folder`: their cells are emptied, their rows stay, and everything else stays byte for
 * byte. With `dry`, only counts. Rejects where another program keeps changing a file.
 */
export const eraseInSheets = async (
  folder: string,
  person: Person,
  known: Known,
  { dry }: { readonly dry: boolean },
): Promise<SheetOutcome[]> => {
  const outcomes: SheetOutcome[] = [];
  const change = changer(person, known);
  for (const path of await filesIn(folder)) {
    const name = relative(folder, path).split(sep).join('/');
    if (!name.endsWith('.csv') || name.split('/').some((part) => part.startsWith('.'))) continue;
    const rows = await eraseInSheet(folder, name, change, dry);
    if (rows > 0) outcomes.push({ file: path, rows });
  }
  return outcomes;
};

const TRIES = 20;

const eraseInSheet = async (
  folder: string,
  name: string,
  changeIn: ReturnType<typeof changer>,
  dry: boolean,
): Promise<number> => {
  const place = placeOf(folder, name);
  if (!place) return 0;
  for (let tries = 0; tries < TRIES; tries += 1) {
    // openSheet() would create a sheet that was removed meanwhile.
    if (!(await lstat(place.path).catch(unlessGone))) return 0;
    const sheet = await openSheet(place, { [ERASED]: '' }, undefined);
    try {
      const pieces: Piece[] = [];
      const { change, settle } = changeIn(name, sheet.state.header);
      for await (const { cells, offset, end, lineEnd = sheet.state.lineEnd } of readRecords(sheet.handle)) {
        const changed = change(cells);
        if (changed.some((cell, index) => cell !== cells[index])) {
          pieces.push({ offset, end, text: toLine(changed, lineEnd) });
        }
      }
      if (pieces.length === 0 || dry) return pieces.length;
      // A draft under another name than the bot's, which may be writing its own at the same time.
      const outcome = await replaceFile(sheet, place, pieces, { pad: undefined, draft: 'erasing' });
      if (outcome !== 'replaced') continue;
      settle();
      return pieces.length;
    } finally {
      await sheet.handle.close();
    }
  }
  throw new Error(`${place.path} is changed by another program all the time. Close it there, and erase again.`);
};

/** undefined for a name that no sheet may have: the bot did not write that file. */
const placeOf = (folder: string, name: string): SheetPath | undefined => {
  try {
    return resolveSheetPath(folder, name);
  } catch {
    return undefined;
  }
};
