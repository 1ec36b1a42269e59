import type { KnownBlock } from '@slack/web-api';
import { mrkdwn } from '../../template/mrkdwn.ts';
import { BUTTONS } from '../../template/slack-buttons.ts';
import { slackMoment } from '../../template/slack-moment.ts';
import type { ViewSettings } from '../../template/view.ts';
import { button, type Content, context, section } from './compose.ts';

/** What a summary counts. */
export type Together = {
  /** `sum_…` */
  readonly id: string;
  /** The number of webhooks of each type. */
  readonly counts: ReadonlyMap<string, number>;
  /** When the first and the last of them happened, in Unix milliseconds. */
  readonly from: number;
  readonly to: number;
};

/** Singular and plural, for the types that WebKasa documents. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  'booking.created': ['new booking', 'new bookings'],
  'booking.confirmed': ['confirmed booking', 'confirmed bookings'],
  'booking.cancelled': ['cancelled booking', 'cancelled bookings'],
  'booking.completed': ['completed booking', 'completed bookings'],
  'event.created': ['new event', 'new events'],
  'event.updated': ['changed event', 'changed events'],
  'event.cancelled': ['cancelled event', 'cancelled events'],
  'registration.created': ['registration', 'registrations'],
  'registration.cancelled': ['cancelled registration', 'cancelled registrations'],
};

const MOST_TYPES = 9;

/** A summary's message; with a button that lists its deliveries where the bot handles clicks. */
export const summaryContent = (
  { id, counts, from, to }: Together,
  look: { readonly settings: Pick<ViewSettings, 'timezone' | 'locale'>; readonly interactive: boolean },
): Content => {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const heading = `📦 ${all} ${all === 1 ? 'webhook' : 'webhooks'} at once`;
  const parts = countsInWords(counts);
  const span =
    from === to
      ? slackMoment(from, look.settings)
      : `${slackMoment(from, look.settings)} – ${slackMoment(to, look.settings)}`;
  const list = look.interactive ? button('List', BUTTONS.list, id) : undefined;
  const hint = look.interactive ? `\`/webkasa show ${id}\`` : `\`show ${id}\` on the command line`;
  const blocks: KnownBlock[] = [
    section(`*${heading}*\n${parts.join(' · ')}`),
    context(`${span}\nMore than Slack lets through one by one. Nothing is lost: ${hint} lists them.`),
  ];
  if (list) blocks.push({ type: 'actions', block_id: `${id}.${all}`, elements: [list] });
  return { text: `${heading}: ${parts.join(', ')}`, blocks };
};

/** The most frequent first. */
const countsInWords = (counts: ReadonlyMap<string, number>): string[] => {
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  const others = sorted.slice(MOST_TYPES).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...sorted.slice(0, MOST_TYPES).map(([type, count]) => {
      const [one, many] = WORDS[type] ?? [mrkdwn(type), mrkdwn(type)];
      return `${count} ${count === 1 ? one : many}`;
    }),
    ...(others > 0 ? [`${others} others`] : []),
  ];
};
