import { z } from 'zod';

/** Texts right after a write: Google reads them before anybody else can change anything. */
export type AfterWrite = {
  /** The text of a cell; undefined where it was not asked for. Rows and columns count from 0. */
  text(sheetId: number, row: number, column: number): string | undefined;
};

/** Google leaves out zeros, and rows and cells without content (GridData of the Sheets API). */
export const GridSchema = z.object({
  startRow: z.number().default(0),
  startColumn: z.number().default(0),
  rowData: z
    .array(z.object({ values: z.array(z.object({ formattedValue: z.string().default('') })).default([]) }))
    .default([]),
});

/** The texts of a grid, without empty rows and cells at the end, which Google includes if they have a colour, say. */
export const textsOf = (grid: z.infer<typeof GridSchema> | undefined): string[][] => {
  const rows = (grid?.rowData ?? []).map(({ values }) => {
    const texts = values.map(({ formattedValue }) => formattedValue);
    return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1);
  });
  return rows.slice(0, rows.findLastIndex((row) => row.length > 0) + 1);
};

const AnswerSchema = z.object({
  updatedSpreadsheet: z.object({
    sheets: z.array(
      z.object({
        properties: z.object({ sheetId: z.number().default(0) }),
        data: z.array(GridSchema).default([]),
      }),
    ),
  }),
});

/** Reads the answer to a batchUpdate that asked for first rows and single cells; empty where it can't be parsed. */
export const afterWrite = (answer: unknown): AfterWrite => {
  const sheets = AnswerSchema.safeParse(answer).data?.updatedSpreadsheet.sheets ?? [];
  const grids = new Map(sheets.map(({ properties, data }) => [properties.sheetId, data]));
  return {
    text(sheetId, row, column) {
      // Row 1 is requested as a whole, of others one cell.
      const from = row === 0 ? 0 : column;
      const grid = grids.get(sheetId)?.find(({ startRow, startColumn }) => startRow === row && startColumn === from);
      return grid && (grid.rowData[0]?.values[column - grid.startColumn]?.formattedValue ?? '');
    },
  };
};
