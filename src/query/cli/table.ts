import width from 'string-width';
import { cut, pad } from './fit.ts';
import type { Colour, Paint } from './paint.ts';
import { visible } from './visible.ts';

export type Column = {
  readonly title: string;
  /** Never cut, as for ids, which people copy. */
  readonly whole?: boolean;
};
export type Cell = string | { readonly text: string; readonly colour: Colour };

/** Even without a terminal, one very long cell must not push the rest of every row out of sight. */
const WIDEST = 200;
const NARROWEST = 6;
const GAP = 2;

/**
 * Writes an aligned table with a title row. Cells may hold anything anybody typed: they are made safe and kept to one line.
 * If a `width` is given, the widest columns are cut with `…` until the rows fit.
 */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly paint: Paint; readonly width: number | undefined },
): string => {
  const safe = rows.map((row) => row.map((cell) => cut(visible(textOf(cell)), WIDEST)));
  const wanted = columns.map(({ title }, index) =>
    Math.max(width(title), ...safe.map((row) => width(row[index] ?? ''))),
  );
  const widths = options.width === undefined ? wanted : narrowed(columns, wanted, options.width);

  const line = (cells: readonly string[], paint: (text: string, index: number) => string): string =>
    cells
      .map((cell, index) => {
        const painted = paint(cut(cell, Math.max(widths[index] ?? 0, 1)), index);
        return index === cells.length - 1 ? painted : pad(painted, widths[index] ?? 0);
      })
      .join(' '.repeat(GAP))
      .trimEnd();

  const titles = line(
    columns.map(({ title }) => title),
    (text) => options.paint('dim', text),
  );
  const body = safe.map((cells, row) =>
    line(cells, (text, index) => {
      const cell = rows[row]?.[index];
      return typeof cell === 'object' && text !== '' ? options.paint(cell.colour, text) : text;
    }),
  );
  return [titles, ...body].map((text) => `${text}\n`).join('');
};

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Narrows the widest column that may be cut, step by step, until the row fits or no column can be narrowed further. */
const narrowed = (columns: readonly Column[], wanted: readonly number[], most: number): number[] => {
  const widths = [...wanted];
  let excess = widths.reduce((sum, each) => sum + each, GAP * (widths.length - 1)) - most;
  while (excess > 0) {
    const widest = widths.reduce(
      (found, each, index) => (columns[index]?.whole || each <= (widths[found] ?? NARROWEST) ? found : index),
      -1,
    );
    const current = widths[widest];
    if (current === undefined || current <= NARROWEST) break;
    widths[widest] = current - 1;
    excess -= 1;
  }
  return widths;
};
