import type { ViewSettings } from './view.ts';
import { type ZoneFormats, zoneFormats } from './zone-formats.ts';

/** When something takes place, in words, in the zone the data names (else TIMEZONE), which is always named too. */
export type When = {
  /** `Monday, February 15, 2027`, or the first and the last day of several that have no times. */
  readonly date: string;
  /** `Mon, Feb 15`, the first one, for subject lines and lists. */
  readonly day: string;
  /** `10:00 AM – 11:00 AM`, or empty where there is only a date. */
  readonly time: string;
  /** `GMT+1` or `PST` beside a time, and the IANA name: empty where there is only a date. */
  readonly zone: string;
  /** All of it on one line. */
  readonly text: string;
  /** Unix seconds of the start, for Slack's date tokens; null where there is only a date. */
  readonly unix: number | null;
};

type Data = Readonly<Record<string, unknown>>;
type Settings = Pick<ViewSettings, 'timezone' | 'locale'>;

// A mail and a post about one booking, or everybody who registers for one event, have the same words; putting a time into
// words costs as much as a tenth of a mail. The data is up to others, so the memory of it is bounded.
const MOST_KEPT = 500;
const LONGEST_KEY = 200;
const kept = new Map<string, When | null>();

/** Reads a booking's instants or an event's local date and times; null where the data has no readable start. */
export const whenOf = (data: Data, settings: Settings): When | null => {
  const { start_date, start_time, end_date, end_time, timezone } = data;
  const named = [start_date, start_time, end_date, end_time, timezone];
  const key = JSON.stringify([...named, settings.timezone, settings.locale]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const when = inWords(data, settings);
  if (kept.size >= MOST_KEPT) kept.clear();
  if (key.length <= LONGEST_KEY) kept.set(key, when);
  return when;
};

const inWords = (data: Data, settings: Settings): When | null => {
  const formats = formatsFor(data.timezone, settings);
  const date = typeof data.start_date === 'string' ? data.start_date : undefined;
  const start = moment(date, data.start_time, formats.zone);
  const last = date && typeof data.end_date === 'string' && data.end_date !== '' ? data.end_date : undefined;
  if (!start) return date ? daysOnly(date, last, settings.locale) : null;
  const end = moment(last ?? date, data.end_time, formats.zone);
  const overnight = last === undefined ? nextDay(data, date, formats.zone) : undefined;
  return between(start, end && (endAfter(start, end) ?? overnight), formats);
};

/** A start as Resource keeps it (an instant, a local date and time, or a date) in words. */
export const whenStarted = (start: string, zone: unknown, settings: Settings): When | null => {
  const [date, time] = start.split('T');
  return start.endsWith('Z')
    ? whenOf({ start_time: start, timezone: zone }, settings)
    : whenOf({ start_date: date, start_time: time, timezone: zone }, settings);
};

const formatsFor = (zone: unknown, settings: Settings): ZoneFormats =>
  (typeof zone === 'string' && zoneFormats(settings.locale, zone)) ||
  zoneFormats(settings.locale, settings.timezone) ||
  zoneFormats('en-US', 'UTC');

const moment = (date: string | undefined, time: unknown, zone: string): Temporal.ZonedDateTime | undefined => {
  if (typeof time !== 'string') return undefined;
  try {
    return date
      ? Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(zone)
      : Temporal.Instant.from(time).toZonedDateTimeISO(zone);
  } catch {
    return undefined;
  }
};

/** The end, unless it makes no sense. */
const endAfter = (start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): Temporal.ZonedDateTime | undefined =>
  Temporal.ZonedDateTime.compare(end, start) > 0 ? end : undefined;

/** From 10 PM to 1 AM ends on the next day; by the clocks as they are named, since some of them are skipped in spring. */
const nextDay = (data: Data, date: string | undefined, zone: string): Temporal.ZonedDateTime | undefined => {
  if (date === undefined) return undefined;
  try {
    const [start, end] = [data.start_time, data.end_time].map((time) => Temporal.PlainTime.from(String(time)));
    if (!start || !end || Temporal.PlainTime.compare(end, start) >= 0) return undefined;
    return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime({ timeZone: zone, plainTime: end });
  } catch {
    return undefined;
  }
};

const daysOnly = (first: string, last: string | undefined, locale: string): When | null => {
  const start = beginning(first);
  if (start === undefined) return null;
  const end = last === undefined ? undefined : beginning(last);
  const formats = formatsFor('UTC', { locale, timezone: 'UTC' });
  const date = formats.date(start);
  const text = end !== undefined && end > start ? `${date} – ${formats.date(end)}` : date;
  return { date: text, day: formats.day(start), time: '', zone: '', text, unix: null };
};

/** A day as the instant of its beginning in UTC; undefined where it is none. */
const beginning = (date: string): number | undefined => {
  try {
    return Temporal.PlainDate.from(date).toZonedDateTime('UTC').epochMilliseconds;
  } catch {
    return undefined;
  }
};

const between = (
  start: Temporal.ZonedDateTime,
  end: Temporal.ZonedDateTime | undefined,
  formats: ZoneFormats,
): When => {
  const from = start.epochMilliseconds;
  const date = formats.date(from);
  const time = end ? `${formats.clock(from)} – ${untilText(start, end, formats)}` : formats.clock(from);
  // Where the clocks change in between, 2:30 to 2:30 is an hour: each end is told with its own.
  const zone = formats.zoneName(from, end?.epochMilliseconds ?? from);
  const text = `${date}, ${time} (${zone})`;
  return { date, day: formats.day(from), time, zone, text, unix: Math.floor(from / 1000) };
};

const untilText = (start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime, formats: ZoneFormats): string => {
  const until = formats.clock(end.epochMilliseconds);
  const sameDay = end.toPlainDate().equals(start.toPlainDate());
  return sameDay ? until : `${formats.date(end.epochMilliseconds)}, ${until}`;
};
