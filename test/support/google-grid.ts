/** A tab as Google keeps it: texts, without the empty cells at the end. */
export type GoogleTab = {
  readonly sheetId: number;
  rowCount: number;
  columnCount: number;
  hidden: number[];
  /** Nobody but its owner may edit it. */
  isProtected?: boolean;
  rows: string[][];
};

/** A range that Google can't parse: most often its tab does not exist. */
export class Unreadable extends Error {}

export const aGoogleTab = (
  sheetId: number,
  rows: readonly (readonly string[])[] = [],
  columnCount = 26,
): GoogleTab => ({
  sheetId,
  rowCount: 1_000,
  columnCount,
  hidden: [],
  rows: rows.map((row) => [...row]),
});

/** Google takes `bookings` for the tab `Bookings`, and lets no tab be made that differs from another in no more. */
export const tabNamed = (tabs: ReadonlyMap<string, GoogleTab>, title: string): GoogleTab | undefined =>
  [...tabs].find(([one]) => one.toLowerCase() === title.toLowerCase())?.[1];

/** Values of `'Tab'!1:2`, `'Tab'!5:5` or `'Tab'!C2:C`, rows and cells that are empty at the end left out. */
export const readRange = (
  tabs: ReadonlyMap<string, GoogleTab>,
  range: string,
): { range: string; values?: string[][] } => {
  const [, title = '', first = '', from = '', last = '', to = ''] =
    /^'((?:[^']|'')+)'!([A-Z]*)(\d+):([A-Z]*)(\d*)$/.exec(range) ?? [];
  const tab = tabNamed(tabs, title.replaceAll("''", "'"));
  if (!tab) throw new Unreadable(`Unable to parse range: ${range}`);
  const rows = tab.rows.slice(Number(from) - 1, to === '' ? undefined : Number(to));
  const start = first === '' ? 0 : columnIndex(first);
  if (start >= tab.columnCount) throw new Unreadable(`Range (${range}) exceeds grid limits.`);
  const end = last === '' ? tab.columnCount : columnIndex(last) + 1;
  const values = trimmed(rows.map((row) => Array.from(row, (text) => text ?? '').slice(start, end)));
  return { range, ...(values.length > 0 && { values }) };
};

/** A range as GridData has it: what is 0 or empty is left out, as Google does, but for empty cells that are coloured, say. */
export const showRange = (tabs: ReadonlyMap<string, GoogleTab>, range: string): Record<string, unknown> => {
  const { values = [] } = readRange(tabs, range);
  const [, first = '', from = ''] = /!([A-Z]*)(\d+):/.exec(range) ?? [];
  const startRow = Number(from) - 1;
  const startColumn = first === '' ? 0 : columnIndex(first);
  return {
    ...(startRow > 0 && { startRow }),
    ...(startColumn > 0 && { startColumn }),
    ...(values.length > 0 && {
      rowData: values.map((row) => ({
        values: [...row.map((formattedValue) => (formattedValue === '' ? {} : { formattedValue })), {}, {}],
      })),
    }),
  };
};

const trimmed = (rows: string[][]): string[][] => {
  const short = rows.map((row) => row.slice(0, row.findLastIndex((text) => text !== '') + 1));
  return short.slice(0, short.findLastIndex((row) => row.length > 0) + 1);
};

const columnIndex = (name: string): number =>
  [...name].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;

export const tooManyCells = (tabs: ReadonlyMap<string, GoogleTab>): boolean =>
  [...tabs.values()].reduce((sum, { rowCount, columnCount }) => sum + rowCount * columnCount, 0) > 10_000_000;
