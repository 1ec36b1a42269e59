import type { RetryAnswer } from '../../query/retry.ts';
import { LEFT_ALONE } from '../../query/words.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { actions, button, context, section } from './blocks.ts';
import { CHANNELS, deliveryTo } from './delivery.ts';
import { message } from './message.ts';
import { notFoundView } from './not-found.ts';
import { bold, code, count, said } from './words.ts';

const SHOWN = 10;

/** What a retry made due, and what it left alone. */
export const retryView = (answer: RetryAnswer, look: SlackLook): SlackAnswer => {
  if (!answer.found) return notFoundView(answer, look);
  const { id, retried, more, left } = answer;
  if (retried.length + more > 0) return retriedView(answer, code(id), leftLines(left), id);
  const text = `Nothing under ${code(id)} is to be tried again${left.length === 0 ? ': no rule planned anything for it.' : ':'}`;
  return message({
    text: `Nothing under ${code(id)} is to be tried again.`,
    head: section([text, ...leftLines(left)]),
    foot: () => actions(button('why', 'Why', id)),
  });
};

/** The same for a retry of everything. */
export const retryAllView = (answer: Pick<RetryAnswer, 'retried' | 'lifted'>, _look: SlackLook): SlackAnswer => {
  if (answer.retried.length > 0) return retriedView(answer, 'everything', [], null);
  const text = 'Nothing is dead or waits for another try.';
  return message({ text, head: section([text]) });
};

const retriedView = (
  { retried, lifted, more = 0 }: Pick<RetryAnswer, 'retried' | 'lifted'> & Partial<Pick<RetryAnswer, 'more'>>,
  what: string,
  left: readonly string[],
  id: string | null,
): SlackAnswer => {
  const all = retried.length + more;
  const listed = retried.slice(0, SHOWN);
  const names = `${retried.slice(0, 3).map(deliveryTo).join(', ')}${retried.length > 3 ? ', …' : ''}`;
  const title = `${count(all, 'delivery', 'deliveries')} of ${what} ${all === 1 ? 'is' : 'are'} tried again now`;
  return message({
    text: [title, ...(retried.length > 0 ? [names] : [])].join(': '),
    head: [
      ...section([
        `${bold(title)}`,
        ...listed.map((target) => `→ ${deliveryTo(target)} · ${said(target.rule)}`),
        all > listed.length && (listed.length > 0 ? `… and ${all - listed.length} more` : 'mails to those registered'),
      ]),
      ...section(
        lifted.map(
          ({ kind, message: reason }) =>
            `▶️ The pause of ${CHANNELS[kind]} is lifted, to see whether it works again. It was paused because: ${said(reason, 300)}`,
        ),
      ),
      ...context(...left),
    ],
    foot: () => (id === null ? [] : actions(button('why', 'Why', id))),
  });
};

const leftLines = (left: readonly RetryAnswer['left'][number][]): string[] => [
  ...left.slice(0, SHOWN).map((target) => `– ${deliveryTo(target)} ${LEFT_ALONE[target.status]}`),
  ...(left.length > SHOWN ? [`… and ${left.length - SHOWN} more are left as they are`] : []),
];
