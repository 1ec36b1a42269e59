import type { ShowAnswer } from '../show.ts';
import { cameToWords, IN_HEADING } from '../words.ts';
import { cut } from './fit.ts';
import { CLI, type Look } from './look.ts';
import { notFoundText } from './not-found.ts';
import { recipient } from './recipient.ts';
import { resourceHeading } from './resource.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

export const showText = (answer: ShowAnswer, look: Look): string => {
  if (!answer.found) return notFoundText(answer.id, answer.rejections, look);
  const heads = answer.resources.map(
    (resource) => `${resourceHeading(resource, look)}${furtherData(resource.data, look)}\n`,
  );
  const columns = [
    { title: `received (${look.times.zone})`, whole: true },
    { title: 'webhook', whole: true },
    { title: 'type', whole: true },
    { title: 'done' },
  ];
  const rows = answer.webhooks.map((webhook) => [
    look.times.full(webhook.receivedAt),
    { text: webhook.id, colour: 'bold' as const },
    webhook.type,
    inShort(webhook, look),
  ]);
  return `${heads.join('')}${table(columns, rows, look)}\nThe whole story: ${CLI} why ${visible(answer.id)}\n`;
};

const inShort = ({ decided, deliveries }: ShowAnswer['webhooks'][number], look: Look): string => {
  if (!decided) return 'waits for the rules';
  if (deliveries.length === 0) return 'no rule planned anything';
  return deliveries
    .map(({ cameTo, ...delivery }) => {
      const words = `${delivery.kind} ${recipient(delivery, look)} ${delivery.status}`;
      return cameTo ? `${words} (${cameToWords(cameTo)})` : words;
    })
    .join(', ');
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
