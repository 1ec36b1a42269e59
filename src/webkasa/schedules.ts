import { z } from 'zod';
import type { ApiClient } from './client.ts';
import type { Found } from './memory.ts';

type Fields = Readonly<Record<string, unknown>>;

export type Schedules = {
  /** What is known of it without asking, however old. */
  known(id: string): Fields | null;
  /** The schedule of an id. There is no asking for one alone, so all are read, and kept. */
  find(id: string): Promise<Found<Fields>>;
};

const KEPT = 10 * 60_000;
/** A schedule that is not among them may be new; it is looked for so often at the most. */
const LOOKED_AGAIN = 60_000;
const PAGE = 50;
/** Rows shift while pages are read, so each page begins with the last rows of the one before. */
const OVERLAP = 5;
const MOST_PAGES = 40;
const ONE_REQUEST = 30_000;

const rowSchema = z.looseObject({ id: z.string().min(1) });
const pageSchema = z.looseObject({
  data: z.array(z.unknown()),
  meta: z
    .looseObject({ hasMore: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export const createSchedules = (client: ApiClient, now: () => number): Schedules => {
  let known: ReadonlyMap<string, Fields> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<boolean> | undefined;

  const readAll = async (): Promise<boolean> => {
    const found = new Map<string, Fields>();
    for (let page = 0, offset = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.get(`schedules?limit=${PAGE}&offset=${offset}`, now() + ONE_REQUEST);
      if (answer.as === 'unavailable' || answer.as === 'limited') return false;
      const parsed = pageSchema.safeParse(answer.as === 'found' ? answer.body : undefined);
      const rows = parsed.data?.data ?? [];
      for (const row of rows) {
        const schedule = rowSchema.safeParse(row);
        if (schedule.success) found.set(schedule.data.id, schedule.data);
      }
      const more = parsed.data?.meta?.hasMore ?? rows.length >= PAGE;
      if (!more || rows.length <= OVERLAP) break;
      offset += rows.length - OVERLAP;
    }
    known = found;
    readAt = now();
    return true;
  };

  return {
    known: (id) => known.get(id) ?? null,
    async find(id) {
      const age = now() - readAt;
      if (age < (known.has(id) ? KEPT : LOOKED_AGAIN)) return { value: known.get(id) ?? null, sure: true };
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
      const sure = await reading;
      return { value: known.get(id) ?? null, sure };
    },
  };
};
