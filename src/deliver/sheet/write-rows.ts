import type { FileHandle } from 'node:fs/promises';
import { toLine } from '../../core/csv.ts';
import { layOut } from './csv.ts';
import { columnsChanged, sheetFailure } from './failure.ts';
import { digestBefore, findRow, type RowNote } from './find-row.ts';
import { endLastLine } from './last-line.ts';
import type { SheetPath } from './path.ts';
import type { PendingRow, SheetMemory } from './pending-row.ts';
import { busy, type OpenSheet, openSheet, type SheetState, sameStamp, stampOf } from './sheet-file.ts';
import { updatePass } from './update-rows.ts';

type LaidRow = {
  readonly row: PendingRow;
  readonly id: string;
  readonly cells: readonly string[];
  readonly bytes: Buffer;
};

const MOST_PASSES = 5;
/** Owners tell equal rows apart, which matters only shortly after a failure. */
const MOST_OWNERS = 1_000;

/**
 * Writes a batch of rows to one file in their order: with one append and sync, or one rewrite where they have a key column (the
 * same for all). Settles each row by itself: with a receipt once it is durable, or with a DeliveryError. Must not run
 * concurrently for one file.
 */
export const writeRows = async (
  place: SheetPath,
  rows: readonly PendingRow[],
  memory: SheetMemory,
  now: () => number,
): Promise<void> => {
  let left = rows;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    left = left.filter((row) => !row.isDropped());
    const [first] = left;
    if (!first) return;
    try {
      const sheet = await openSheet(place, first.columns, memory.get());
      await using _closing = sheet.handle;
      memory.set(sheet.state);
      const keyed = first.key !== undefined;
      left = keyed ? await updatePass(sheet, place, left, now) : await writePass(sheet, place.file, left, now);
    } catch (error) {
      for (const row of left) row.reject(sheetFailure(error, place.file, row.doubt !== undefined));
      return;
    }
  }
  for (const row of left) row.reject(sheetFailure(busy(place.file), place.file, row.doubt !== undefined));
};

/** Returns the rows that need another pass, since the file or the batch changed after they were noted. */
const writePass = async (
  sheet: OpenSheet,
  file: string,
  rows: readonly PendingRow[],
  now: () => number,
): Promise<readonly PendingRow[]> => {
  const absent = await settleDoubts(sheet, file, layRows(sheet, file, rows));
  if (absent.length === 0) return [];
  await endLastLine(sheet, file, now());

  const start = sheet.state.stamp.size;
  const before = await digestBefore(sheet.handle, start);
  const end = absent.reduce((offset, { bytes }) => offset + bytes.length, start);
  let offset = start;
  const placed = absent.map((laid) => {
    const note: RowNote = { file, offset, length: laid.bytes.length, start, end, before };
    offset += laid.bytes.length;
    return { ...laid, note };
  });
  // In parallel, so that the store can commit them together.
  const notes = await Promise.allSettled(placed.map(({ row, note }) => row.note(note)));
  const noted = placed.filter(({ row }, index) => {
    const outcome = notes[index];
    if (outcome?.status === 'rejected') row.reject(outcome.reason);
    return outcome?.status === 'fulfilled';
  });
  // The noted offsets no longer apply: look, place and note these rows again.
  const unchanged = sameStamp(await stampOf(sheet.handle), sheet.state.stamp);
  if (noted.length < placed.length || !unchanged) return noted.map(({ row }) => row);

  await append(sheet, file, noted);
  return [];
};

/** Orders cells by the header. Rejects rows with cells for which the file has no column. */
const layRows = ({ state }: OpenSheet, file: string, rows: readonly PendingRow[]): LaidRow[] =>
  rows.flatMap((row) => {
    const laid = layOut(state.header, row.columns);
    if ('cells' in laid) {
      return [{ row, id: row.id, cells: laid.cells, bytes: Buffer.from(toLine(laid.cells, state.lineEnd)) }];
    }
    row.reject(sheetFailure(columnsChanged(file, laid.missing, state.header), file, row.doubt !== undefined));
    return [];
  });

/** Finds out which rows an earlier attempt has written, and settles those; returns the others, in their order. */
const settleDoubts = async (sheet: OpenSheet, file: string, rows: readonly LaidRow[]): Promise<readonly LaidRow[]> => {
  const { handle, state } = sheet;
  const found = new Map<LaidRow, number>();
  const doubtful = rows.filter(({ row }) => row.doubt !== undefined);
  for (const laid of doubtful) {
    const finding = await findRow(sheet, laid, laid.row.doubt ?? null);
    if (finding.kind === 'written') {
      found.set(laid, finding.offset);
      remember(state, finding.offset, laid.id);
    } else if (finding.kind === 'torn') {
      await handle.truncate(finding.offset);
      state.stamp = await stampOf(handle);
    }
  }
  // The earlier attempt may have been stopped between write and sync.
  if (found.size > 0) await handle.datasync();
  for (const [{ row }, offset] of found) {
    row.resolve({ summary: `row in ${file}, written by the attempt before`, detail: { file, offset } });
  }
  for (const { row } of doubtful) row.doubt = undefined;
  return rows.filter((laid) => !found.has(laid));
};

const append = async (
  { handle, state }: OpenSheet,
  file: string,
  rows: readonly (LaidRow & { readonly note: RowNote })[],
): Promise<void> => {
  const start = state.stamp.size;
  const bytes = Buffer.concat(rows.map((laid) => laid.bytes));
  let written = 0;
  let stamp: Awaited<ReturnType<typeof stampOf>>;
  try {
    while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    await handle.datasync();
    stamp = await stampOf(handle);
  } catch (error) {
    const undone = await takeBack(handle, start, written);
    throw sheetFailure(error, file, !undone);
  }
  if (stamp.links === 0) throw busy(file);
  // If somebody else wrote too, the old stamp stays, so that the next batch reads the file again.
  if (stamp.size === start + bytes.length) state.stamp = stamp;
  for (const { row, id, note } of rows) {
    remember(state, note.offset, id);
    row.resolve({ summary: `row in ${file}`, detail: { file, offset: note.offset } });
  }
};

/** Undoes a failed append; false where the file's state on disk is uncertain. */
const takeBack = async (handle: FileHandle, start: number, written: number): Promise<boolean> => {
  try {
    const { size } = await handle.stat();
    // Somebody else has written after it.
    if (size !== start + written) return false;
    await handle.truncate(start);
    await handle.datasync();
    return true;
  } catch {
    return false;
  }
};

const remember = ({ owners }: SheetState, offset: number, id: string): void => {
  owners.set(offset, id);
  for (const oldest of owners.keys()) {
    if (owners.size <= MOST_OWNERS) break;
    owners.delete(oldest);
  }
};
