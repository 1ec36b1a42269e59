import { z } from 'zod';

/** An object of the API, as it came. */
export type Row = Readonly<Record<string, unknown>>;

/** The position in a list whose rows come and go while it is read, and the rows found so far. */
export type Paging = {
  /** The page to ask for. */
  next(): { readonly limit: number; readonly offset: number };
  /**
   * Takes the rows of that page; `last` is the API's word that it is the last one.
   * `end`: every row that was in the list all the time has been found. `lost`: reading on leads nowhere.
   */
  take(rows: readonly unknown[], last?: boolean): 'more' | 'end' | 'lost';
  /** Makes the following pages smaller; false if they are as small as can be. */
  shrink(): boolean;
  /** By id, each as last read. */
  readonly rows: ReadonlyMap<string, Row>;
};

/** The documented default page size, so it is certainly allowed. */
const SMALL = 50;
/** How many rows consecutive pages overlap by. */
const OVERLAP = 10;
/** More pages without a new row than this mean that the list changes faster than it is read, or that `offset` is ignored. */
const MOST_IDLE = 20;

const rowSchema = z.looseObject({ id: z.string().min(1) });

/**
 * Reads by overlapping pages. Rows that stay in the list keep their order, while others are added and removed around them.
 * So if a page contains a row that is known already, no row that stayed is missing between the two pages. A page without a
 * known row may have skipped some: reading goes back to a smaller offset. The API's total is ignored: a page no longer than
 * the overlap is the last one. Pages have to hold at least two rows. `size` is the page size, `most` the most rows to read.
 */
export const createPaging = (size: number, most: number): Paging => {
  const found = new Map<string, Row>();
  const mostPages = (4 * most) / size + MOST_IDLE;
  let limit = size;
  let offset = 0;
  let overlap = 0;
  let back = 0;
  let idle = 0;
  let pages = 0;

  const goBack = (): void => {
    back = back === 0 ? limit - overlap : back * 2;
    offset = Math.max(0, offset - back);
  };

  const goOn = (length: number): void => {
    back = 0;
    overlap = Math.min(OVERLAP, Math.ceil(length / 2));
    offset += length - overlap;
  };

  return {
    rows: found,
    next: () => ({ limit, offset }),
    take(rows, last = false) {
      const read = rows.map((row) => rowSchema.safeParse(row).data).filter((row) => row !== undefined);
      if (rows.length > 0 && read.length === 0) return 'lost';
      const before = found.size;
      const follows = offset === 0 || read.some(({ id }) => found.has(id));
      if (follows) for (const row of read) found.set(row.id, row);
      if (follows && (last || rows.length <= overlap)) return 'end';
      pages += 1;
      if (found.size === before) idle += 1;
      if (idle > MOST_IDLE || pages > mostPages || found.size > most) return 'lost';
      if (follows) goOn(rows.length);
      else goBack();
      return 'more';
    },
    shrink() {
      if (limit <= SMALL) return false;
      limit = SMALL;
      return true;
    },
  };
};
