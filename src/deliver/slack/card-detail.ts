import type { KnownBlock } from '@slack/web-api';
import type { Note } from '../../core/delivery.ts';
import type { RenderedSlack, SlackLink } from '../../template/library.ts';

/** What is stored about a card besides its place and version. */
export type CardDetail = {
  /** The webhook whose state it shows; empty where a registration opened it with what was known of its event. */
  readonly shows: string;
  /** The delivery that last updated it, and the one that posted it. */
  readonly by: string;
  readonly opener: string;
  /** Lines about states it has shown that are not in its thread yet, oldest first. */
  readonly untold: readonly Line[];
  /** What its thread already says, as marks: of webhooks and deliveries (told.ts), or of full messages (thread.ts). */
  readonly told: readonly string[];
  /** A reply whose outcome is unclear; if it was posted, it contains all `untold` lines, and perhaps one more. */
  readonly replying: Replying | null;
  /** Set on an event's card, to redraw it with a new count for each registration. */
  readonly event: EventDetail | null;
};

/** One line of a card's history. */
export type Line = {
  readonly id: string;
  /** The mark of its webhook, see told.ts. */
  readonly webhook?: string;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
  /** mrkdwn. */
  readonly text: string;
};

export type Replying = {
  /** The delivery whose reply it is. */
  readonly by: string;
  /** When it was about to be posted, in Unix milliseconds. */
  readonly since: number;
  /** The marks of all its lines, see told.ts. */
  readonly marks: readonly string[];
};

export type EventDetail = {
  readonly rendered: RenderedSlack;
  readonly slots: number | null;
  /** The count it shows. */
  readonly counted: string;
};

/** Parses a stored detail; fields that an older version of the bot did not store are empty. */
export const readDetail = ({ shows, by, opener, untold, told, replying, event }: Note): CardDetail => ({
  shows: textOf(shows),
  by: textOf(by),
  opener: textOf(opener),
  untold: Array.isArray(untold) ? untold.filter(isLine) : [],
  told: textsOf(told),
  replying: isFields(replying) ? replyingOf(replying) : null,
  event: isFields(event) && isFields(event.rendered) ? eventOf(event, event.rendered) : null,
});

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const isLine = (value: unknown): value is Line =>
  isFields(value) && typeof value.at === 'number' && typeof value.text === 'string';

const replyingOf = ({ by, since, marks }: Fields): Replying | null =>
  typeof by === 'string' && typeof since === 'number' ? { by, since, marks: textsOf(marks) } : null;

const eventOf = ({ slots, counted }: Fields, { text, blocks, link }: Fields): EventDetail => ({
  rendered: {
    text: textOf(text),
    blocks: Array.isArray(blocks) ? (blocks as KnownBlock[]) : [],
    ...(isFields(link) && { link: link as SlackLink }),
  },
  slots: typeof slots === 'number' ? slots : null,
  counted: textOf(counted),
});
