import type { ExportStore, NextPage, Span } from '../store/export-ports.ts';
import { type Cell, type Column, cellOf, type Table } from './table.ts';
import { bookingsIn, DELIVERIES, EVENTS, REGISTRATIONS } from './tables.ts';

/** The tables that can be exported. */
export const EXPORTS = ['bookings', 'registrations', 'events', 'deliveries'] as const;
export type ExportName = (typeof EXPORTS)[number];

export type Request = {
  readonly what: ExportName;
  readonly span: Span;
  /** The IANA zone in which times are written. */
  readonly zone: string;
  /** Called after each page with the number of rows read so far. */
  readonly onProgress?: (rows: number) => void;
};

/** Rows in memory at once; few, since the data of a webhook can be large. */
const PAGE = 100;

/** The table of everything in a period. Rows are read page by page, as they are consumed. */
export const readTable = (store: ExportStore, { what, span, zone, onProgress }: Request): Table => {
  const tell = onProgress ?? (() => undefined);
  const resources = (kind: string) => (page: NextPage) => store.exportResources(kind, span, page);
  const tables: { readonly [Name in ExportName]: () => Omit<Table, 'zone'> } = {
    bookings: () => tableOf('Bookings', bookingsIn(zone), resources('booking'), tell),
    registrations: () => tableOf('Registrations', REGISTRATIONS, resources('registration'), tell),
    events: () => tableOf('Events', EVENTS, resources('event'), tell),
    deliveries: () => tableOf('Deliveries', DELIVERIES, (page) => store.exportDeliveries(span, page), tell),
  };
  return { ...tables[what](), zone };
};

const tableOf = <Row extends { readonly seq: number }>(
  title: string,
  columns: readonly Column<Row>[],
  next: (page: NextPage) => Promise<readonly Row[]>,
  tell: (rows: number) => void,
): Omit<Table, 'zone'> => ({
  title,
  headings: columns.map(({ name, width, kind }) => ({ name, width, kind })),
  rows: cellsOf(columns, next, tell),
});

async function* cellsOf<Row extends { readonly seq: number }>(
  columns: readonly Column<Row>[],
  next: (page: NextPage) => Promise<readonly Row[]>,
  tell: (rows: number) => void,
): AsyncGenerator<readonly Cell[]> {
  let after = 0;
  let count = 0;
  for (;;) {
    const rows = await next({ after, limit: PAGE });
    for (const row of rows) yield columns.map((column) => cellOf(column, row));
    count += rows.length;
    tell(count);
    after = rows.at(-1)?.seq ?? after;
    if (rows.length < PAGE) return;
  }
}
