import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';
import type { Page } from '../ports.ts';
import type { Database } from './database.ts';
import { filterTerms, spanTerm, UNKNOWN_START } from './facets.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from './resources.ts';
import { matchExpression } from './search.ts';

const DAY = 86_400_000;
/** Bounds that every known start is within. */
const EARLIEST = Number.MIN_SAFE_INTEGER;
const LATEST = Number.MAX_SAFE_INTEGER;

/**
 * Answers searches. Words and filters are intersected inside the full-text index; of the table only the rows of the
 * page are read, and those whose start has to be compared.
 */
export const searching = (database: Database) => {
  const all = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM resource r ORDER BY r.seq DESC LIMIT ? OFFSET ?`,
  );
  const matches = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM (
       SELECT rowid AS seq FROM resource_search WHERE resource_search MATCH ? ORDER BY rowid DESC LIMIT ? OFFSET ?
     ) f CROSS JOIN resource r ON r.seq = f.seq ORDER BY r.seq DESC`,
  );
  const matchesWithin = database.prepare<ResourceRow>(
    `SELECT ${RESOURCE_COLUMNS} FROM resource_search s CROSS JOIN resource r ON r.seq = s.rowid
     WHERE s.resource_search MATCH ? AND r.starts_at >= ? AND r.starts_at < ? ORDER BY s.rowid DESC LIMIT ? OFFSET ?`,
  );
  const startingWithin = database.prepare<{ seq: number }>(
    `SELECT r.seq FROM resource_search s CROSS JOIN resource r ON r.seq = s.rowid
     WHERE s.resource_search MATCH ? AND r.starts_at >= ? AND r.starts_at < ? ORDER BY r.starts_at, r.seq LIMIT ?`,
  );
  const nextStart = database.prepare<{ at: number }>(
    'SELECT starts_at AS at FROM resource WHERE starts_at >= ? AND starts_at < ? ORDER BY starts_at LIMIT 1',
  );
  const unknownStart = database.prepare<{ seq: number }>(
    'SELECT rowid AS seq FROM resource_search WHERE resource_search MATCH ? ORDER BY rowid DESC LIMIT ?',
  );
  const bySeq = database.prepare<ResourceRow>(`SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.seq = ?`);

  const newest = (terms: readonly string[], { from, to }: SearchQuery, page: Page): ResourceRow[] => {
    if (from !== undefined || to !== undefined) {
      const expression = [...terms, spanTerm(from, to)].join(' AND ');
      return matchesWithin.all(expression, from ?? EARLIEST, to ?? LATEST, page.limit, page.offset);
    }
    if (terms.length === 0) return all.all(page.limit, page.offset);
    return matches.all(terms.join(' AND '), page.limit, page.offset);
  };

  /** Looks through a day, then two, then four … so that few more are sorted than are asked for. */
  const soonest = (terms: readonly string[], { from, to }: SearchQuery, { limit, offset }: Page): ResourceRow[] => {
    const wanted = limit + offset;
    const found: number[] = [];
    const add = (rows: readonly { seq: number }[]): void => {
      for (const { seq } of rows) found.push(seq);
    };
    const end = to ?? LATEST;
    let days = 1;
    let begin = nextStart.get(from ?? EARLIEST, end)?.at;
    while (begin !== undefined && found.length < wanted) {
      const until = Math.min(begin + days * DAY, end);
      const expression = [...terms, spanTerm(begin, until)].join(' AND ');
      add(startingWithin.all(expression, begin, until, wanted - found.length));
      days *= 2;
      begin = nextStart.get(until, end)?.at;
    }
    if (from === undefined && to === undefined && found.length < wanted) {
      add(unknownStart.all([...terms, UNKNOWN_START].join(' AND '), wanted - found.length));
    }
    return found.slice(offset, wanted).flatMap((seq) => bySeq.all(seq));
  };

  return {
    search(query: SearchQuery, page: Page): Resource[] {
      const words = matchExpression(query.words);
      const filters = filterTerms(query);
      const filtered = filters.length > 0 || query.from !== undefined || query.to !== undefined;
      // Words of which nothing is left to look for find nothing, rather than everything.
      if (words === undefined && query.words.trim() !== '' && !filtered) return [];
      const terms = [...(words === undefined ? [] : [`text : (${words})`]), ...filters];
      const rows = query.order === 'soonest' ? soonest(terms, query, page) : newest(terms, query, page);
      return rows.map(toResource);
    },
  };
};
