import { oneLine, shorten } from '../../template/filters.ts';

type Data = Readonly<Record<string, unknown>>;

/** What an invite says besides the times. Any of it may have been typed by an attendee. */
export type InviteWords = {
  readonly summary: string;
  readonly location: string | undefined;
  readonly description: string | undefined;
  /** An https link, where the place is one or the data names one. */
  readonly url: string | undefined;
};

/** What is known beside a webhook's data: WebKasa's own objects, as they came. */
export type InviteFacts = {
  readonly booking?: Data | null | undefined;
  readonly schedule?: Data | null | undefined;
  readonly event?: Data | null | undefined;
};

/** Takes them from the webhook's data, else from what is known besides; `fallback` is the title where nothing has one. */
export const inviteWords = (data: Data, { booking, schedule, event }: InviteFacts, fallback: string): InviteWords => {
  const sources = [data, booking, event];
  const location = find(sources, ['location'], 200);
  const url = httpsLink(find(sources, ['meeting_url', 'meeting_link', 'url'], 2_000)) ?? httpsLink(location);
  return {
    summary:
      find(sources, ['title'], 150) ??
      find([schedule], ['name'], 150) ??
      (shorten(oneLine(fallback), 150) || 'Booking'),
    location,
    description: find([booking, event], ['description'], 1_000) ?? find([data], ['description'], 1_000),
    url,
  };
};

const find = (
  sources: readonly (Data | null | undefined)[],
  names: readonly string[],
  most: number,
): string | undefined => {
  for (const source of sources) {
    for (const name of names) {
      const value = source?.[name];
      const text = typeof value === 'string' ? shorten(oneLine(value), most) : '';
      if (text) return text;
    }
  }
  return undefined;
};

/** Encodes commas and semicolons: ical-generator would escape them as in text, and break the link. */
const httpsLink = (text: string | undefined): string | undefined => {
  const url = text && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password) return undefined;
  return url.href.replaceAll(',', '%2C').replaceAll(';', '%3B');
};
