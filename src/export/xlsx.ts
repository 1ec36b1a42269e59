import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Cell, Table } from './table.ts';
import { columnName, STYLE, textCell, xmlCell } from './xlsx-cell.ts';
import { partsOf, sheetFrame, sheetPath } from './xlsx-parts.ts';

/** The most rows of a sheet, its heading row included (Excel specifications and limits). */
const MOST_ROWS = 1_048_576;

/** About how many characters of XML are yielded at once. */
const CHUNK = 65_536;

/**
 * Writes a table as a workbook (.xlsx) and ends `output`. Dates and numbers are typed; times are local times of the table's
 * zone, which the headings name. Rows are streamed, so memory does not grow with their number. Rows beyond the limit of a sheet
 * continue on another one with the same headings.
 */
export const writeXlsx = async (
  table: Table,
  output: Writable,
  { mostRows = MOST_ROWS, signal }: { readonly mostRows?: number; readonly signal?: AbortSignal } = {},
): Promise<void> => {
  const zip = new ZipFile();
  const failed = new AbortController();
  const stop = (): void => failed.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  zip.on('error', (error) => failed.abort(error));
  const written = pipeline(zip.outputStream, output, { signal: failed.signal });
  const rows = readerOf(table.rows);
  let sheet: Readable | undefined;
  const fill = async (): Promise<void> => {
    let sheets = 0;
    do {
      sheets += 1;
      sheet = Readable.from(sheetXml(table, rows, mostRows), { objectMode: false });
      const ended = once(sheet, 'end', { signal: failed.signal });
      zip.addReadStream(sheet, sheetPath(sheets));
      await ended;
    } while (!(await rows.isOver()));
    for (const [path, xml] of partsOf(table.title, sheets)) zip.addBuffer(Buffer.from(xml), path);
    zip.end();
  };
  try {
    await Promise.all([fill(), written]);
  } catch (error) {
    failed.abort(error);
    await written.catch(() => undefined);
    await closed(sheet);
    throw failed.signal.reason ?? error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
};

/** Resolves once no more rows are read, so that the caller may close their source. */
const closed = async (sheet: Readable | undefined): Promise<void> => {
  if (!sheet || sheet.closed) return;
  sheet.on('error', () => undefined);
  const over = once(sheet, 'close');
  sheet.destroy();
  await over.catch(() => undefined);
};

type RowReader = { isOver(): Promise<boolean>; next(): Promise<readonly Cell[] | undefined> };

/** An iterator over rows that can look one row ahead. */
const readerOf = (rows: AsyncIterable<readonly Cell[]>): RowReader => {
  const iterator = rows[Symbol.asyncIterator]();
  let waiting: IteratorResult<readonly Cell[]> | undefined;
  const look = async (): Promise<IteratorResult<readonly Cell[]>> => {
    waiting ??= await iterator.next();
    return waiting;
  };
  return {
    isOver: async () => (await look()).done === true,
    next: async () => {
      const { done, value } = await look();
      if (done) return undefined;
      waiting = undefined;
      return value;
    },
  };
};

async function* sheetXml({ headings, zone }: Table, rows: RowReader, mostRows: number): AsyncGenerator<string> {
  const names = headings.map((_, place) => columnName(place));
  const frame = sheetFrame(headings.map(({ width }) => width));
  const first = headings.map(({ name, kind }, place) =>
    textCell(`${names[place]}1`, kind === 'time' ? `${name} (${zone})` : name, STYLE.heading),
  );
  let chunk = `${frame.before}<row r="1">${first.join('')}</row>`;
  let count = 1;
  while (count < mostRows) {
    const cells = await rows.next();
    if (cells === undefined) break;
    count += 1;
    chunk += `<row r="${count}">${cells.map((cell, place) => xmlCell(`${names[place]}${count}`, cell, zone)).join('')}</row>`;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk + frame.after(`${names.at(-1)}${count}`);
}
