import { isTimeZone } from '../core/webhook-data.ts';
import type { ViewSettings } from './view.ts';

/** When something takes place, in words, in the zone the data names (else TIMEZONE), which is always named too. */
export type When = {
  /** `Monday, February 15, 2027` */
  readonly date: string;
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

/** Reads a booking's instants or an event's local date and times; null where the data has no readable start. */
export const whenOf = (data: Data, settings: Pick<ViewSettings, 'timezone' | 'locale'>): When | null => {
  const zone = typeof data.timezone === 'string' && isTimeZone(data.timezone) ? data.timezone : settings.timezone;
  const date = typeof data.start_date === 'string' ? data.start_date : undefined;
  if (date && !data.start_time) return dayOnly(date, settings.locale);
  const start = moment(date, data.start_time, zone);
  if (!start) return date ? dayOnly(date, settings.locale) : null;
  return between(start, moment(date, data.end_time, zone), settings.locale);
};

/** A start as Resource keeps it (an instant, a local date and time, or a date) in words. */
export const whenStarted = (
  start: string,
  zone: unknown,
  settings: Pick<ViewSettings, 'timezone' | 'locale'>,
): When | null => {
  const [date, time] = start.split('T');
  return start.endsWith('Z')
    ? whenOf({ start_time: start, timezone: zone }, settings)
    : whenOf({ start_date: date, start_time: time, timezone: zone }, settings);
};

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

const dayOnly = (date: string, locale: string): When | null => {
  try {
    const text = longDate(Temporal.PlainDate.from(date), locale);
    return { date: text, time: '', zone: '', text, unix: null };
  } catch {
    return null;
  }
};

const between = (start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime | undefined, locale: string): When => {
  const date = longDate(start.toPlainDate(), locale);
  const sameDay = end?.toPlainDate().equals(start.toPlainDate());
  const until = end && (sameDay ? clock(end, locale) : `${longDate(end.toPlainDate(), locale)}, ${clock(end, locale)}`);
  const time = until ? `${clock(start, locale)} – ${until}` : clock(start, locale);
  const zone = zoneName(start, locale);
  return { date, time, zone, text: `${date}, ${time} (${zone})`, unix: Math.floor(start.epochMilliseconds / 1000) };
};

const longDate = (date: Temporal.PlainDate, locale: string): string =>
  date.toLocaleString(locale, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });

const clock = (time: Temporal.ZonedDateTime, locale: string): string =>
  time.toPlainTime().toLocaleString(locale, { hour: 'numeric', minute: '2-digit' });

const zoneName = (time: Temporal.ZonedDateTime, locale: string): string => {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: time.timeZoneId, timeZoneName: 'short' }).formatToParts(
    time.epochMilliseconds,
  );
  const short = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return !short || short === time.timeZoneId ? time.timeZoneId : `${short}, ${time.timeZoneId}`;
};
