import type { RetryAnswer } from '../retry.ts';
import { LEFT_ALONE } from '../words.ts';
import { wrap } from './fit.ts';
import { CLI, type Look } from './look.ts';
import { notFoundText } from './not-found.ts';
import { recipient } from './recipient.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';

type Retried = Pick<RetryAnswer, 'retried' | 'lifted'> & Partial<Pick<RetryAnswer, 'more'>>;

export const retryText = (answer: RetryAnswer, look: Look): string => {
  if (!answer.found) return notFoundText(answer.id, answer.rejections, look);
  if (answer.retried.length + answer.more > 0) return retriedText(answer, look);
  const nothing = `Nothing under ${visible(answer.id)} is to be tried again`;
  if (answer.left.length === 0) {
    return `${nothing}: no rule planned anything for it.\nWhy: ${CLI} why ${visible(answer.id)}\n`;
  }
  const lines = answer.left.map(({ kind, to, status }) =>
    wrap(`  ${kind} ${visible(recipient({ kind, to }, look))} ${LEFT_ALONE[status]}`, look.width, 4),
  );
  return `${nothing}:\n${lines.map((line) => `${line}\n`).join('')}`;
};

/** The deliveries that were made due, and the pauses that were lifted. */
export const retriedText = (answer: Retried, look: Look): string => {
  const { retried, lifted, more = 0 } = answer;
  if (retried.length + more === 0) return 'Nothing is dead or waits for another try.\n';
  const rows = retried.map(({ id, kind, to, rule, webhookId }) => [
    id,
    kind,
    recipient({ kind, to }, look),
    rule,
    webhookId,
  ]);
  const columns = ['delivery', 'kind', 'to', 'rule', 'webhook'].map((title) => ({
    title,
    whole: title === 'delivery' || title === 'webhook',
  }));
  const pauses = lifted.map(({ kind, message }) =>
    wrap(`The pause of ${kind} is lifted; it was: ${visible(message)}`, look.width, 2),
  );
  const unlisted = `${retried.length > 0 ? `and ${more} more` : more} of the mails that one delivery came to\n`;
  return [
    retried.length > 0 ? table(columns, rows, look) : '',
    more > 0 ? unlisted : '',
    `\nDue now: ${retried.length + more}. A running bot performs them at once, a stopped one after its next start.\n`,
    ...pauses.map((line) => `${line}\n`),
  ].join('');
};
