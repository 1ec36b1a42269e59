import type { SheetRequest } from './api.ts';

/*
 * Requests of spreadsheets.batchUpdate (developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request).
 * Every cell is sent as a `stringValue`: it stays the text it is, and can become neither formula, number nor date.
 * Rows and columns count from 0.
 */

/** Characters in a cell, as Google counts them. */
export const MOST_CHARACTERS = 50_000;

const DEFAULT_COLUMNS = 26;

/** A text without what a cell can't contain. */
export const cellText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '');

/** The normal form in which headers and keys are compared. */
export const sameText = (text: string): string => cellText(text).normalize('NFC').trim();

/** The normal form in which names of tabs are compared; Google ignores their case. */
export const sameTab = (title: string): string => title.normalize('NFC').toLowerCase();

export const addTab = (sheetId: number, title: string, columns: number): SheetRequest => ({
  addSheet: {
    properties: {
      sheetId,
      title,
      gridProperties: { rowCount: 1_000, columnCount: Math.max(columns, DEFAULT_COLUMNS), frozenRowCount: 1 },
    },
  },
});

export const addColumns = (sheetId: number, length: number): SheetRequest => ({
  appendDimension: { sheetId, dimension: 'COLUMNS', length },
});

export const hideColumn = (sheetId: number, column: number): SheetRequest => ({
  updateDimensionProperties: {
    range: { sheetId, dimension: 'COLUMNS', startIndex: column, endIndex: column + 1 },
    properties: { hiddenByUser: true },
    fields: 'hiddenByUser',
  },
});

/** The texts of one row by column. */
export type Cells = ReadonlyMap<number, string>;

/** Writes these cells of a row and leaves the others as they are. */
export const setCells = (sheetId: number, row: number, cells: Cells): SheetRequest[] =>
  runsOf(cells).map(({ column, texts }) => ({
    updateCells: {
      start: { sheetId, rowIndex: row, columnIndex: column },
      rows: [{ values: texts.map(toCell) }],
      fields: 'userEnteredValue',
    },
  }));

/** Adds rows below the last one that has any content. */
export const appendRows = (sheetId: number, rows: readonly Cells[]): SheetRequest => ({
  appendCells: {
    sheetId,
    rows: rows.map((cells) => ({
      values: Array.from({ length: Math.max(...cells.keys()) + 1 }, (_, column) => toCell(cells.get(column) ?? '')),
    })),
    fields: 'userEnteredValue',
  },
});

const toCell = (text: string): Readonly<Record<string, unknown>> =>
  text === '' ? {} : { userEnteredValue: { stringValue: text } };

type Run = { readonly column: number; readonly texts: string[] };

/** Groups adjacent cells. */
const runsOf = (cells: Cells): Run[] => {
  const runs: Run[] = [];
  for (const [column, text] of [...cells].sort(([one], [other]) => one - other)) {
    const last = runs.at(-1);
    if (last && last.column + last.texts.length === column) last.texts.push(text);
    else runs.push({ column, texts: [text] });
  }
  return runs;
};

/** A range of a tab in A1 notation. */
export const rangeOf = (tab: string, cells: string): string => `'${tab.replaceAll("'", "''")}'!${cells}`;

/** 0 → A, 25 → Z, 26 → AA. */
export const columnName = (column: number): string =>
  column < 26
    ? String.fromCharCode(65 + column)
    : `${columnName(Math.floor(column / 26) - 1)}${columnName(column % 26)}`;
