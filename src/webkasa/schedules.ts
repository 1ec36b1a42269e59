import type { ApiClient } from './client.ts';
import type { Found } from './memory.ts';
import { readPages } from './pages.ts';
import { createPaging, type Row } from './paging.ts';

export type Schedules = {
  /** What is known of it without asking, however old. */
  known(id: string): Row | null;
  /** The schedule of an id. There is no asking for one alone, so all are read, and kept. */
  find(id: string): Promise<Found<Row>>;
};

const KEPT = 10 * 60_000;
/** A schedule that is not among them may be new; it is looked for so often at the most. */
const LOOKED_AGAIN = 60_000;
const PAGE = 50;
const MOST_ROWS = 2_000;

export const createSchedules = (client: ApiClient, now: () => number): Schedules => {
  let known: ReadonlyMap<string, Row> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<boolean> | undefined;

  const readAll = async (): Promise<boolean> => {
    const paging = createPaging(PAGE, MOST_ROWS);
    // What a wrong word about the end leaves out is looked for again a minute later.
    const read = await readPages(client, 'schedules', paging, { now, believed: true });
    if (read === 'failed') return false;
    // Only a list that was read to its end says that those it lacks are gone.
    known = read === 'whole' ? paging.rows : new Map([...known, ...paging.rows]);
    readAt = now();
    return true;
  };

  return {
    known: (id) => known.get(id) ?? null,
    async find(id) {
      const age = now() - readAt;
      if (age >= 0 && age < (known.has(id) ? KEPT : LOOKED_AGAIN)) return { value: known.get(id) ?? null, sure: true };
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
      const sure = await reading;
      return { value: known.get(id) ?? null, sure };
    },
  };
};
