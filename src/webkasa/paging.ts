import { z } from 'zod';

export type Row = Readonly<Record<string, unknown>>;

/** Where to read on in a list whose rows come and go meanwhile, and what was found of it so far. */
export type Paging = {
  /** The page to ask for. */
  next(): { readonly limit: number; readonly offset: number };
  /**
   * Takes the rows of that page. `last` is the API's word that no page comes after it.
   * `end`: whatever was in the list all the time is found. `lost`: reading on leads nowhere.
   */
  take(rows: readonly unknown[], last?: boolean): 'more' | 'end' | 'lost';
  /** Asks for smaller pages from now on; false where they are small already. */
  shrink(): boolean;
  /** By id; each as it was read the last time. */
  readonly rows: ReadonlyMap<string, Row>;
};

/** Documented as what a page holds where nobody asks for more, so it is certainly allowed. */
const SMALL = 50;
/** Rows by which pages overlap. */
const OVERLAP = 10;
/** Pages that brought nothing new: with more of them the list changes faster than it is read, or pages are not heeded. */
const MOST_IDLE = 20;

const rowSchema = z.looseObject({ id: z.string().min(1) });

/**
 * Rows that stay keep their order, while others are added and taken away before, between and after them. So once a page
 * has a row that is known already, nothing that stayed is missing between the two; a page without one may have skipped
 * some, and is read again from further to the front. What the API says of the total is not asked: a page that is no longer
 * than what was to be known of it already is the last one. Pages have to hold two rows at least.
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
