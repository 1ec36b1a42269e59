import { atMost } from '../runtime/at-most.ts';
import type { ApiClient } from './client.ts';
import type { FactFinder, Registrations } from './facts.ts';
import { type ListRead, readPages } from './pages.ts';
import { createPaging, type Paging, type Row } from './paging.ts';

/** For how long a list serves that was read, and one that was read in part can be read on. */
const KEPT = 60_000;
/** Beyond these the oldest are forgotten; whoever has not had a list to its end yet would have it read anew. */
const MOST_LISTS = 500;
const MOST_KEPT_ROWS = 50_000;
/** So often those who wait look whether it is worth it. */
const LOOK = 500;
const PAGE = 100;
const MOST_ROWS = 20_000;

type List = {
  readonly paging: Paging;
  /** What came of the last reading; undefined before the first was over. */
  read: ListRead | undefined;
  /** When it was asked for first; what has changed since then it need not say. */
  readonly begun: number;
  /** When something was read last, or asked for first. */
  at: number;
  reading: Promise<void> | undefined;
};

/** Reads the registrations of events: one reading at a time for an event, shared by all who ask for it. */
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

  /** What is being read is read to its end, also where it is to be read anew after that. */
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
    // Nobody is left out for a wrong word about the end.
    const how = { now, believed: false };
    const before = list.paging.rows.size;
    list.read = await readPages(client, `events/${eventId}/registrations`, list.paging, how);
    if (list.read !== 'failed' || list.paging.rows.size > before) list.at = now();
    list.reading = undefined;
  };

  return async (eventId, deadline, since = 0) => {
    // Where the clock was set back since, it can't be told what was read after that.
    const after = since <= now() ? since : 0;
    for (;;) {
      const list = listOf(eventId, after);
      if (list.reading === undefined && isWorthReading(list.read)) list.reading = readOn(eventId, list);
      // Pages that come are waited for; others need the place of whoever waits for an API that hangs, or for its limits.
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

/** The client itself leaves a failing API alone, and knows for how long a key stays refused. */
const isWorthReading = (read: ListRead | undefined): boolean =>
  read === undefined || read === 'failed' || read === 'refused';

const outcomeOf = (read: ListRead | undefined): Registrations['as'] => {
  if (read === 'refused') return 'refused';
  // An event that the API does not know has nobody registered there.
  return read === 'whole' || read === 'absent' ? 'whole' : 'failed';
};

/** Those of another event would be a mistake of the API's, and a mail to the wrong people. */
const rowsOf = ({ rows }: Paging, eventId: string): Row[] =>
  [...rows.values()].filter(({ event_id }) => typeof event_id !== 'string' || event_id === eventId);
