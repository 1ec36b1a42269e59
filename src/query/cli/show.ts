import type { ShowAnswer } from '../show.ts';
import { cameToWords, IN_HEADING } from '../words.ts';
import { MARKS } from './delivery.ts';
import { cut, wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import { notFoundText } from './not-found.ts';
import { recipient } from './recipient.ts';
import { resourceHeading, zoneLine } from './resource.ts';
import { visible } from './visible.ts';

export const showText = (answer: ShowAnswer, look: Look): string => {
  if (!answer.found) return notFoundText(answer.id, answer.rejections, look);
  const heads = answer.resources.map(
    (resource) => `${resourceHeading(resource, look)}${furtherData(resource.data, look)}`,
  );
  const webhooks = answer.webhooks.map((webhook) => webhookText(webhook, look));
  return `${heads.join('\n')}${zoneLine(look)}\n${webhooks.join('')}\nThe whole story: ${CLI} why ${visible(answer.id)}\n`;
};

type ShownWebhook = ShowAnswer['webhooks'][number];

/** A webhook, and a line for each delivery: beside one another they would be cut on most terminals. */
const webhookText = ({ id, type, receivedAt, decided, deliveries }: ShownWebhook, look: Look): string => {
  const head = `${look.times.full(receivedAt)}  ${look.paint('bold', visible(type))}  ${visible(id)}`;
  const nothing = decided ? 'no rule planned anything' : 'waits for the rules';
  const lines = deliveries.length === 0 ? [`  ${nothing}`] : deliveries.map((each) => deliveryLine(each, look));
  return [head, ...lines].map((line) => `${wrap(line, look.width, 4)}\n`).join('');
};

const deliveryLine = ({ cameTo, ...delivery }: ShownWebhook['deliveries'][number], look: Look): string => {
  const [mark, colour] = MARKS[delivery.status];
  const counts = cameTo ? ` (${cameToWords(cameTo)})` : '';
  const to = visible(recipient(delivery, look));
  return `  ${look.paint(colour, mark)} ${delivery.kind} ${to}: ${look.paint(colour, delivery.status)}${counts}`;
};

const MOST_FIELDS = 20;
const MOST_OF_A_FIELD = 300;

/** The remaining fields of the newest webhook's data, under WebKasa's names. */
const furtherData = (data: Readonly<Record<string, unknown>>, look: Look): string => {
  const fields = Object.entries(data).filter(
    ([name, value]) =>
      !IN_HEADING.has(name) && value !== null && ['string', 'number', 'boolean'].includes(typeof value),
  );
  return fields
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => {
      const line = `  ${visible(name)}: ${visible(String(value))}`;
      return `${look.paint('dim', cut(line, look.width ?? MOST_OF_A_FIELD))}\n`;
    })
    .join('');
};
