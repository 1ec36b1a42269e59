import { MOST_SKEW } from '../core/clock-skew.ts';
import { atMost } from '../runtime/at-most.ts';
import type { ApiClient } from './client.ts';
import type { FactFinder, Registrations } from './facts.ts';
import { type ListRead, readPages } from './pages.ts';
import { createPaging, type Paging, type Row } from './paging.ts';

/** How long a list is cached, and a list read in part can be continued, in milliseconds. */
const KEPT = 60_000;
/** Beyond these, the oldest lists are evicted; one that was not complete is then read from its start. */
const MOST_LISTS = 500;
const MOST_KEPT_ROWS = 50_000;
/** How often callers who wait check whether waiting is still worth it, in milliseconds. */
const LOOK = 500;
const PAGE = 100;
const MOST_ROWS = 20_000;

type List = {
  readonly paging: Paging;
  /** The outcome of the last reading; undefined until the first is over. */
  read: ListRead | undefined;
  /** When it was first asked for. It need not reflect changes made after that. */
  readonly begun: number;
  /** When it last made progress, or was first asked for. */
  at: number;
  reading: Promise<void> | undefined;
};

/** Reads the registrations of events. One reading at a time per event, shared by all callers. */
export const createRegistrations = (client: ApiClient, now: () => number): FactFinder['registrations'] => {
  const lists = new Map<string, List>();

  const isOld = ({ at, reading }: List): boolean => reading === undefined && (now() - at >= KEPT || now() < at);

  const tidy = (): void => {
    let rows = lists.values().reduce((sum, { paging }) => sum + paging.rows.size, 0);
    for (const [id, list] of lists) {
      const isTooMuch = lists.size >= MOST_LISTS || rows > MOST_KEPT_ROWS;
      if (!isOld(list) && !(isTooMuch && list.reading === undefined)) continue;
      lists.delete(id);
      rows -= list.paging.rows.size;
    }
  };

  /** A reading under way is never cut short, even if the list has to be read again after it. */
  const listOf = (eventId: string, since: number): List => {
    tidy();
    const known = lists.get(eventId);
    if (known && (known.reading !== undefined || known.begun >= since)) return known;
    const at = now();
    const list: List = { paging: createPaging(PAGE, MOST_ROWS), read: undefined, begun: at, at, reading: undefined };
    lists.set(eventId, list);
    return list;
  };

  const readOn = async (eventId: string, list: List): Promise<void> => {
    // A wrong `hasMore` must not leave anybody out.
    const how = { now, trustHasMore: false };
    const before = list.paging.rows.size;
    list.read = await readPages(client, `events/${eventId}/registrations`, list.paging, how);
    if (list.read !== 'failed' || list.paging.rows.size > before) list.at = now();
    list.reading = undefined;
  };

  return async (eventId, deadline, since = 0) => {
    // Far in the future means that the clock was set back since: which list was begun after it can't be told then.
    const at = now();
    const after = since <= at + MOST_SKEW ? Math.min(since, at) : 0;
    for (;;) {
      const list = listOf(eventId, after);
      if (list.reading === undefined && isWorthReading(list.read)) list.reading = readOn(eventId, list);
      // Wait only while pages keep coming: a caller waiting for a hanging API, or for its limits, holds up other deliveries.
      while (list.reading !== undefined) {
        await atMost(Math.min(Math.max(deadline - now(), 0), LOOK), list.reading);
        if (now() >= deadline || client.busy()) break;
      }
      const isLate = list.begun < after;
      if (isLate && list.reading === undefined && now() < deadline) continue;
      const as = list.reading || isLate ? 'failed' : outcomeOf(list.read);
      return { registrations: rowsOf(list.paging, eventId), as };
    }
  };
};

/** Trying again is cheap: the client itself leaves a failing API alone, and knows how long a key stays refused. */
const isWorthReading = (read: ListRead | undefined): boolean =>
  read === undefined || read === 'failed' || read === 'refused';

const outcomeOf = (read: ListRead | undefined): Registrations['as'] => {
  if (read === 'refused') return 'refused';
  // An event the API does not know has no registrations there.
  return read === 'whole' || read === 'absent' ? 'whole' : 'failed';
};

/** Leaves out rows of another event: they would be a mistake of the API's, and mails to the wrong people. */
const rowsOf = ({ rows }: Paging, eventId: string): Row[] =>
  [...rows.values()].filter(({ event_id }) => typeof event_id !== 'string' || event_id === eventId);
