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
