import type { Cell } from './table.ts';
import { isoTime, serialDay, serialTime } from './zoned.ts';

/** The most UTF-16 code units that a cell can hold (Excel specifications and limits). */
export const MOST_CHARACTERS = 32_767;

/** Indexes in the list of cell formats (cellXfs) of STYLES in xlsx-parts.ts. */
export const STYLE = { heading: 1, text: 2, time: 3, day: 4, number: 5 } as const;

/** Characters that XML 1.0 can't represent, not even escaped (§2.2). */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
/**
 * `_x000D_` stands for a carriage return (ST_Xstring, ECMA-376 part 1, §22.9.2.19). In text that merely looks like such an
 * escape, the first `_` is escaped.
 */
const LOOKS_ESCAPED = /_(?=x[0-9a-f]{4}_)/gi;
const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '_x000D_',
};

/** Escapes a text for XML, as content or between double quotes. */
export const xmlText = (text: string): string =>
  text
    .toWellFormed()
    .replace(NOT_XML, '')
    .replace(LOOKS_ESCAPED, '_x005F_')
    .replace(/[&<>"\r]/g, (mark) => MARKUP[mark] ?? '');

/** Cuts a text to what a cell can hold, never within a surrogate pair. */
const fitting = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** The name of the column at an index from 0: `A`, `B`, … `Z`, `AA`. */
export const columnName = (place: number): string => {
  const letter = String.fromCharCode(65 + (place % 26));
  return place < 26 ? letter : columnName(Math.floor(place / 26) - 1) + letter;
};

/** The XML of a text cell. An inline string is never read as a formula. */
export const textCell = (reference: string, text: string, style: number): string =>
  `<c r="${reference}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(fitting(text))}</t></is></c>`;

const numberCell = (reference: string, value: number, style: number): string =>
  `<c r="${reference}" s="${style}"><v>${value}</v></c>`;

/** The XML of a cell (`c`, ECMA-376 part 1, §18.3.1.4); nothing for an empty cell. */
export const xmlCell = (reference: string, cell: Cell, zone: string): string => {
  if (cell.kind === 'empty') return '';
  if (cell.kind === 'number') return numberCell(reference, cell.value, STYLE.number);
  if (cell.kind === 'text') return textCell(reference, cell.value, STYLE.text);
  // Spreadsheets have no dates before 1900: such a date is written as text.
  if (cell.kind === 'day') {
    const serial = serialDay(cell.value);
    return serial === undefined
      ? textCell(reference, cell.value, STYLE.text)
      : numberCell(reference, serial, STYLE.day);
  }
  const { at, zone: its } = cell.kind === 'local' ? cell.value : { at: cell.value, zone };
  const serial = serialTime(at, its);
  if (serial === undefined) return textCell(reference, isoTime(at, its), STYLE.text);
  // Written with all decimals: LibreOffice truncates, so a value minimally too small would show the second before.
  return numberCell(reference, serial, STYLE.time);
};
