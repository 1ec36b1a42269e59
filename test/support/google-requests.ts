import { z } from 'zod';
import { aGoogleTab, type GoogleTab, tabNamed } from './google-grid.ts';

/** An answer other than 200. */
export class Refused extends Error {
  readonly code: number;
  readonly status: string;
  constructor(code: number, message: string, status: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const Cell = z.strictObject({ userEnteredValue: z.strictObject({ stringValue: z.string() }).optional() });
const Rows = z.array(z.strictObject({ values: z.array(Cell) }));
const sheetId = z.number().int().min(0);
const fields = z.literal('userEnteredValue');

/** The requests the bot may make, with every field that Google asks for. */
const Request = z.union([
  z.strictObject({
    addSheet: z.object({
      properties: z.object({
        sheetId,
        title: z.string().min(1).max(100),
        gridProperties: z.object({ columnCount: z.number() }),
      }),
    }),
  }),
  z.strictObject({
    appendDimension: z.strictObject({ sheetId, dimension: z.literal('COLUMNS'), length: z.number().int().min(1) }),
  }),
  z.strictObject({
    updateDimensionProperties: z.strictObject({
      range: z.strictObject({
        sheetId,
        dimension: z.literal('COLUMNS'),
        startIndex: z.number(),
        endIndex: z.number(),
      }),
      properties: z.strictObject({ hiddenByUser: z.literal(true) }),
      fields: z.literal('hiddenByUser'),
    }),
  }),
  z.strictObject({
    updateCells: z.strictObject({
      start: z.strictObject({ sheetId, rowIndex: z.number().int(), columnIndex: z.number().int() }),
      rows: Rows,
      fields,
    }),
  }),
  z.strictObject({ appendCells: z.strictObject({ sheetId, rows: Rows, fields }) }),
]);

/** The tabs as they are once all requests are carried out; the ones given stay as they are, so that a refusal changes none. */
export const applyRequests = (before: ReadonlyMap<string, GoogleTab>, requests: unknown[]): Map<string, GoogleTab> => {
  const tabs = new Map(structuredClone([...before]));
  const tabOf = (id: number): GoogleTab => {
    const tab = [...tabs.values()].find((one) => one.sheetId === id);
    if (!tab) throw invalid(`No grid with id: ${id}`);
    if (tab.isProtected) throw invalid('You are trying to edit a protected cell or object.');
    return tab;
  };
  if (requests.length === 0) throw invalid('Must specify at least one request.');
  for (const [index, unchecked] of requests.entries()) {
    const parsed = Request.safeParse(unchecked);
    if (!parsed.success) throw invalid(`Invalid requests[${index}]: ${parsed.error.message}`);
    const request = parsed.data;
    if ('addSheet' in request) {
      const { title, sheetId: id, gridProperties } = request.addSheet.properties;
      if (tabNamed(tabs, title)) throw invalid(`A sheet with the name "${title}" already exists.`);
      tabs.set(title, aGoogleTab(id, [], gridProperties.columnCount));
    } else if ('appendDimension' in request) {
      tabOf(request.appendDimension.sheetId).columnCount += request.appendDimension.length;
    } else if ('updateDimensionProperties' in request) {
      const { sheetId: id, startIndex } = request.updateDimensionProperties.range;
      tabOf(id).hidden.push(startIndex);
    } else if ('updateCells' in request) {
      const { start, rows } = request.updateCells;
      for (const [offset, { values }] of rows.entries())
        put(tabOf(start.sheetId), start.rowIndex + offset, start.columnIndex, values);
    } else {
      const tab = tabOf(request.appendCells.sheetId);
      for (const { values } of request.appendCells.rows) {
        const row = tab.rows.findLastIndex((texts) => texts.some((text) => (text ?? '') !== '')) + 1;
        tab.rowCount = Math.max(tab.rowCount, row + 1);
        put(tab, row, 0, values);
      }
    }
  }
  return tabs;
};

const put = (tab: GoogleTab, row: number, column: number, values: z.infer<typeof Cell>[]): void => {
  if (row >= tab.rowCount || column + values.length > tab.columnCount)
    throw invalid(`Range exceeds grid limits. Max rows: ${tab.rowCount}, max columns: ${tab.columnCount}`);
  while (tab.rows.length <= row) tab.rows.push([]);
  for (const [offset, { userEnteredValue }] of values.entries()) {
    const text = userEnteredValue?.stringValue ?? '';
    if (text.length > 50_000)
      throw invalid('Your input contains more than the maximum of 50000 characters in a single cell.');
    const cells = tab.rows[row] ?? [];
    while (cells.length < column + offset) cells.push('');
    cells[column + offset] = text;
  }
};

const invalid = (message: string): Refused => new Refused(400, message, 'INVALID_ARGUMENT');
