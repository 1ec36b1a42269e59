import { isCancelled } from '../core/cancelled.ts';
import type { Resource } from '../core/resource.ts';
import type { Page, QueryStore } from '../store/ports.ts';

import { dayStart, type Here, today } from './days.ts';
import { type Summary, summarise } from './summary.ts';

/** Bookings and events of a span of days, by start. */
export type AgendaAnswer = {
  /** `today`: the whole day. `upcoming`: from now on, to the end of the seventh day after today. */
  readonly span: 'today' | 'upcoming';
  readonly from: Date;
  readonly to: Date;
  /** The zone whose days are meant (TIMEZONE). */
  readonly timezone: string;
  readonly limit: number;
  readonly offset: number;
  /** Without those that are cancelled. */
  readonly resources: readonly Summary[];
  readonly more: boolean;
  /** How many of the span are cancelled; absent where there are more to look through. */
  readonly cancelled?: number;
};

const DAYS_AHEAD = 7;
/** Resources asked for at a time. */
const BITE = 200;

/** What takes place today or within the next week, soonest first. */
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
  let whole = false;
  for (let passed = 0; found.length <= offset + limit && !whole; passed += BITE) {
    const bite = await store.search({ words: '', from, to, order: 'soonest' }, { limit: BITE, offset: passed });
    const live = bite.filter((resource) => !isCancelled(resource));
    found.push(...live);
    cancelled += bite.length - live.length;
    whole = bite.length < BITE;
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
    ...(whole && { cancelled }),
  };
};
