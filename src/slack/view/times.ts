import { dayOf } from '../../query/days.ts';
import type { Summary } from '../../query/summary.ts';
import { dateToken, momentWords as inWords, slackMoment } from '../../template/slack-moment.ts';
import { type When, whenStarted } from '../../template/when.ts';
import { zoneFormats } from '../../template/zone-formats.ts';
import type { SlackLook } from './answer.ts';
import { said } from './words.ts';

/** A moment, shown in the reader's time zone; in TIMEZONE by clients that can't. */
export const moment = (at: Date, look: SlackLook): string => (isTime(at) ? slackMoment(at.getTime(), look) : UNKNOWN);

/** A moment to the second; without its date if it is close to `near`, which was shown just before. */
export const momentNear = (at: Date, near: Date, look: SlackLook): string => {
  if (!isTime(at)) return UNKNOWN;
  const close = Math.abs(at.getTime() - near.getTime()) < CLOSE;
  const form = close ? '{time_secs}' : '{date_short_pretty} at {time_secs}';
  return dateToken(at.getTime() / 1000, form, momentWords(at, look));
};

const CLOSE = 6 * 3_600_000;

/** `Jan 15, 2027, 10:30 AM UTC` in TIMEZONE, for plain text. */
export const momentWords = (at: Date, look: SlackLook): string => (isTime(at) ? inWords(at.getTime(), look) : UNKNOWN);

/** A moment in TIMEZONE as short as can be, without naming the zone: `3:41 PM` for today, `Nov 23, 3:41 PM` for this year. */
export const momentBrief = (at: Date, { timezone, locale, now }: SlackLook): string => {
  if (!isTime(at)) return UNKNOWN;
  const [then, today] = [dayOf(at.getTime(), timezone), dayOf(now, timezone)];
  const date = then.equals(today) ? {} : ({ month: 'short', day: 'numeric' } as const);
  const year = then.year === today.year ? {} : ({ year: 'numeric' } as const);
  const format = new Intl.DateTimeFormat(locale, {
    timeZone: timezone,
    ...date,
    ...year,
    hour: 'numeric',
    minute: '2-digit',
  });
  return format.format(at).replace(/[\u00a0\u202f]/g, ' ');
};

const UNKNOWN = 'at a time unknown';

const isTime = (at: Date): boolean => !Number.isNaN(at.getTime());

/** A day in TIMEZONE: `Mon, Feb 15, 2027`. */
export const dayWords = (at: Date, look: SlackLook, timezone = look.timezone): string => {
  if (!isTime(at)) return 'an unknown day';
  const format = new Intl.DateTimeFormat(look.locale, {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
  });
  return format.format(at);
};

type Start = Pick<Summary, 'start' | 'timezone'>;

/** When it starts: in the reader's time zone, and beside that in the booking's. Empty if unknown. */
export const startShown = (start: Start, look: SlackLook): string => startText(start, look, true);

/** The same without the booking's time zone, for where that was shown just before. */
export const startBrief = (start: Start, look: SlackLook): string => startText(start, look, false);

const startText = ({ start, timezone }: Start, look: SlackLook, withZone: boolean): string => {
  if (start === null) return '';
  const when = whenStarted(start, timezone, look);
  if (!when) return said(start);
  const { unix, text } = when;
  const shown = unix === null ? '' : dateToken(unix, '{date_short_pretty} at {time}', text);
  if (!shown.startsWith('<')) return said(text);
  return withZone ? `${shown} (${said(there(when, timezone, look))})` : shown;
};

/** The start in the booking's time zone, `Mon 10:00 AM GMT+1, Europe/Berlin`, with the day, which may differ there. */
const there = ({ unix, time, zone }: When, timezone: string | null, look: SlackLook): string => {
  const known = (timezone !== null && zoneFormats(look.locale, timezone)) || zoneFormats(look.locale, look.timezone);
  const day = new Intl.DateTimeFormat(look.locale, { timeZone: known?.zone ?? 'UTC', weekday: 'short' });
  return `${day.format((unix ?? 0) * 1000)} ${time} ${zone}`;
};
