import { mrkdwn } from './mrkdwn.ts';
import type { ViewSettings } from './view.ts';

/** The last second of a year that has four digits; what is beyond, or before 1970, is written in words alone. */
const LAST_SECOND = 253_402_300_799;

/**
 * Slack's token for a time that everybody reads in their own zone
 * (https://docs.slack.dev/messaging/formatting-message-text#date-formatting). `words` is what a client shows that can't.
 */
export const dateToken = (unixSeconds: number, form: string, words: string): string => {
  const fallback = mrkdwn(words).replaceAll('|', '/');
  return unixSeconds >= 0 && unixSeconds <= LAST_SECOND
    ? `<!date^${Math.floor(unixSeconds)}^${form}|${fallback}>`
    : fallback;
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** `Jan 15, 2027, 10:30 AM UTC` for Unix milliseconds, in TIMEZONE. */
export const momentWords = (at: number, { timezone, locale }: Pick<ViewSettings, 'timezone' | 'locale'>): string => {
  // Settings do not change while the bot runs; making a format costs more than using it many times.
  const key = `${locale} ${timezone}`;
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(locale, {
      timeZone: timezone,
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    });
  formats.set(key, format);
  return format.format(at).replace(/[\u00a0\u202f]/g, ' ');
};

/** When something happened (Unix milliseconds), for `mrkdwn`: the reader's own zone, and TIMEZONE's where that can't be. */
export const slackMoment = (at: number, settings: Pick<ViewSettings, 'timezone' | 'locale'>): string =>
  dateToken(at / 1000, '{date_short_pretty} at {time}', momentWords(at, settings));
