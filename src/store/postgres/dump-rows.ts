import { KEPT_TABLE_NAMES } from '../kept-tables.ts';

const LINE_END = 0x0a;
/** Lines that begin or end the rows of a table are shorter. */
const LONGEST = 4_096;
const BEGINS = /^COPY (?:.+\.)?(\w+) \(.*\) FROM stdin;$/;
const ENDS = '\\.';

/**
 * Counts the rows in what pg_restore writes as SQL, piece by piece: one line each between `COPY … FROM stdin;` and `\.`, as a
 * line break within a value is written `\n` (postgresql.org/docs/current/sql-copy.html).
 */
export const createRowCount = () => {
  const counts: Record<string, number> = Object.fromEntries(KEPT_TABLE_NAMES.map((table) => [table, 0]));
  let table: string | undefined;
  /** What earlier pieces had of the line under way, as far as it matters. */
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
    /** By table: what every store keeps, see kept-tables.ts. */
    rows: (): Readonly<Record<string, number>> => counts,
  };
};
