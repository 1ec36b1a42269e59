import { DeliveryError } from '../../core/errors.ts';

/** How a file ends its lines: CRLF as RFC 4180 says in a file of ours, in another's whatever it has. */
export type LineEnd = '\r\n' | '\n' | '\r';

/** Line breaks in all forms, and tabs: each becomes one space, so that one line is one record. */
const BREAKS = /\r\n|[\t\n\v\f\r\u0085\u2028\u2029]/gu;

/**
 * What makes a spreadsheet program read a cell as a formula, also behind spaces and invisible characters, and in the
 * fullwidth forms that East Asian input and some importers fold to ASCII (OWASP, CSV injection).
 */
const FORMULA = /^[\s\p{Cf}]*[=+\-@＝＋－＠]/u;
const LEADING_CONTROL = /^[\t\r\n\0]/;

/**
 * A text as a cell that is data and nothing else: on one line, without control characters, and with an apostrophe before
 * what could begin a formula (so before `+48 …` too). Doing it twice changes nothing.
 */
export const safeCell = (text: string): string => {
  const line = text
    .toWellFormed()
    .replace(BREAKS, ' ')
    .replace(/\p{Cc}/gu, '');
  return LEADING_CONTROL.test(text) || FORMULA.test(line) ? `'${line}` : line;
};

/** One record as RFC 4180 writes it, every field quoted: then no locale's separator can split a cell. */
export const toLine = (cells: readonly string[], lineEnd: LineEnd): string =>
  `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}${lineEnd}`;

/** What two headers must share to be the same: the text as it stands in the file, but for outer spaces. */
const columnKey = (name: string): string => safeCell(name).normalize('NFC').trim();

/** The header for a new file. Throws a permanent DeliveryError where the names can't head columns. */
export const headerOf = (columns: Readonly<Record<string, string>>): string[] => {
  const names = Object.keys(columns);
  const keys = new Set(names.map(columnKey));
  if (names.length > 0 && keys.size === names.length && !keys.has('')) return names.map(safeCell);
  throw new DeliveryError(
    'invalid_columns',
    'The rule writes a row whose columns are missing, nameless or named alike. Give each of sheet.columns its own name.',
    { verdict: 'permanent' },
  );
};

/** A row's cells in the order of a file's header, those the row lacks empty; or the columns that the file lacks. */
export const layOut = (
  header: readonly string[],
  columns: Readonly<Record<string, string>>,
): { readonly cells: string[] } | { readonly missing: string[] } => {
  const places = header.map(columnKey);
  const cells = header.map(() => '');
  const missing: string[] = [];
  for (const [name, value] of Object.entries(columns)) {
    const place = places.indexOf(columnKey(name));
    if (place === -1) missing.push(name);
    else cells[place] = safeCell(value);
  }
  return missing.length > 0 ? { missing } : { cells };
};
