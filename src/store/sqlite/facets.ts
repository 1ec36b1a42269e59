import { hash } from 'node:crypto';
import type { Resource } from '../../core/resource.ts';
import type { SearchQuery } from '../../core/search-query.ts';

/*
 * Filters are answered by the same index as words, so that the two are intersected inside it however common each of
 * them is. The index knows pieces of three characters only, so each value becomes one piece of its own: three characters
 * that nobody types (the private plane from U+F0000), made of a digest of 48 bits.
 */

/** Columns of the index beside the text. */
type Facet = 'status' | 'schedule' | 'kind' | 'type' | 'year' | 'month' | 'day';

const known = new Map<string, string>();
/** Schedules and days are few; whatever else comes must not fill the memory. */
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

/** Years outside of these share a bucket at either end, so that no span needs more than some hundred pieces. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;
const BEFORE = 'before';
const AFTER = 'after';
const UNKNOWN = 'unknown';

const yearName = (year: number): string =>
  year < FIRST_YEAR ? BEFORE : year > LAST_YEAR ? AFTER : String(year).padStart(4, '0');

/** The values of a resource by column, in the order of the index's columns after the text. */
export const facetsOf = (resource: Resource): readonly string[] => {
  const { status, scheduleId, kind, lastType, startsAt } = resource;
  const day = startsAt === null ? undefined : dayOf(startsAt);
  return [
    status === null ? '' : piece('status', anyCase(status)),
    scheduleId === null ? '' : piece('schedule', scheduleId),
    piece('kind', anyCase(kind)),
    piece('type', anyCase(lastType)),
    piece('year', day ? yearName(day.year) : UNKNOWN),
    day ? piece('month', String(day.toPlainYearMonth())) : '',
    day ? piece('day', String(day)) : '',
  ];
};

const term = (facet: Facet, value: string): string => `${facet} : "${piece(facet, value)}"`;

/** The FTS5 expressions of status, schedule and type; all of them have to hold. */
export const filterTerms = ({ status, schedule, type }: SearchQuery): string[] => [
  ...(status === undefined ? [] : [term('status', anyCase(status))]),
  ...(schedule === undefined ? [] : [term('schedule', schedule)]),
  ...(type === undefined ? [] : [typeTerm(anyCase(type))]),
];

/** `booking` and `booking.*` ask for a kind, `booking.cancelled` for the type of the newest webhook. */
const typeTerm = (type: string): string => {
  const kind = type.endsWith('.*') ? type.slice(0, -2) : type;
  return kind.includes('.') ? term('type', kind) : term('kind', kind);
};

/** The FTS5 expression of what has no known start. */
export const UNKNOWN_START = term('year', UNKNOWN);

/** The day (UTC) of a time; the extremes of what a calendar can say for times beyond. */
const dayOf = (time: number): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(Math.max(-8e15, Math.min(8e15, Math.trunc(time))))
    .toZonedDateTimeISO('UTC')
    .toPlainDate();

/**
 * The FTS5 expression of whole years, months and days (UTC) that cover all times from `from` to before `to`. Days at
 * either end may be covered in part only: what is found has to be compared with the times once more.
 */
export const spanTerm = (from: number | undefined, to: number | undefined): string => {
  const earliest = new Temporal.PlainDate(FIRST_YEAR, 1, 1);
  const latest = new Temporal.PlainDate(LAST_YEAR, 12, 31);
  const first = from === undefined ? undefined : dayOf(from);
  const last = to === undefined ? undefined : dayOf(to - 1);
  const pieces: Record<'year' | 'month' | 'day', string[]> = { year: [], month: [], day: [] };
  const isBefore = (a: Temporal.PlainDate, b: Temporal.PlainDate) => Temporal.PlainDate.compare(a, b) < 0;

  if (!first || isBefore(first, earliest)) pieces.year.push(piece('year', BEFORE));
  if (!last || isBefore(latest, last)) pieces.year.push(piece('year', AFTER));
  const end = last && isBefore(last, latest) ? last : latest;
  let day = first && isBefore(earliest, first) ? first : earliest;
  while (!isBefore(end, day)) {
    const [facet, name, next] = widest(day, end);
    pieces[facet].push(piece(facet, name));
    day = next;
  }
  const columns = (['year', 'month', 'day'] as const).filter((facet) => pieces[facet].length > 0);
  return `(${columns.map((facet) => `${facet} : (${pieces[facet].map((one) => `"${one}"`).join(' OR ')})`).join(' OR ')})`;
};

/** The widest of year, month and day that begins at `day` and ends by `end`, its name, and the day after it. */
const widest = (day: Temporal.PlainDate, end: Temporal.PlainDate) => {
  const after = { years: day.add({ years: 1 }), months: day.add({ months: 1 }), days: day.add({ days: 1 }) };
  const ends = (next: Temporal.PlainDate): boolean => Temporal.PlainDate.compare(next.subtract({ days: 1 }), end) <= 0;
  if (day.dayOfYear === 1 && ends(after.years)) return ['year', yearName(day.year), after.years] as const;
  if (day.day === 1 && ends(after.months)) return ['month', String(day.toPlainYearMonth()), after.months] as const;
  return ['day', String(day), after.days] as const;
};
