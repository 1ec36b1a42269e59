import type { FileHandle } from 'node:fs/promises';
import type { LineEnd } from '../../core/csv.ts';

/** A record and its place in the file, in bytes; `end` is exclusive. */
export type CsvRecord = {
  readonly offset: number;
  readonly end: number;
  readonly cells: readonly string[];
  /** undefined for the last record of a file that does not end its last line. */
  readonly lineEnd: LineEnd | undefined;
  /** Whether the file ends inside its quotes. */
  readonly open: boolean;
  /** Whether text follows a quoted cell with line breaks: the opening quote of a later cell closed one left open before it. */
  readonly astray: boolean;
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const CR = 0x0d;
const LF = 0x0a;
const BOM = Buffer.from('\ufeff');
const CHUNK = 65_536;

/**
 * Reads the comma-separated records of a file from `from`, which must be the start of a record, up to `to`. Tolerates what
 * people and programs do to such files: any line end, a byte order mark, cells with and without quotes, stray quotes.
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
  /** Takes the byte at `position`; returns the record that turns out to have ended. */
  take(byte: number, position: number): CsvRecord | undefined;
  /** To be called at the end of the file; returns the record that is left. */
  finish(end: number): CsvRecord | undefined;
};

/** Works on bytes: the delimiters are ASCII, and never part of a longer UTF-8 character. */
const createSplitter = (start: number): Splitter => {
  /** closed: after a quote that ends a cell or begins a doubled one. cr: after a CR, which an LF may follow. */
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
      // Only another line end could complete a second record here, and that one would be empty.
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
      // A quote after a closing one is a doubled quote; any other text after it is kept as it is.
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
