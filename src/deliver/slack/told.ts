import { hash } from 'node:crypto';
import type { Line } from './card-detail.ts';
import type { Telling } from './telling.ts';

/*
 * Marks of the webhooks and deliveries that a card's thread already reports. A rule and a subscription may both post to one
 * channel about one webhook, and a delivery's reply includes the lines that earlier deliveries could not post; nothing should
 * appear in a thread twice.
 */

/** The oldest marks of a busy event's card are dropped. A line has up to two. */
const MOST_MARKS = 200;
const LONGEST_ID = 64;

/**
 * The mark of a delivery's webhook, which makes the lines of different rules about it interchangeable; undefined for a rule's
 * own text, which is not.
 */
export const webhookMark = ({ delivery, slack }: Pick<Telling, 'delivery' | 'slack'>): string | undefined => {
  const { id } = delivery.webhook;
  if (slack.text !== undefined) return undefined;
  return id.length > LONGEST_ID ? hash('sha256', id) : id;
};

/**
 * Whether the marks include this very delivery, whose line another's reply may have included, or its webhook. For a rerun, only
 * the delivery itself counts.
 */
export const isTold = (telling: Telling, marks: readonly string[]): boolean => {
  const mark = webhookMark(telling);
  return marks.includes(telling.delivery.id) || (mark !== undefined && !telling.delivery.rerun && marks.includes(mark));
};

/** The marks of some lines: their deliveries and webhooks. */
export const marksOf = (lines: readonly Pick<Line, 'id' | 'webhook'>[]): string[] =>
  lines.flatMap(({ id, webhook }) => (webhook === undefined ? [id] : [id, webhook]));

/** The marks of a reply with the content of one delivery. */
export const marksOfReply = (telling: Telling): string[] => {
  const webhook = webhookMark(telling);
  return marksOf([{ id: telling.delivery.id, ...(webhook !== undefined && { webhook }) }]);
};

export const withTold = (told: readonly string[], marks: readonly string[]): string[] =>
  [...new Set([...told, ...marks])].slice(-MOST_MARKS);
