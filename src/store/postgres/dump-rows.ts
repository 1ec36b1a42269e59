import { KEPT_TABLE_NAMES } from '../kept-tables.ts';

const LINE_END = 0x0a;
/** As much of a line is kept. The lines that delimit the rows of a table are shorter. */
const LONGEST = 4_096;
const BEGINS = /^COPY (?:.+\.)?(\w+) \(.*\) FROM stdin;$/;
const ENDS = '\\.';

/**
 * Counts the rows in pg_restore's SQL output, piece by piece. Each line between `COPY … FROM stdin;` and `\.` is a row, since
 * line breaks within values are escaped (postgresql.org/docs/current/sql-copy.html).
 */
export const createRowCount = () => {
  const counts: Record<string, number> = Object.fromEntries(KEPT_TABLE_NAMES.map((table) => [table, 0]));
  let table: string | undefined;
  /** The beginning of the current line, from earlier pieces. */
  let begun = '';

  const count = (line: string): void => {
    if (table === undefined) table = BEGINS.exec(line)?.[1];
    else if (line === ENDS) table = undefined;
    else if (table in counts) counts[table] = (counts[table] ?? 0) + 1;
  };

  return {
    add(piece: Buffer): void {
      let from = 0;
      for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, from)) {
        count(begun + piece.toString('latin1', from, Math.min(end, from + LONGEST)));
        begun = '';
        from = end + 1;
      }
      begun += piece.toString('latin1', from, Math.min(piece.length, from + LONGEST - begun.length));
    },
    /** By table, see kept-tables.ts. */
    rows: (): Readonly<Record<string, number>> => counts,
  };
};
