import { isCancelled } from '../core/cancelled.ts';
import type { Resource } from '../core/resource.ts';
import type { Page, QueryStore } from '../store/ports.ts';

import { dayStart, type Here, today } from './days.ts';
import { type Summary, summarise } from './summary.ts';

/** The bookings and events that start within a span of days. */
export type AgendaAnswer = {
  /** `today`: the whole day. `upcoming`: from now to the end of the seventh day after today. */
  readonly span: 'today' | 'upcoming';
  readonly from: Date;
  readonly to: Date;
  /** The IANA zone in which days begin and end (TIMEZONE). */
  readonly timezone: string;
  readonly limit: number;
  readonly offset: number;
  /** Soonest first, without those that are cancelled. */
  readonly resources: readonly Summary[];
  readonly more: boolean;
  /** How many in the span are cancelled; absent if the span was not read to its end. */
  readonly cancelled?: number;
};

const DAYS_AHEAD = 7;
/** How many resources are read at once; cancelled ones are filtered out afterwards. */
const BATCH = 200;

/** Lists what takes place today or within the next week. */
export const agenda = async (
  store: Pick<QueryStore, 'search'>,
  span: AgendaAnswer['span'],
  here: Here,
  { limit, offset }: Page,
): Promise<AgendaAnswer> => {
  const { timezone } = here;
  const day = today(here);
  const from = span === 'today' ? dayStart(day, timezone) : here.now;
  const to = dayStart(day.add({ days: span === 'today' ? 1 : DAYS_AHEAD + 1 }), timezone);

  const found: Resource[] = [];
  let cancelled = 0;
  let complete = false;
  for (let passed = 0; found.length <= offset + limit && !complete; passed += BATCH) {
    const batch = await store.search({ words: '', from, to, order: 'soonest' }, { limit: BATCH, offset: passed });
    const live = batch.filter((resource) => !isCancelled(resource));
    found.push(...live);
    cancelled += batch.length - live.length;
    complete = batch.length < BATCH;
  }
  return {
    span,
    from: new Date(from),
    to: new Date(to),
    timezone,
    limit,
    offset,
    resources: found.slice(offset, offset + limit).map(summarise),
    more: found.length > offset + limit,
    ...(complete && { cancelled }),
  };
};
