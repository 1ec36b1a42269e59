import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';
import type { Page } from '../ports.ts';
import { RESOURCE_COLUMNS, withoutSeq } from '../resource-row.ts';
import { type Asked, askedBy } from './asked.ts';
import type { Database } from './database.ts';
import type { FoundResource } from './resources.ts';

/** As many of the first are looked at one by one: whatever many have is found among them, however the index is filled. */
const FIRST_LOOK = 1_000;
/** Where the first look promises that a page is found among so many, they are looked at too. */
const FURTHEST_LOOK = 5_000;

/** Resources in an order that an index has; `sorted` is the same order, and keeps PostgreSQL from using that index for it. */
const LISTS = {
  newest: { where: 'true', order: 'r.seq DESC', sorted: 'r.seq + 0 DESC' },
  dated: { where: 'r.starts_at IS NOT NULL', order: 'r.starts_at, r.seq', sorted: 'r.starts_at + 0, r.seq' },
  undated: { where: 'r.starts_at IS NULL', order: 'r.seq DESC', sorted: 'r.seq + 0 DESC' },
} as const;
type List = keyof typeof LISTS;

type Look = { readonly looked: number; readonly fitting: number; readonly found: readonly number[] };

/**
 * Answers searches. What many have is found by looking through the first of the list; what few have, by the indexes of words
 * and filters, whose rows are then sorted. Neither is quick for both, and PostgreSQL, which has to guess how many there are,
 * guesses wrong for parts of words often enough to read everything for a page of ten.
 */
export const searching = (database: Database) => {
  /** Looks at the first `most` of a list; `found` holds up to `wanted` of those that fit. */
  const lookThrough = async (list: List, asked: Asked, most: number, wanted: number): Promise<Look> => {
    const { where, order } = LISTS[list];
    const next = asked.values.length + 1;
    const [look = NOTHING] = await database.query<Look>(
      `SELECT count(*) AS looked, count(*) FILTER (WHERE l.fits) AS fitting,
         coalesce((array_agg(l.seq ORDER BY l.place) FILTER (WHERE l.fits))[:$${next}], '{}') AS found
       FROM (SELECT r.seq, row_number() OVER (ORDER BY ${order}) AS place, ${asked.fits} AS fits
         FROM resource r WHERE ${where} AND ${asked.within} ORDER BY ${order} LIMIT $${next + 1}) l`,
      [...asked.values, wanted, most],
    );
    return look;
  };

  /** Lets PostgreSQL choose among the indexes of words and filters, knowing what is asked. */
  const ask = (list: List, asked: Asked, wanted: number): Promise<number[]> =>
    database.transaction(async (sql) => {
      // A plan for any words would be one for none in particular.
      await sql.query(
        `SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '32MB', true)`,
      );
      const { where, sorted } = LISTS[list];
      const rows = await sql.query<{ seq: number }>(
        `SELECT r.seq FROM resource r WHERE ${where} AND ${asked.within} AND ${asked.fits}
         ORDER BY ${sorted} LIMIT $${asked.values.length + 1}`,
        [...asked.values, wanted],
      );
      return rows.map(({ seq }) => seq);
    });

  /** The first of a list that fit, no more than `wanted`. */
  const first = async (list: List, asked: Asked, wanted: number): Promise<readonly number[]> => {
    let most = asked.anything ? wanted : Math.max(FIRST_LOOK, wanted);
    const furthest = Math.max(FURTHEST_LOOK, 3 * wanted);
    for (;;) {
      const { looked, fitting, found } = await lookThrough(list, asked, most, wanted);
      if (fitting >= wanted || looked < most) return found;
      // Half as many again as it takes where the rest is like the first.
      const expected = fitting === 0 ? Number.POSITIVE_INFINITY : Math.ceil((1.5 * wanted * looked) / fitting);
      if (expected > furthest || most === furthest) return await ask(list, asked, wanted);
      most = Math.min(Math.max(expected, 2 * most), furthest);
    }
  };

  return {
    async search(query: SearchQuery, { limit, offset }: Page): Promise<readonly Resource[]> {
      const asked = askedBy(query);
      if (!asked) return [];
      const wanted = limit + offset;
      const seqs = [...(await first(query.order === 'soonest' ? 'dated' : 'newest', asked, wanted))];
      if (query.order === 'soonest' && !asked.dated && seqs.length < wanted) {
        seqs.push(...(await first('undated', asked, wanted - seqs.length)));
      }
      if (seqs.length <= offset) return [];
      const rows = await database.query<FoundResource>(
        `SELECT r.seq, ${RESOURCE_COLUMNS} FROM unnest($1::bigint[]) WITH ORDINALITY AS f (seq, place)
         JOIN resource r ON r.seq = f.seq ORDER BY f.place`,
        [seqs.slice(offset, wanted)],
      );
      return rows.map(withoutSeq);
    },
  };
};

const NOTHING: Look = { looked: 0, fitting: 0, found: [] };
