import type { SearchQuery } from '../core/search-query.ts';
import { dayOf, dayStart, type Here } from './days.ts';
import { readDay } from './search-days.ts';
import {
  type Fault,
  inPlaceOf,
  type ReadPieces,
  readPieces,
  SEARCH_FILTERS,
  type SearchFilter,
} from './search-filters.ts';
import { type Token, tokens, writeFilter, writeWord } from './search-tokens.ts';
import { statusSpelt, typeSpelt } from './search-values.ts';

/*
 * How a search is typed, in Slack and on the command line: words anywhere, and filters `name:value` between them.
 *
 *   status:confirmed    case does not matter; status:"no show" where a value has spaces
 *   schedule:sch_1      a schedule's id
 *   type:booking        a kind, or the type of the newest webhook: type:booking.cancelled
 *   after:2027-02-15    takes place on this day or later: the start of the day in TIMEZONE is included
 *   before:next-week    takes place before this day: the start of the day is not included
 *
 * A day is YYYY-MM-DD, today, tomorrow or yesterday; this-week, next-week and last-week stand for their Mondays, so that
 * `after:this-week before:next-week` is this week. Quoted text is always a word. Unknown statuses and types are searched for
 * too, since WebKasa may add some.
 */

/** The query, or what is wrong with the search and how it was probably meant; null if there is no guess. */
export type ParsedSearch =
  | { readonly query: SearchQuery }
  | { readonly problem: string; readonly meant: string | null };

/** Parses a search as people type it. Pure; never throws. */
export const parseSearch = (text: string, here: Here): ParsedSearch => parse(text, here, MOST_MENDED);

/** How many faults of one search are corrected for a suggestion. */
const MOST_MENDED = 5;

const parse = (text: string, here: Here, turns: number): ParsedSearch => {
  const pieces = tokens(text);
  const read = readPieces(pieces);
  const result = 'problem' in read ? read : toQuery(read, pieces, here);
  if ('query' in result) return result;
  const { problem } = result;
  const meant = result.pieces?.join(' ');
  if (!meant || turns === 0) return { problem, meant: null };
  const again = parse(meant, here, turns - 1);
  return { problem, meant: 'query' in again ? meant : again.meant };
};

/** Writes a query as it would be typed, equivalent to what was typed, in a fixed order. */
export const writeSearch = (query: SearchQuery, timezone: string): string => {
  const { words, status, schedule, type, from, to } = query;
  const day = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : dayOf(at, timezone).toString();
  const filters: Readonly<Record<SearchFilter, string | undefined>> = {
    status,
    schedule,
    type,
    after: day(from),
    before: day(to),
  };
  const written = SEARCH_FILTERS.flatMap((filter) => {
    const value = filters[filter];
    return value === undefined ? [] : [writeFilter(filter, value)];
  });
  return [words.split(' ').map(writeWord).join(' '), ...written].filter(Boolean).join(' ');
};

const NOTHING =
  'Say what to look for: a part of a name, address, title or id (search anna), or a filter (search status:pending).';

const toQuery = (
  { words, filters }: ReadPieces,
  pieces: readonly Token[],
  here: Here,
): { readonly query: SearchQuery } | Fault => {
  if (words.length === 0 && filters.size === 0) return { problem: NOTHING, pieces: null };
  const span = readSpan(filters, pieces, here);
  if ('problem' in span) return span;
  const [status, schedule, type] = (['status', 'schedule', 'type'] as const).map((name) => filters.get(name)?.value);
  return {
    query: {
      words: words.join(' '),
      ...(status !== undefined && { status: statusSpelt(status) }),
      ...(schedule !== undefined && { schedule }),
      ...(type !== undefined && { type: typeSpelt(type) }),
      ...span,
    },
  };
};

type Span = { readonly from?: number; readonly to?: number };

const readSpan = (filters: ReadPieces['filters'], pieces: readonly Token[], here: Here): Span | Fault => {
  const days = new Map<SearchFilter, Temporal.PlainDate>();
  for (const filter of ['after', 'before'] as const) {
    const given = filters.get(filter);
    if (!given) continue;
    const read = readDay(given.value, here);
    if ('problem' in read) {
      const meant = read.near === undefined ? null : inPlaceOf(pieces, given.at, [writeFilter(filter, read.near)]);
      return { problem: `${filter}:${given.value.slice(0, 40).toWellFormed()} ${read.problem}`, pieces: meant };
    }
    days.set(filter, read.day);
  }
  const [after, before] = [days.get('after'), days.get('before')];
  if (after && before && Temporal.PlainDate.compare(after, before) >= 0)
    return emptySpan(filters, pieces, after, before);
  return {
    ...(after && { from: dayStart(after, here.timezone) }),
    ...(before && { to: dayStart(before, here.timezone) }),
  };
};

const emptySpan = (
  filters: ReadPieces['filters'],
  pieces: readonly Token[],
  after: Temporal.PlainDate,
  before: Temporal.PlainDate,
): Fault => {
  const [one, other] = [filters.get('after'), filters.get('before')];
  const value = (given: typeof one): string => given?.value.slice(0, 40) ?? '';
  const problem = `Nothing can be after:${value(one)} and before:${value(other)}`;
  if (!one || !other) return { problem: `${problem}.`, pieces: null };
  if (after.equals(before)) {
    return {
      problem: `${problem}: before: ends before that day begins.`,
      pieces: inPlaceOf(pieces, other.at, [writeFilter('before', before.add({ days: 1 }).toString())]),
    };
  }
  const swapped = pieces.map(({ typed }, at) => {
    if (at === one.at) return writeFilter('after', other.value);
    return at === other.at ? writeFilter('before', one.value) : typed;
  });
  return { problem: `${problem}: they are the wrong way round.`, pieces: swapped };
};
