import distance from 'leven';
import type { SearchQuery } from '../core/search-query.ts';
import { nearest } from '../core/suggest.ts';
import { KNOWN_TYPES } from '../core/webhook.ts';
import { dayOf, dayStart, type Here } from './days.ts';
import { readDay } from './search-days.ts';
import { looksLikeFilter, type Token, tokens } from './search-tokens.ts';

/*
 * How a search is typed, in Slack and on the command line: words anywhere, and filters `name:value` between them.
 *
 *   status:confirmed    in any case; status:"no show" where a value has spaces
 *   schedule:sch_1      a schedule's id
 *   type:booking        a kind, or the type of the newest webhook: type:booking.cancelled
 *   after:2027-02-15    takes place on this day or later: the start of the day in TIMEZONE is included
 *   before:next-week    takes place before this day: the start of the day is not included
 *
 * A day is YYYY-MM-DD, today, tomorrow or yesterday; this-week, next-week and last-week stand for their Mondays, so that
 * `after:this-week before:next-week` is this week. What is in quotes is looked for as it stands.
 */

export const SEARCH_FILTERS = ['status', 'schedule', 'type', 'after', 'before'] as const;
export type SearchFilter = (typeof SEARCH_FILTERS)[number];

/** What is looked for, or what is wrong with what was typed and what to type in its place. */
export type ParsedSearch = { readonly query: SearchQuery } | { readonly problem: string };

/** Reads a search as people type it. Pure, and never throws whatever is typed. */
export const parseSearch = (text: string, here: Here): ParsedSearch => {
  const words: string[] = [];
  const filters = new Map<SearchFilter, string>();
  for (const token of tokens(text)) {
    const read = readToken(token);
    if ('problem' in read) return read;
    if ('word' in read) words.push(read.word);
    else if (filters.has(read.filter)) return { problem: `${read.filter}: stands there twice; leave one of them out.` };
    else filters.set(read.filter, read.value);
  }
  if (words.length === 0 && filters.size === 0) return { problem: NOTHING };
  return toQuery(words.join(' '), filters, here);
};

/** A query as it would be typed; what it says is the same as what was typed, in one order. */
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
    return value === undefined ? [] : [`${filter}:${/\s/.test(value) ? `"${value}"` : value}`];
  });
  const plain = words.split(' ').map((word) => (looksLikeFilter(word) ? `"${word}"` : word));
  return [plain.join(' '), ...written].filter(Boolean).join(' ');
};

const NOTHING =
  'Say what to look for: a part of a name, address, title or id (search anna), or a filter (search status:pending).';

const EXAMPLES: Readonly<Record<SearchFilter, string>> = {
  status: 'status:pending',
  schedule: 'schedule:sch_abc123',
  type: 'type:booking',
  after: 'after:today',
  before: 'before:2027-02-15',
};

type Problem = { readonly problem: string };
type Read = { readonly word: string } | { readonly filter: SearchFilter; readonly value: string } | Problem;

const isFilter = (name: string): name is SearchFilter => (SEARCH_FILTERS as readonly string[]).includes(name);

const readToken = ({ name, value, written }: Token): Read => {
  if (name === null) return { word: written };
  const lower = name.toLowerCase().slice(0, 40);
  if (isFilter(lower)) {
    return value === ''
      ? { problem: `${lower}: needs its value right behind it, such as ${EXAMPLES[lower]}.` }
      : { filter: lower, value };
  }
  return misspelt(lower, value) ?? { word: written };
};

/** Filters people try that are called otherwise here, or are not needed. */
const CALLED: ReadonlyMap<string, SearchFilter> = new Map([
  ['from', 'after'],
  ['since', 'after'],
  ['to', 'before'],
  ['until', 'before'],
  ['kind', 'type'],
]);
const NOT_NEEDED = new Set(['name', 'email', 'title', 'id', 'event', 'word', 'words']);

/** For a word with a colon that is probably meant as a filter; undefined for any other, which stays a word. */
const misspelt = (name: string, value: string): Problem | undefined => {
  const left = name.slice(1);
  if (name.startsWith('-') && isFilter(left)) {
    return { problem: `A search can't leave things out: say what is wanted, such as ${EXAMPLES[left]}.` };
  }
  if (value.startsWith('//')) return undefined;
  if (NOT_NEEDED.has(name)) {
    return { problem: `There is no filter "${name}:"; names, addresses, titles and ids are found by the bare word.` };
  }
  const meant = CALLED.get(name) ?? nearest(name, SEARCH_FILTERS);
  if (meant === undefined) return undefined;
  return {
    problem: `There is no filter "${name}:"; did you mean "${meant}:"? In quotes it is looked for as it stands.`,
  };
};

const toQuery = (words: string, filters: ReadonlyMap<SearchFilter, string>, here: Here): ParsedSearch => {
  const span: { from?: number; to?: number } = {};
  for (const [filter, end] of [
    ['after', 'from'],
    ['before', 'to'],
  ] as const) {
    const value = filters.get(filter);
    if (value === undefined) continue;
    const read = readDay(value, here);
    if ('problem' in read) return { problem: `${filter}:${value.slice(0, 40)} ${read.problem}` };
    span[end] = dayStart(read.day, here.timezone);
  }
  if (span.from !== undefined && span.to !== undefined && span.from >= span.to) {
    return {
      problem: `Nothing can be after:${filters.get('after')} and before:${filters.get('before')}; swap the two.`,
    };
  }
  const type = readType(filters.get('type'));
  if (typeof type === 'object') return type;
  const status = filters.get('status');
  const schedule = filters.get('schedule');
  return {
    query: {
      words,
      ...(status !== undefined && { status: asWebKasaSpells(status) }),
      ...(schedule !== undefined && { schedule }),
      ...(type !== undefined && { type }),
      ...span,
    },
  };
};

/** `canceled`, at the end of a status or type, as WebKasa spells it. */
export const asWebKasaSpells = (text: string): string =>
  text.replace(/canceled$/i, (word) => (word === word.toUpperCase() ? 'CANCELLED' : 'cancelled'));

const KINDS = [...new Set(KNOWN_TYPES.map((type) => type.replace(/\..*/, '')))];
const TYPES = [...KINDS, ...KNOWN_TYPES];

/** Types that WebKasa does not document may come all the same, so only what is hardly another word is taken for a slip. */
const readType = (written: string | undefined): string | undefined | Problem => {
  if (written === undefined) return undefined;
  const type = asWebKasaSpells(written);
  const lower = type.toLowerCase();
  if (TYPES.includes(lower) || lower.endsWith('.*')) return lower;
  const near = nearest(lower, TYPES);
  return near !== undefined && distance(lower, near) <= 2
    ? { problem: `type:${written.slice(0, 40)} is no type; did you mean type:${near}?` }
    : type;
};
