import { hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { Note } from '../../core/delivery.ts';
import { readRecords } from './csv-reader.ts';
import { type OpenSheet, readBytes } from './sheet-file.ts';

/** Stored before a row is written, so that an attempt after a crash can tell whether it was. Offsets in bytes. */
export type RowNote = {
  readonly file: string;
  /** The row's offset and length. */
  readonly offset: number;
  readonly length: number;
  /** The offsets at which the batch begins and ends. */
  readonly start: number;
  readonly end: number;
  /** Digest of the bytes before `start`: while it matches, the rows have not been moved. */
  readonly before: string;
};

/** torn: from `offset` to its end, the file has only a part of the row, cut off by a crash. */
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
 * Looks for the row that an earlier attempt may have written, by that attempt's note. Different deliveries can write equal
 * rows, so one at an offset that is known to belong to another delivery never counts. The file is searched only where people
 * changed it, or the row is not at the noted offset.
 */
export const findRow = async (
  { handle, state }: OpenSheet,
  row: { readonly id: string; readonly cells: readonly string[]; readonly bytes: Buffer },
  noted: Note | null,
): Promise<Finding> => {
  // Nothing is written before its note is stored.
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

/** Whether a tail is a prefix of the row, and zeros after that: a power cut can leave a length without its content. */
const isTorn = (tail: Buffer, row: Buffer): boolean => {
  let length = 0;
  while (length < tail.length && length < row.length && tail[length] === row[length]) length += 1;
  return length < row.length && tail.subarray(length).every((byte) => byte === 0);
};

/** Compares parsed cells, since spreadsheet programs quote in their own way, and drop or add empty cells at the end. */
const sameCells = (one: readonly string[], other: readonly string[]): boolean => {
  const length = Math.max(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    if ((one[index] ?? '') !== (other[index] ?? '')) return false;
  }
  return true;
};
