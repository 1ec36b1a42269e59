import { safeCell, toLine } from '../core/csv.ts';
import type { Cell, Table } from './table.ts';
import { isoTime } from './zoned.ts';

/** About how many characters are yielded at once. */
const CHUNK = 65_536;

/**
 * Writes a table as CSV (RFC 4180): times in ISO 8601 with the offset of their zone, days as ISO dates, and texts so that no
 * program takes them for a formula.
 */
export async function* csvOf({ headings, rows, zone }: Table): AsyncGenerator<string> {
  let chunk = toLine(
    headings.map(({ name }) => safeCell(name)),
    '\r\n',
  );
  for await (const cells of rows) {
    chunk += toLine(
      cells.map((cell) => textOf(cell, zone)),
      '\r\n',
    );
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

const textOf = (cell: Cell, zone: string): string => {
  if (cell.kind === 'empty') return '';
  if (cell.kind === 'time') return isoTime(cell.value, zone);
  if (cell.kind === 'local') return isoTime(cell.value.at, cell.value.zone);
  // Only a real number may begin with a minus sign.
  return cell.kind === 'number' ? String(cell.value) : safeCell(cell.value);
};
