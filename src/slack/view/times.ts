import type { Summary } from '../../query/summary.ts';
import { type When, whenStarted } from '../../template/when.ts';
import { zoneFormats } from '../../template/zone-formats.ts';
import type { SlackLook } from './answer.ts';
import { said } from './words.ts';

/** What Slack's date tokens can say: from 1970 on, in years of four digits. */
const LAST_SECOND = 253_402_300_799;

/** A moment in the reader's own zone; clients that can't show it in TIMEZONE's. */
export const moment = (at: Date, look: SlackLook): string =>
  token(at.getTime() / 1000, '{date_short_pretty} at {time}', momentWords(at, look));

/** The time alone where the moment is close to another that was just told, else with its date; to the second. */
export const momentNear = (at: Date, near: Date, look: SlackLook): string =>
  token(
    at.getTime() / 1000,
    Math.abs(at.getTime() - near.getTime()) < CLOSE ? '{time_secs}' : '{date_short_pretty} at {time_secs}',
    momentWords(at, look),
  );

const CLOSE = 6 * 3_600_000;

/** `Jan 15, 2027, 10:30 AM UTC` in TIMEZONE, for plain text. */
export const momentWords = (at: Date, look: SlackLook): string => {
  if (Number.isNaN(at.getTime())) return 'at a time unknown';
  const format = new Intl.DateTimeFormat(look.locale, {
    timeZone: look.timezone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  return format.format(at).replace(/[\u00a0\u202f]/g, ' ');
};

/** A day in TIMEZONE: `Mon, Feb 15, 2027`. */
export const dayWords = (at: Date, look: SlackLook, timezone = look.timezone): string => {
  if (Number.isNaN(at.getTime())) return 'an unknown day';
  const format = new Intl.DateTimeFormat(look.locale, {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
  });
  return format.format(at);
};

/** When it starts: for the reader, and beside it in the zone of the booking. Empty where nothing is known. */
export const startShown = ({ start, timezone }: Pick<Summary, 'start' | 'timezone'>, look: SlackLook): string => {
  if (start === null) return '';
  const when = whenStarted(start, timezone, look);
  if (!when) return said(start);
  const shown = tokenOf(when);
  return shown === null ? said(when.text) : `${shown} (${said(there(when, timezone, look))})`;
};

const tokenOf = ({ unix, text }: When): string | null =>
  unix === null || unix < 0 || unix > LAST_SECOND ? null : token(unix, '{date_short_pretty} at {time}', text);

/** `Mon 10:00 AM GMT+1, Europe/Berlin`: with the day, which can be another one there. */
const there = ({ unix, time, zone }: When, timezone: string | null, look: SlackLook): string => {
  const known = (timezone !== null && zoneFormats(look.locale, timezone)) || zoneFormats(look.locale, look.timezone);
  const day = new Intl.DateTimeFormat(look.locale, { timeZone: known?.zone ?? 'UTC', weekday: 'short' });
  return `${day.format((unix ?? 0) * 1000)} ${time} ${zone}`;
};

/** Slack's date token (https://docs.slack.dev/messaging/formatting-message-text#date-formatting). */
const token = (seconds: number, form: string, words: string): string => {
  const unix = Math.floor(seconds);
  const fallback = said(words, 200).replaceAll('|', '/');
  return unix >= 0 && unix <= LAST_SECOND ? `<!date^${unix}^${form}|${fallback}>` : fallback;
};
