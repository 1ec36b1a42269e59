import type { FileHandle } from 'node:fs/promises';
import type { LineEnd } from '../../core/csv.ts';

/** A record as it stands in a file, with the bytes it takes: from `offset` up to, not including, `end`. */
export type CsvRecord = {
  readonly offset: number;
  readonly end: number;
  readonly cells: readonly string[];
  /** undefined for the last record of a file that does not end its last line. */
  readonly lineEnd: LineEnd | undefined;
  /** Whether the file stops inside quotes. */
  readonly open: boolean;
  /** Whether a quoted cell over several lines has text behind it: then its end is the quote that was to begin another. */
  readonly astray: boolean;
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;
const BOM = Buffer.from('\ufeff');
const CHUNK = 65_536;

/**
 * Reads the comma-separated records of a file from `from`, which must be the beginning of one, up to `to`. Takes what
 * people and programs make of such files: any line end, a byte order mark, cells with and without quotes, stray quotes.
 */
export async function* readRecords(
  handle: FileHandle,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): AsyncGenerator<CsvRecord> {
  const chunk = Buffer.alloc(CHUNK);
  let position = from;
  let splitter = createSplitter(from);
  while (position < to) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(CHUNK, to - position), position);
    if (bytesRead === 0) break;
    const marked = position === 0 && chunk.subarray(0, Math.min(bytesRead, BOM.length)).equals(BOM);
    if (marked) splitter = createSplitter(BOM.length);
    for (let index = marked ? BOM.length : 0; index < bytesRead; index++) {
      const record = splitter.take(chunk[index] ?? 0, position + index);
      if (record) yield record;
    }
    position += bytesRead;
  }
  const last = splitter.finish(position);
  if (last) yield last;
}

type Splitter = {
  /** Takes the byte at `position`; returns the record that is known to have ended by it. */
  take(byte: number, position: number): CsvRecord | undefined;
  /** What is left where the file ends. */
  finish(end: number): CsvRecord | undefined;
};

/** Works on bytes: none of the marks it looks for can be part of a longer UTF-8 character. */
const createSplitter = (start: number): Splitter => {
  /** closed: behind the quote that ends a cell, or the first of a doubled one. cr: behind a CR, which LF may follow. */
  let state: 'start' | 'plain' | 'quoted' | 'closed' | 'cr' = 'start';
  let offset = start;
  let cells: string[] = [];
  let cell: number[] = [];
  let astray = false;

  const endCell = (): void => {
    cells.push(Buffer.from(cell).toString('utf8'));
    cell = [];
  };

  const endRecord = (end: number, lineEnd: LineEnd | undefined): CsvRecord => {
    const record = { offset, end, cells, lineEnd, open: state === 'quoted', astray };
    astray = false;
    offset = end;
    cells = [];
    state = 'start';
    return record;
  };

  const take = (byte: number, position: number): CsvRecord | undefined => {
    if (state === 'cr') {
      if (byte === LF) return endRecord(position + 1, '\r\n');
      const ended = endRecord(position, '\r');
      // Only a line end of its own could end a second record here, and it would be an empty one.
      return take(byte, position) ?? ended;
    }
    if (state === 'quoted') {
      if (byte === QUOTE) state = 'closed';
      else cell.push(byte);
    } else if (byte === COMMA) {
      endCell();
      state = 'start';
    } else if (byte === LF || byte === CR) {
      endCell();
      if (byte === LF) return endRecord(position + 1, '\n');
      state = 'cr';
    } else if (byte === QUOTE && state === 'start') {
      state = 'quoted';
    } else {
      // A quote behind a closing one is the second of a pair; anything else that follows is let through as it is.
      if (byte === QUOTE && state === 'closed') state = 'quoted';
      else {
        astray ||= state === 'closed' && (cell.includes(LF) || cell.includes(CR));
        state = 'plain';
      }
      cell.push(byte);
    }
    return undefined;
  };

  return {
    take,
    finish: (end) => {
      if (state === 'cr') return endRecord(end, '\r');
      if (end === offset) return undefined;
      endCell();
      return endRecord(end, undefined);
    },
  };
};
