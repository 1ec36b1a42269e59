import { filters as stock } from 'liquidjs';
import { zoneFormats } from './zone-formats.ts';

/*
 * Filters that write times as people do: in the locale of the settings, and in the zone a view tells (`zone`, else that of
 * the data, else TIMEZONE), or one that is named. They take what WebKasa sends: instants (2027-02-15T10:00:00Z), and dates
 * (2027-02-15) and an event's clock (19:00), which are the same in every zone. What is none of them is empty.
 */

/** What liquidjs hands a filter as `this`. */
type Inside = { readonly context: { getSync(path: (string | number)[]): unknown } };

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const localeOf = ({ context }: Inside): string => text(context.getSync(['settings', 'locale'])) ?? 'en-US';

const zoneOf = ({ context }: Inside, named: unknown): string => {
  const zones = [
    named,
    ...[['zone'], ['data', 'timezone'], ['settings', 'timezone']].map((path) => context.getSync(path)),
  ];
  return zones.map(text).find((zone) => zone !== undefined && zoneFormats('en-US', zone)) ?? 'UTC';
};

type Moment = { readonly at: number; readonly zone: string; readonly only?: 'day' | 'clock' };

const momentOf = (value: unknown, zone: string): Moment | undefined => {
  if (typeof value !== 'string') return undefined;
  try {
    if (/^\d{4}-\d\d-\d\d$/.test(value)) {
      const { epochMilliseconds: at } = Temporal.PlainDate.from(value).toZonedDateTime('UTC');
      return { at, zone: 'UTC', only: 'day' };
    }
    if (/^\d\d:\d\d/.test(value)) {
      const { hour, minute } = Temporal.PlainTime.from(value);
      return { at: (hour * 60 + minute) * 60_000, zone: 'UTC', only: 'clock' };
    }
    return { at: Temporal.Instant.from(value).epochMilliseconds, zone };
  } catch {
    return undefined;
  }
};

const STYLES = ['full', 'long', 'medium', 'short'] as const;
type Style = (typeof STYLES)[number];

// Making an Intl formatter costs many times as much as using one; how many there can be is up to the data, so it is bounded.
const MOST_KEPT = 200;
const kept = new Map<string, { format(value: number): string }>();

const formatter = (key: string, make: () => { format(value: number): string }): { format(value: number): string } => {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, made);
  return made;
};

const inZone = (locale: string, zone: string, options: Intl.DateTimeFormatOptions, at: number): string =>
  formatter(
    JSON.stringify([locale, zone, options]),
    () => new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }),
  )
    .format(at)
    .replace(/[\u00a0\u202f]/g, ' ');

/**
 * `{{ data.start_time | date }}`, `| date: 'medium'`, `| date: 'full', 'Asia/Tokyo'`; `| date: '%Y-%m'` is Liquid's own, in
 * the same zones.
 */
function date(this: Inside, value: unknown, style: unknown = 'full', zone?: unknown): unknown {
  if (typeof style === 'string' && style.includes('%')) {
    const where = typeof zone === 'number' ? zone : liquidZone(value, zoneOf(this, zone));
    return (stock.date as (this: unknown, ...args: unknown[]) => unknown).call(this, value, style, where);
  }
  const moment = momentOf(value, zoneOf(this, zone));
  const dateStyle: Style = STYLES.find((known) => known === style) ?? 'full';
  return moment && moment.only !== 'clock' ? inZone(localeOf(this), moment.zone, { dateStyle }, moment.at) : '';
}

/** Liquid alone would tell an instant by the clock of this machine, and a date may be the day before on that. */
const liquidZone = (value: unknown, zone: string): string | undefined =>
  typeof value === 'string' && !/^(?:now|today|\d+)$/.test(value) ? momentOf(value, zone)?.zone : zone;

/** `{{ data.start_time | time }}` → `11:00 AM`; `19:00` → `7:00 PM`; a date has no time. */
function time(this: Inside, value: unknown, zone?: unknown): string {
  const moment = momentOf(value, zoneOf(this, zone));
  const options: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
  return moment && moment.only !== 'day' ? inZone(localeOf(this), moment.zone, options, moment.at) : '';
}

/** `{{ data.start_time | weekday }}` → `Monday` */
function weekday(this: Inside, value: unknown, zone?: unknown): string {
  const moment = momentOf(value, zoneOf(this, zone));
  return moment && moment.only !== 'clock' ? inZone(localeOf(this), moment.zone, { weekday: 'long' }, moment.at) : '';
}

/** `{{ data | duration }}`, from start to end, or of minutes: `{{ 90 | duration }}` → `1 hour, 30 minutes`. */
function duration(this: Inside, value: unknown): string {
  const minutes = typeof value === 'number' ? Math.round(value) : minutesOf(value, zoneOf(this, undefined));
  if (minutes === undefined || !(minutes > 0 && minutes < MOST_MINUTES)) return '';
  const parts = {
    days: Math.floor(minutes / DAY),
    hours: Math.floor((minutes % DAY) / 60),
    minutes: minutes % 60,
  };
  return new Intl.DurationFormat(localeOf(this), { style: 'long' }).format(parts);
}

const DAY = 24 * 60;
/** Ten years: nobody books more. */
const MOST_MINUTES = 3650 * DAY;

const minutesOf = (data: unknown, zone: string): number | undefined => {
  if (typeof data !== 'object' || data === null) return undefined;
  const { start_time: start, end_time: end, start_date, end_date } = data as Readonly<Record<string, unknown>>;
  if (typeof start !== 'string' || typeof end !== 'string') return undefined;
  const [day, last] = [text(start_date), text(start_date) && text(end_date)];
  const at = (date: string | undefined, clock: string, days = 0): number =>
    date === undefined
      ? Temporal.Instant.from(clock).epochMilliseconds
      : Temporal.PlainDateTime.from(`${date}T${clock}`).add({ days }).toZonedDateTime(zone).epochMilliseconds;
  try {
    const minutes = (days: number): number => Math.round((at(last ?? day, end, days) - at(day, start)) / 60_000);
    // A local end before its start is on the next day: 10 PM to 1 AM.
    return minutes(0) < 0 && day !== undefined && last === undefined ? minutes(1) : minutes(0);
  } catch {
    return undefined;
  }
};

/** Money as WebKasa's events have it: a number of dollars, or of another currency: `{{ data.cost | money: 'EUR' }}`. */
function money(this: Inside, value: unknown, currency: unknown = 'USD', locale?: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  const code = typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency) ? currency.toUpperCase() : 'USD';
  const named = text(locale);
  const written = named !== undefined && zoneFormats(named, 'UTC') ? named : localeOf(this);
  return formatter(`${written} ${code}`, () => new Intl.NumberFormat(written, { style: 'currency', currency: code }))
    .format(value)
    .replace(/[\u00a0\u202f]/g, ' ');
}

export const momentFilters = { date, time, weekday, duration, money };
