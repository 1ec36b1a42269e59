import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';
import type { Page } from '../ports.ts';
import { RESOURCE_COLUMNS, withoutSeq } from '../resource-row.ts';
import type { Database } from './database.ts';
import type { FoundResource } from './resources.ts';
import { conditionsOf, type SearchConditions } from './search-conditions.ts';

/** Rows of a list that are scanned at first: a term that many rows contain is found among these, whatever the index holds. */
const FIRST_LOOK = 1_000;
/** The scan goes on up to so many rows if the first ones promise that these will fill the page. */
const FURTHEST_LOOK = 5_000;

/** The orders of resources that an index has. `sorted` is the same order in a form that can't use that index. */
const LISTS = {
  newest: { where: 'true', order: 'r.seq DESC', sorted: 'r.seq + 0 DESC' },
  dated: { where: 'r.starts_at IS NOT NULL', order: 'r.starts_at, r.seq', sorted: 'r.starts_at + 0, r.seq' },
  undated: { where: 'r.starts_at IS NULL', order: 'r.seq DESC', sorted: 'r.seq + 0 DESC' },
} as const;
type List = keyof typeof LISTS;

type Scan = { readonly scanned: number; readonly fitting: number; readonly found: readonly number[] };

/**
 * Answers searches in one of two ways: frequent terms by scanning the beginning of the list, rare ones by the indexes of words
 * and filters, whose rows are then sorted. Each way is slow for the other's terms, and PostgreSQL can't be left to choose: it
 * misjudges parts of words often enough to read a whole table for a page of ten.
 */
export const searching = (database: Database) => {
  /** Scans the first `most` rows of a list; `found` holds up to `wanted` of those that match. */
  const scan = async (list: List, conditions: SearchConditions, most: number, wanted: number): Promise<Scan> => {
    const { where, order } = LISTS[list];
    const next = conditions.values.length + 1;
    const [result = NOTHING] = await database.query<Scan>(
      `SELECT count(*) AS scanned, count(*) FILTER (WHERE l.fits) AS fitting,
         coalesce((array_agg(l.seq ORDER BY l.place) FILTER (WHERE l.fits))[:$${next}], '{}') AS found
       FROM (SELECT r.seq, row_number() OVER (ORDER BY ${order}) AS place, ${conditions.fits} AS fits
         FROM resource r WHERE ${where} AND ${conditions.within} ORDER BY ${order} LIMIT $${next + 1}) l`,
      [...conditions.values, wanted, most],
    );
    return result;
  };

  /** Lets PostgreSQL choose among the indexes of words and filters. */
  const lookUp = (list: List, conditions: SearchConditions, wanted: number): Promise<number[]> =>
    database.transaction(async (sql) => {
      // Planned for these very words: a generic plan would fit no words in particular.
      await sql.query(
        `SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '32MB', true)`,
      );
      const { where, sorted } = LISTS[list];
      const rows = await sql.query<{ seq: number }>(
        `SELECT r.seq FROM resource r WHERE ${where} AND ${conditions.within} AND ${conditions.fits}
         ORDER BY ${sorted} LIMIT $${conditions.values.length + 1}`,
        [...conditions.values, wanted],
      );
      return rows.map(({ seq }) => seq);
    });

  /** The first rows of a list that match, at most `wanted`. */
  const first = async (list: List, conditions: SearchConditions, wanted: number): Promise<readonly number[]> => {
    let most = conditions.anything ? wanted : Math.max(FIRST_LOOK, wanted);
    const furthest = Math.max(FURTHEST_LOOK, 3 * wanted);
    for (;;) {
      const { scanned, fitting, found } = await scan(list, conditions, most, wanted);
      if (fitting >= wanted || scanned < most) return found;
      // Half as many again as are needed if the rest is like the beginning.
      const expected = fitting === 0 ? Number.POSITIVE_INFINITY : Math.ceil((1.5 * wanted * scanned) / fitting);
      if (expected > furthest || most === furthest) return await lookUp(list, conditions, wanted);
      most = Math.min(Math.max(expected, 2 * most), furthest);
    }
  };

  return {
    async search(query: SearchQuery, { limit, offset }: Page): Promise<readonly Resource[]> {
      const conditions = conditionsOf(query);
      if (!conditions) return [];
      const wanted = limit + offset;
      const seqs = [...(await first(query.order === 'soonest' ? 'dated' : 'newest', conditions, wanted))];
      if (query.order === 'soonest' && !conditions.dated && seqs.length < wanted) {
        seqs.push(...(await first('undated', conditions, wanted - seqs.length)));
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

const NOTHING: Scan = { scanned: 0, fitting: 0, found: [] };
