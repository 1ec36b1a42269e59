import { z } from 'zod';
import type { ApiClient } from './client.ts';
import type { Paging } from './paging.ts';

/**
 * The outcome of reading a list. `failed`: a page could not be read just now. `lost`: what came was no list, or one that
 * can't be read to its end; asking again at once would bring the same.
 */
export type ListRead = 'whole' | 'failed' | 'refused' | 'absent' | 'lost';

/** How long the request for a page may be queued, in milliseconds. */
const TURN = 30_000;

const pageSchema = z.looseObject({
  data: z.array(z.unknown()),
  meta: z
    .looseObject({ hasMore: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export type PagesOptions = {
  readonly now: () => number;
  /** Whether to trust the API's word that a page is the last one, which saves a request. */
  readonly trustHasMore: boolean;
};

/** Reads a list to its end, continuing where `paging` stands. Never rejects; the rows read are in `paging`. */
export const readPages = async (
  client: Pick<ApiClient, 'get'>,
  path: string,
  paging: Paging,
  { now, trustHasMore }: PagesOptions,
): Promise<ListRead> => {
  for (;;) {
    const { limit, offset } = paging.next();
    const answer = await client.get(`${path}?limit=${limit}&offset=${offset}`, now() + TURN);
    if (answer.as === 'unavailable' || answer.as === 'limited') return 'failed';
    if (answer.as === 'refused') return 'refused';
    if (answer.as === 'absent') return offset === 0 ? 'absent' : 'lost';
    const page = pageSchema.safeParse(answer.as === 'found' ? answer.body : undefined).data;
    if (!page) {
      // The page may have been too large to read, or its limit higher than the API allows.
      if (paging.shrink()) continue;
      return 'lost';
    }
    const taken = paging.take(page.data, trustHasMore && page.meta?.hasMore === false);
    if (taken !== 'more') return taken === 'end' ? 'whole' : 'lost';
  }
};
