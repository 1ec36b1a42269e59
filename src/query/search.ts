import type { SearchQuery } from '../core/search-query.ts';
import type { Page, QueryStore } from '../store/ports.ts';
import { type Summary, summarise } from './summary.ts';

export type SearchAnswer = {
  readonly query: SearchQuery;
  readonly limit: number;
  readonly offset: number;
  /** Newest first, unless the query orders them otherwise. */
  readonly resources: readonly Summary[];
  /** Whether there are more after these. */
  readonly more: boolean;
};

/** Finds the bookings, events and registrations that match every part of the query. */
export const search = async (
  store: Pick<QueryStore, 'search'>,
  query: SearchQuery,
  { limit, offset }: Page,
): Promise<SearchAnswer> => {
  const found = await store.search(query, { limit: limit + 1, offset });
  return { query, limit, offset, resources: found.slice(0, limit).map(summarise), more: found.length > limit };
};
