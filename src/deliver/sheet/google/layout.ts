import { DeliveryError } from '../../../core/errors.ts';
import type { SheetRequest, Tab } from './api.ts';
import { addColumns, addTab, appendRows, type Cells, cellText, hideColumn, sameText, setCells } from './requests.ts';
import { DELIVERY_COLUMN, type GoogleRow } from './row.ts';

/** A tab as it was read. */
export type TabState = {
  readonly title: string;
  /** undefined where the tab does not exist and has to be created. */
  readonly tab: Tab | undefined;
  /** The texts of row 1, normalised by `sameText`. */
  readonly header: readonly string[];
  /** The number of columns in use, including those without a header. */
  readonly width: number;
  /** Whether there is neither a header nor a row below it. */
  readonly empty: boolean;
};

export const tabState = (title: string, tab: Tab | undefined, top: readonly (readonly string[])[]): TabState => {
  const [first = [], second = []] = top;
  const header = first.map(sameText);
  return {
    title,
    tab,
    header,
    width: Math.max(first.length, second.length),
    empty: header.every((name) => name === '') && second.length === 0,
  };
};

/**
 * Why a row can't be written below this header: a column that the bot has written before is gone, or one exists twice. Nothing
 * is written then, so that nothing ends up in the wrong column.
 */
export const headerFault = (
  state: TabState,
  columns: GoogleRow['columns'],
  remembered: readonly string[],
): DeliveryError | undefined => {
  const names = columns.map(([name]) => sameText(name));
  const where = `the tab "${state.title}"`;
  if (!state.tab && remembered.length > 0) {
    return stopped(
      'tab_missing',
      `There is no tab "${state.title}" any more. Name it so again, or write its new name into the rule.`,
    );
  }
  const twice = names.find((name) => state.header.indexOf(name) !== state.header.lastIndexOf(name));
  if (twice !== undefined) {
    return stopped('columns_alike', `Two columns of ${where} are called "${twice}". Rename one of them.`);
  }
  const gone = state.empty ? [] : names.filter((name) => remembered.includes(name) && !state.header.includes(name));
  if (gone.length === 0) return undefined;
  const quoted = gone.map((name) => `"${name}"`).join(', ');
  return stopped(
    'columns_changed',
    `Row 1 of ${where} no longer has ${quoted}: renamed or removed. Write it there again, or change the name in the rule.`,
  );
};

const stopped = (code: string, message: string): DeliveryError =>
  new DeliveryError(code, `${message} Rows wait until then; nothing was written.`, { verdict: 'retry' });

/** Where a row goes: to a row of the tab (counted from 0), or undefined for the end. */
export type Placed = { readonly row: GoogleRow; readonly at: number | undefined };

/** The requests for a tab, and the row 1 that they rely on. */
export type Laid = {
  readonly sheetId: number;
  readonly requests: readonly SheetRequest[];
  readonly header: readonly string[];
};

/**
 * Rows keep their order; of several with one key, the last one wins. An update does not write the cell of the key: should
 * people move rows at that very moment, no key is lost or duplicated.
 */
export const layOut = (state: TabState, placed: readonly Placed[], newSheetId: number): Laid => {
  const sheetId = state.tab?.sheetId ?? newSheetId;
  const header = [...state.header];
  const added = new Map<number, string>();
  let width = state.width;
  const columnOf = (name: string): number => {
    const known = header.indexOf(sameText(name));
    if (known !== -1) return known;
    const column = width;
    width += 1;
    header[column] = sameText(name);
    added.set(column, cellText(name));
    return column;
  };

  const updates = new Map<number, Map<number, string>>();
  const appends = new Map<string, Map<number, string>>();
  for (const { row, at } of placed) {
    const cells =
      at === undefined
        ? appends.getOrInsertComputed(`${row.keyColumn}\n${row.key}`, () => new Map())
        : updates.getOrInsertComputed(at, () => new Map());
    for (const [name, text] of row.columns) {
      if (at === undefined || sameText(name) !== row.keyColumn) cells.set(columnOf(name), text);
    }
  }

  const columnCount = state.tab?.columnCount ?? width;
  const hidden = [...added].find(([, name]) => name === DELIVERY_COLUMN)?.[0];
  const requests = [
    ...(state.tab ? [] : [addTab(sheetId, state.title, width)]),
    ...(width > columnCount ? [addColumns(sheetId, width - columnCount)] : []),
    ...setCells(sheetId, 0, added),
    ...(hidden === undefined ? [] : [hideColumn(sheetId, hidden)]),
    ...[...updates].flatMap(([at, cells]) => setCells(sheetId, at, cells)),
    ...(appends.size > 0 ? [appendRows(sheetId, [...appends.values()] satisfies readonly Cells[])] : []),
  ];
  return { sheetId, requests, header };
};
