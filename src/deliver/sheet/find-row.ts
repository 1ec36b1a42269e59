import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { Note } from '../../core/delivery.ts';
import { readRecords } from './csv-reader.ts';
import { type OpenSheet, readBytes } from './sheet-file.ts';

/** Kept before a row is written, so that an attempt after a crash can tell whether it was. Offsets in bytes. */
export type RowNote = {
  readonly file: string;
  /** Where the row begins, and how long it is. */
  readonly offset: number;
  readonly length: number;
  /** Where the rows that are written together begin and end. */
  readonly start: number;
  readonly end: number;
  /** Digest of what stands before `start`: while it fits, nobody has moved the rows since. */
  readonly before: string;
};

/** torn: a beginning of the row, cut off by a crash, is all that stands from `offset` to the end of the file. */
export type Finding =
  | { readonly kind: 'absent' }
  | { readonly kind: 'written'; readonly offset: number }
  | { readonly kind: 'torn'; readonly offset: number };

const ABSENT: Finding = { kind: 'absent' };
const BEFORE_BYTES = 256;

/** The digest for `RowNote.before`. */
export const digestBefore = async (handle: FileHandle, start: number): Promise<string> =>
  hash('sha256', await readBytes(handle, Math.max(0, start - BEFORE_BYTES), start)).slice(0, 16);

const RowNoteSchema = z.object({
  offset: z.int().nonnegative(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  before: z.string(),
});

/**
 * Looks for the row of an attempt that may have written it, by the note that the attempt kept. Rows can be equal without
 * being the same, so one that stands where another delivery's is known to stand never counts. The file is searched only
 * where people changed it, or its rows stand elsewhere than noted.
 */
export const findRow = async (
  { handle, state }: OpenSheet,
  row: { readonly id: string; readonly cells: readonly string[]; readonly bytes: Buffer },
  noted: Note | null,
): Promise<Finding> => {
  // Nothing is written before a note of it is kept.
  if (noted === null) return ABSENT;
  const isOthers = (offset: number): boolean => (state.owners.get(offset) ?? row.id) !== row.id;
  const note = RowNoteSchema.safeParse(noted).data;
  const { size } = state.stamp;
  const untouched =
    note !== undefined && note.start <= size && (await digestBefore(handle, note.start)) === note.before;
  if (untouched && size <= note.offset) return ABSENT;

  if (note && !isOthers(note.offset)) {
    const there = await readBytes(handle, note.offset, note.offset + row.bytes.length);
    if (there.equals(row.bytes)) return { kind: 'written', offset: note.offset };
    if (untouched && size <= note.end && isTorn(await readBytes(handle, note.offset, size), row.bytes)) {
      return { kind: 'torn', offset: note.offset };
    }
  }
  for await (const record of readRecords(handle, untouched ? note.start : 0)) {
    if (!record.open && !isOthers(record.offset) && sameCells(record.cells, row.cells)) {
      return { kind: 'written', offset: record.offset };
    }
  }
  return ABSENT;
};

/** Whether a tail is a beginning of the row, and then at most zeros: a power cut can leave length without content. */
const isTorn = (tail: Buffer, row: Buffer): boolean => {
  let length = 0;
  while (length < tail.length && length < row.length && tail[length] === row[length]) length += 1;
  return length < row.length && tail.subarray(length).every((byte) => byte === 0);
};

/** Spreadsheet programs write quotes their own way, and drop or add empty cells at the end of a row. */
const sameCells = (one: readonly string[], other: readonly string[]): boolean => {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if ((one[index] ?? '') !== (other[index] ?? '')) return false;
  }
  return true;
};
