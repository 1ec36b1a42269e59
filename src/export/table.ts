/*
 * What is exported, before it is a file: columns that know their kind, so that a date becomes a date and a number a number
 * in whatever format is written.
 */

/** An instant in Unix milliseconds, to be shown as the clock of an IANA zone shows it. */
export type ZonedInstant = { readonly at: number; readonly zone: string };

/**
 * text: as it is. number: a finite number. time: an instant in Unix milliseconds, written in the table's zone. local: an
 * instant written in a zone of its own, which another column names. day: a date without a time, as `2027-02-15`. null stands
 * for an empty cell in each.
 */
export type Column<Row> = {
  readonly name: string;
  /** About how many characters of it are to be seen at once. */
  readonly width: number;
} & (
  | { readonly kind: 'text'; readonly value: (row: Row) => string | null }
  | { readonly kind: 'day'; readonly value: (row: Row) => string | null }
  | { readonly kind: 'number'; readonly value: (row: Row) => number | null }
  | { readonly kind: 'time'; readonly value: (row: Row) => number | null }
  | { readonly kind: 'local'; readonly value: (row: Row) => ZonedInstant | null }
);

/** A cell as the writers take it: the column's kind with a value of it. */
export type Cell =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'day'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'time'; readonly value: number }
  | { readonly kind: 'local'; readonly value: ZonedInstant }
  | { readonly kind: 'empty' };

export type Heading = { readonly name: string; readonly width: number; readonly kind: Column<never>['kind'] };

/** A table to be written: its rows come as they are read, and once only. */
export type Table = {
  /** The name of the sheet: short, without `[]:*?/\`. */
  readonly title: string;
  /** The IANA zone in which times are written that have none of their own. */
  readonly zone: string;
  readonly headings: readonly Heading[];
  readonly rows: AsyncIterable<readonly Cell[]>;
};

/** A value that is not of its column's kind, in data that nobody promised, is an empty cell. */
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
