import { DeliveryError } from '../../../core/errors.ts';
import type { AfterWrite } from './grid.ts';
import type { Laid, Placed, TabState } from './layout.ts';
import { columnName, rangeOf, sameText } from './requests.ts';
import type { GoogleRow } from './row.ts';

/*
 * The Sheets API has no conditional writes: if somebody sorts a tab between the look and the write, an update hits another row.
 * So every write asks for the texts right after it that show where it ended up: row 1, and the key of each updated row.
 */

/** The ranges to ask for after a write; none for a tab that the write creates, which nobody else can have changed. */
export const rangesToShow = (state: TabState, laid: Laid, placed: readonly Placed[]): readonly string[] => {
  if (!state.tab) return [];
  const cells = new Set(
    placed.flatMap(({ row, at }) => {
      if (at === undefined) return [];
      const cell = `${columnName(laid.header.indexOf(row.keyColumn))}${at + 1}`;
      return [rangeOf(state.title, `${cell}:${cell}`)];
    }),
  );
  return [rangeOf(state.title, '1:1'), ...cells];
};

/** The rows that ended up in the wrong place, and why. Each is written again where it belongs. */
export const movedRows = (
  state: TabState,
  laid: Laid,
  placed: readonly Placed[],
  after: AfterWrite,
): ReadonlyMap<GoogleRow, DeliveryError> => {
  const shows = (row: number, column: number, text: string): boolean =>
    sameText(after.text(laid.sheetId, row, column) ?? text) === text;
  const columnsMoved = ({ columns }: GoogleRow): boolean =>
    columns.some(([name]) => !shows(0, laid.header.indexOf(sameText(name)), sameText(name)));

  const moved = new Map<GoogleRow, DeliveryError>();
  if (!state.tab) return moved;
  for (const { row, at } of placed) {
    const where = at === undefined ? 'The new row' : `Row ${at + 1}`;
    if (columnsMoved(row)) {
      moved.set(
        row,
        movedMeanwhile(
          `Columns of the tab "${state.title}" were moved in the very moment of the write. ${where} may have cells below the ` +
            'wrong headers. It is written again below the right ones; delete what is wrong.',
        ),
      );
    } else if (at !== undefined && !shows(at, laid.header.indexOf(row.keyColumn), row.key)) {
      moved.set(
        row,
        movedMeanwhile(
          `Rows of the tab "${state.title}" were moved in the very moment of the write: the one that came to stand in row ` +
            `${at + 1} has cells of another now. This one is written again in its place; for that one, run its newest ` +
            'webhook again, with `rerun`.',
        ),
      );
    }
  }
  return moved;
};

const movedMeanwhile = (message: string): DeliveryError =>
  new DeliveryError('moved_meanwhile', message, { verdict: 'retry' });
