import type { Cell, Heading, Table } from '../../src/export/table.ts';

/** A table of some cells; `read` counts how many rows have been taken. */
export const aTable = (
  rows: Iterable<readonly Cell[]>,
  kinds: readonly Heading['kind'][] = ['text'],
  zone = 'Europe/Berlin',
): Table & { read(): number } => {
  let read = 0;
  return {
    title: 'Bookings',
    zone,
    headings: kinds.map((kind, place) => ({ name: `Column ${place + 1}`, width: 12, kind })),
    rows: (async function* () {
      for (const row of rows) {
        read += 1;
        yield row;
      }
    })(),
    read: () => read,
  };
};

export const aText = (value: string): Cell => ({ kind: 'text', value });
