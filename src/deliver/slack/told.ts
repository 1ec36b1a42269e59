import { hash } from 'node:crypto';
import type { Line } from './card-detail.ts';
import type { Telling } from './telling.ts';

/*
 * Which webhooks the thread of a card tells already: a rule and a subscription may both tell a channel of one webhook, and
 * a thread is no place to read the same twice.
 */

/** Of a busy event's card the oldest are forgotten. */
const MOST = 100;
const LONGEST_ID = 64;

/**
 * What is remembered of the webhook that a delivery tells of; undefined where it is told in a rule's own words, which no
 * other line stands in for.
 */
export const markOf = ({ delivery, slack }: Pick<Telling, 'delivery' | 'slack'>): string | undefined => {
  const { id } = delivery.webhook;
  if (slack.text !== undefined) return undefined;
  return id.length > LONGEST_ID ? hash('sha256', id) : id;
};

/** Whether there is nothing to add: what somebody had run again is told in any case. */
export const isTold = (telling: Telling, marks: readonly (string | undefined)[]): boolean => {
  const mark = markOf(telling);
  return mark !== undefined && !telling.delivery.rerun && marks.includes(mark);
};

export const withTold = (told: readonly string[], lines: readonly Pick<Line, 'webhook'>[]): string[] =>
  [...new Set([...told, ...lines.flatMap(({ webhook }) => webhook ?? [])])].slice(-MOST);
