/*
 * A table before it is written in a format. Columns have a kind, so that dates become dates and numbers become numbers.
 */

/** An instant in Unix milliseconds, to be written as local time of an IANA zone. */
export type ZonedInstant = { readonly at: number; readonly zone: string };

/**
 * A column and how to get its value from a row; null makes an empty cell.
 * - `text`: any text. `number`: a finite number. `day`: a date without a time, `2027-02-15`.
 * - `time`: an instant in Unix milliseconds, written in the table's zone.
 * - `local`: an instant written in a zone of its own, which another column names.
 */
export type Column<Row> = {
  readonly name: string;
  /** The width of the column in a spreadsheet, in characters. */
  readonly width: number;
} & (
  | { readonly kind: 'text'; readonly value: (row: Row) => string | null }
  | { readonly kind: 'day'; readonly value: (row: Row) => string | null }
  | { readonly kind: 'number'; readonly value: (row: Row) => number | null }
  | { readonly kind: 'time'; readonly value: (row: Row) => number | null }
  | { readonly kind: 'local'; readonly value: (row: Row) => ZonedInstant | null }
);

/** A cell as the writers take it: a value and its kind. */
export type Cell =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'day'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'time'; readonly value: number }
  | { readonly kind: 'local'; readonly value: ZonedInstant }
  | { readonly kind: 'empty' };

export type Heading = { readonly name: string; readonly width: number; readonly kind: Column<never>['kind'] };

/** A table to be written. Its rows are read while they are iterated, which is possible once. */
export type Table = {
  /** The name of the sheet: short, without `[]:*?/\`. */
  readonly title: string;
  /** The IANA zone of all times that have no zone of their own. */
  readonly zone: string;
  readonly headings: readonly Heading[];
  readonly rows: AsyncIterable<readonly Cell[]>;
};

/** The cell of a row in a column. A value that is not finite or is empty makes an empty cell. */
export const cellOf = <Row>(column: Column<Row>, row: Row): Cell => {
  if (column.kind === 'local') {
    const value = column.value(row);
    return value !== null && Number.isFinite(value.at) ? { kind: 'local', value } : { kind: 'empty' };
  }
  if (column.kind === 'number' || column.kind === 'time') {
    const value = column.value(row);
    return value !== null && Number.isFinite(value) ? { kind: column.kind, value } : { kind: 'empty' };
  }
  const value = column.value(row);
  return value === null || value === '' ? { kind: 'empty' } : { kind: column.kind, value };
};
