import { hash } from 'node:crypto';
import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';

/*
 * Filters are answered by the same full-text index as words, so that the two are intersected inside it however common each of
 * them is. The index knows only trigrams, so each value of a filter becomes one trigram: three characters that nobody types
 * (from the private plane at U+F0000), made of 48 bits of a digest.
 */

const DAY = 86_400_000;

/** The columns of the index besides the text. */
type Facet = 'status' | 'schedule' | 'kind' | 'type' | 'year' | 'month' | 'day';

const known = new Map<string, string>();
/** There are few schedules and days; values of any other kind must not fill the memory. */
const MOST_KNOWN = 20_000;

const piece = (facet: Facet, value: string): string => {
  const name = `${facet} ${value}`;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const digest = hash('sha256', name, 'buffer');
  const made = String.fromCodePoint(...[0, 2, 4].map((at) => 0xf0000 + digest.readUInt16BE(at)));
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, made);
  return made;
};

const anyCase = (value: string): string => value.trim().toUpperCase();

/** Starts outside these years share one bucket at either end, so that no span needs more than some hundred trigrams. */
const FIRST_DAY = Date.UTC(2000, 0, 1);
const LAST_DAY = Date.UTC(2100, 11, 31);
const BEFORE = 'before';
const AFTER = 'after';
const UNKNOWN = 'unknown';

/** The trigrams of a start's year, month and day (UTC); a start outside the years above has only its bucket. */
const startPieces = (startsAt: number | null): readonly [string, string, string] => {
  if (startsAt === null) return [piece('year', UNKNOWN), '', ''];
  if (startsAt < FIRST_DAY) return [piece('year', BEFORE), '', ''];
  if (startsAt >= LAST_DAY + DAY) return [piece('year', AFTER), '', ''];
  const day = new Date(startsAt).toISOString();
  return [piece('year', day.slice(0, 4)), piece('month', day.slice(0, 7)), piece('day', day.slice(0, 10))];
};

/** A resource's values for the index's columns after the text, in their order. */
export const facetsOf = ({ status, scheduleId, kind, lastType, startsAt }: Resource): readonly string[] => [
  status === null ? '' : piece('status', anyCase(status)),
  scheduleId === null ? '' : piece('schedule', scheduleId),
  piece('kind', anyCase(kind)),
  piece('type', anyCase(lastType)),
  ...startPieces(startsAt),
];

const term = (facet: Facet, value: string): string => `${facet} : "${piece(facet, value)}"`;

/** The FTS5 expressions of status, schedule and type; all have to match. */
export const filterTerms = ({ status, schedule, type }: SearchQuery): string[] => [
  ...(status === undefined ? [] : [term('status', anyCase(status))]),
  ...(schedule === undefined ? [] : [term('schedule', schedule)]),
  ...(type === undefined ? [] : [typeTerm(anyCase(type))]),
];

/** `booking` and `booking.*` match a kind, `booking.cancelled` the type of the newest webhook. */
const typeTerm = (type: string): string => {
  const kind = type.endsWith('.*') ? type.slice(0, -2) : type;
  return kind.includes('.') ? term('type', kind) : term('kind', kind);
};

/** The FTS5 expression of resources without a known start. */
export const UNKNOWN_START = term('year', UNKNOWN);

const dayOf = (time: number): number => Math.floor(time / DAY) * DAY;

/**
 * The FTS5 expression of the whole years, months and days (UTC) that cover the times from `from` to before `to`. The span may
 * hold the days at either end only in part: starts that match have to be compared with the span itself.
 */
export const spanTerm = (from: number, to: number): string => {
  const pieces: Record<'year' | 'month' | 'day', string[]> = { year: [], month: [], day: [] };
  if (from < FIRST_DAY) pieces.year.push(piece('year', BEFORE));
  if (to > LAST_DAY + DAY) pieces.year.push(piece('year', AFTER));
  const last = Math.min(dayOf(Math.ceil(to) - 1), LAST_DAY);
  for (let day = Math.max(dayOf(from), FIRST_DAY); day <= last; ) {
    const [facet, name, next] = widest(day, last);
    pieces[facet].push(piece(facet, name));
    day = next;
  }
  const columns = (['year', 'month', 'day'] as const).filter((facet) => pieces[facet].length > 0);
  return `(${columns.map((facet) => `${facet} : (${pieces[facet].map((one) => `"${one}"`).join(' OR ')})`).join(' OR ')})`;
};

/** The widest of year, month and day that begins at `day` and ends by `last`; its name, and the first day after it. */
const widest = (day: number, last: number): readonly ['year' | 'month' | 'day', string, number] => {
  const date = new Date(day);
  const name = date.toISOString();
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const nextYear = Date.UTC(year + 1, 0);
  if (day === Date.UTC(year, 0) && nextYear - DAY <= last) return ['year', name.slice(0, 4), nextYear];
  const nextMonth = Date.UTC(year, month + 1);
  if (date.getUTCDate() === 1 && nextMonth - DAY <= last) return ['month', name.slice(0, 7), nextMonth];
  return ['day', name.slice(0, 10), day + DAY];
};
