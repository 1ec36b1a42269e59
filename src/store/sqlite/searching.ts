import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';
import type { Page } from '../ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource, withoutSeq } from '../resource-row.ts';
import type { Database } from './database.ts';
import { filterTerms, spanTerm, UNKNOWN_START } from './facets.ts';
import { wordings } from './wording.ts';

const DAY = 86_400_000;
/**
 * How many false matches of a rough query are read before the exact one is used instead. That is slower to intersect, but where
 * even the rarest trigrams are common, as in the domains of addresses, it beats reading every row that has those.
 */
const MOST_IN_VAIN = 500;
/** Bounds that every start and every row number lies within. */
const LOWEST = Number.MIN_SAFE_INTEGER;
const HIGHEST = Number.MAX_SAFE_INTEGER;

/** A search in the terms of the index. */
type Asked = {
  /** FTS5 expressions that all have to match; none for everything. */
  readonly terms: readonly string[];
  /** Quicker ones that also match resources which `fits` then rejects. */
  readonly rough: { readonly terms: readonly string[]; readonly fits: (resource: Resource) => boolean } | undefined;
  /** Within which the start lies, `to` excluded; undefined for any start, also an unknown one. */
  readonly span: { readonly from: number; readonly to: number } | undefined;
};

type FoundRow = ResourceRow & { readonly seq: number };

/**
 * Answers searches. Words and filters are intersected inside the full-text index; of the table, only the rows of the page are
 * read, and those that have to be checked against the text itself.
 */
export const searching = (database: Database) => {
  const wordingOf = wordings(database);
  const everything = database.prepare<FoundRow>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r ORDER BY r.seq DESC LIMIT ? OFFSET ?`,
  );
  // node:sqlite binds a number as a REAL, which the index does not accept as a row id.
  const below = database.prepare<FoundRow>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource_search s CROSS JOIN resource r ON r.seq = s.rowid
     WHERE s.resource_search MATCH ?1 AND s.rowid < CAST(?2 AS INTEGER)
       AND (?3 IS NULL OR (r.starts_at >= ?3 AND r.starts_at < ?4))
     ORDER BY s.rowid DESC LIMIT ?5 OFFSET ?6`,
  );
  const startingWithin = database.prepare<{ seq: number }>(
    `SELECT r.seq FROM resource_search s CROSS JOIN resource r ON r.seq = s.rowid
     WHERE s.resource_search MATCH ? AND r.starts_at >= ? AND r.starts_at < ? ORDER BY r.starts_at, r.seq LIMIT ?`,
  );
  const nextStart = database.prepare<{ at: number }>(
    'SELECT starts_at AS at FROM resource WHERE starts_at >= ? AND starts_at < ? ORDER BY starts_at LIMIT 1',
  );
  const bySeq = database.prepare<ResourceRow>(`SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.seq = ?`);

  const newest = ({ terms, rough, span }: Asked, { limit, offset }: Page): Resource[] => {
    const within = span ? [spanTerm(span.from, span.to)] : [];
    const ask = (asked: readonly string[], before: number, most: number, after: number): FoundRow[] =>
      below.all([...asked, ...within].join(' AND '), before, span?.from ?? null, span?.to ?? null, most, after);
    if (terms.length + within.length === 0) return everything.all(limit, offset).map(withoutSeq);
    if (!rough) return ask(terms, HIGHEST, limit, offset).map(withoutSeq);

    const wanted = limit + offset;
    const found: Resource[] = [];
    let before = HIGHEST;
    for (let read = 0; found.length < wanted && read - found.length < MOST_IN_VAIN; ) {
      const rows = ask(rough.terms, before, wanted, 0);
      found.push(...rows.map(withoutSeq).filter(rough.fits));
      if (rows.length < wanted) return found.slice(offset, wanted);
      read += rows.length;
      before = rows.at(-1)?.seq ?? 0;
    }
    const left = wanted - found.length;
    if (left > 0) found.push(...ask(terms, before, left, 0).map(withoutSeq));
    return found.slice(offset, wanted);
  };

  /** The first `most` resources that start within the span, by start. */
  const starting = (terms: readonly string[], from: number, to: number, most: number): Resource[] =>
    startingWithin
      .all([...terms, spanTerm(from, to)].join(' AND '), from, to, most)
      .flatMap(({ seq }) => bySeq.all(seq).map(toResource));

  /** Searches one day, then two, then four … so that not many more rows are sorted than are wanted. */
  const soonest = ({ terms, rough, span }: Asked, { limit, offset }: Page): Resource[] => {
    const wanted = limit + offset;
    const found: Resource[] = [];
    const end = span?.to ?? HIGHEST;
    let begin = nextStart.get(span?.from ?? LOWEST, end)?.at;
    let falseMatchesLeft = MOST_IN_VAIN;
    for (let days = 1; begin !== undefined && found.length < wanted; days *= 2) {
      const until = Math.min(begin + days * DAY, end);
      const left = wanted - found.length;
      if (rough && falseMatchesLeft > 0) {
        const read = starting(rough.terms, begin, until, left + falseMatchesLeft);
        const fitting = read.filter(rough.fits);
        falseMatchesLeft -= read.length - fitting.length;
        // With the budget used up, this span may hold more than was read: it is searched once more below.
        if (falseMatchesLeft > 0) found.push(...fitting.slice(0, left));
      }
      if (!rough || falseMatchesLeft <= 0) found.push(...starting(terms, begin, until, left));
      begin = nextStart.get(until, end)?.at;
    }
    const left = wanted - found.length;
    if (left > 0 && !span) {
      found.push(...newest({ terms: [...terms, UNKNOWN_START], rough: undefined, span }, { limit: left, offset: 0 }));
    }
    return found.slice(offset);
  };

  return {
    search(query: SearchQuery, page: Page): Resource[] {
      const { words, from, to, order } = query;
      const span = from === undefined && to === undefined ? undefined : { from: from ?? LOWEST, to: to ?? HIGHEST };
      if (span && span.from >= span.to) return [];
      const wording = wordingOf(words);
      const filters = filterTerms(query);
      // Words that leave nothing to search for match nothing, rather than everything.
      if (!wording && words.trim() !== '' && filters.length === 0 && !span) return [];
      const { term, rough } = wording ?? {};
      const asked: Asked = {
        terms: [...(term === undefined ? [] : [term]), ...filters],
        rough: rough && { terms: [rough.term, ...filters], fits: rough.fits },
        span,
      };
      return order === 'soonest' ? soonest(asked, page) : newest(asked, page);
    },
  };
};
