import type { Cell } from './table.ts';
import { isoTime, serialDay, serialTime } from './zoned.ts';

/** The most characters a cell takes (Excel specifications and limits), as UTF-16 counts them. */
export const MOST_CHARACTERS = 32_767;

/** Places in the list of cell formats (cellXfs) of STYLES in xlsx-parts.ts. */
export const STYLE = { heading: 1, text: 2, time: 3, day: 4, number: 5 } as const;

/** What XML 1.0 has no way to write (§2.2), not even escaped. */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
/** `_x000D_` means a carriage return (ST_Xstring, ECMA-376 part 1, §22.9.2.19): what only looks like it has its first `_` written so. */
const LOOKS_ESCAPED = /_(?=x[0-9a-f]{4}_)/gi;
const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '_x000D_',
};

/** A text inside XML, as content or between double quotes. */
export const xmlText = (text: string): string =>
  text
    .toWellFormed()
    .replace(NOT_XML, '')
    .replace(LOOKS_ESCAPED, '_x005F_')
    .replace(/[&<>"\r]/g, (mark) => MARKUP[mark] ?? '');

/** Cut where a cell's room ends, never in the middle of a character. */
const fitting = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** `A`, `B`, … `Z`, `AA`: the name of the column at this place, counted from 0. */
export const columnName = (place: number): string => {
  const letter = String.fromCharCode(65 + (place % 26));
  return place < 26 ? letter : columnName(Math.floor(place / 26) - 1) + letter;
};

/** A text that is data and nothing else: an inline string is never read as a formula. */
export const textCell = (reference: string, text: string, style: number): string =>
  `<c r="${reference}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xmlText(fitting(text))}</t></is></c>`;

const numberCell = (reference: string, value: number, style: number): string =>
  `<c r="${reference}" s="${style}"><v>${value}</v></c>`;

/** The XML of a cell (`c`, §18.3.1.4); empty for an empty one. */
export const xmlCell = (reference: string, cell: Cell, zone: string): string => {
  if (cell.kind === 'empty') return '';
  if (cell.kind === 'number') return numberCell(reference, cell.value, STYLE.number);
  if (cell.kind === 'text') return textCell(reference, cell.value, STYLE.text);
  // Spreadsheets know no time before 1900: what such a cell says is kept as text.
  if (cell.kind === 'day') {
    const serial = serialDay(cell.value);
    return serial === undefined
      ? textCell(reference, cell.value, STYLE.text)
      : numberCell(reference, serial, STYLE.day);
  }
  const { at, zone: its } = cell.kind === 'local' ? cell.value : { at: cell.value, zone };
  const serial = serialTime(at, its);
  if (serial === undefined) return textCell(reference, isoTime(at, its), STYLE.text);
  // With all its places: LibreOffice shows a time that lies a trace before a second as the second before.
  return numberCell(reference, serial, STYLE.time);
};
