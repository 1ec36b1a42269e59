import type { ApiClient } from './client.ts';
import type { Found } from './memory.ts';
import { readPages } from './pages.ts';
import { createPaging, type Row } from './paging.ts';

export type Schedules = {
  /** The cached schedule, however old. */
  known(id: string): Row | null;
  /** Finds a schedule by its id. The API can't be asked for a single one, so all are read and cached. */
  find(id: string): Promise<Found<Row>>;
};

const KEPT = 10 * 60_000;
/** A schedule that is missing may be new: the list is read again for it, this many milliseconds after the last reading. */
const KEPT_IF_MISSING = 60_000;
const PAGE = 50;
const MOST_ROWS = 2_000;

/** Reads and caches all schedules, on the first question for one. */
export const createSchedules = (client: ApiClient, now: () => number): Schedules => {
  let known: ReadonlyMap<string, Row> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<boolean> | undefined;

  const readAll = async (): Promise<boolean> => {
    const paging = createPaging(PAGE, MOST_ROWS);
    // What a wrong `hasMore` leaves out is looked for again a minute later.
    const read = await readPages(client, 'schedules', paging, { now, trustHasMore: true });
    if (read === 'failed') return false;
    // Only a list that was read to its end proves that a missing schedule is gone.
    known = read === 'whole' ? paging.rows : new Map([...known, ...paging.rows]);
    readAt = now();
    return true;
  };

  return {
    known: (id) => known.get(id) ?? null,
    async find(id) {
      const age = now() - readAt;
      if (age >= 0 && age < (known.has(id) ? KEPT : KEPT_IF_MISSING))
        return { value: known.get(id) ?? null, sure: true };
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
      const sure = await reading;
      return { value: known.get(id) ?? null, sure };
    },
  };
};
