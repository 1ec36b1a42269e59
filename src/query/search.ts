import type { QueryStore } from '../store/ports.ts';
import { type Summary, summarise } from './summary.ts';

export type SearchAnswer = {
  readonly words: string;
  readonly limit: number;
  readonly offset: number;
  /** Newest first. */
  readonly resources: readonly Summary[];
  /** Whether there are more after these. */
  readonly more: boolean;
};

/** Bookings, events and registrations that contain every word in any of their names, addresses and ids. */
export const search = async (
  store: Pick<QueryStore, 'search'>,
  words: string,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<SearchAnswer> => {
  const found = await store.search(words, { limit: limit + 1, offset });
  return { words, limit, offset, resources: found.slice(0, limit).map(summarise), more: found.length > limit };
};
