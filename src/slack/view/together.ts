import type { TogetherAnswer } from '../../query/together.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton, tooLongToPage } from './asked.ts';
import { actions, button, context, section } from './blocks.ts';
import { MARKS } from './delivery.ts';
import { message } from './message.ts';
import { bold, code, count, joined, said } from './words.ts';

/** The deliveries that a summary message in Slack covers, one row each. */
export const togetherView = (answer: TogetherAnswer, asked: Asked, _look: SlackLook): SlackAnswer => {
  const { deliveries, offset, limit } = answer;
  const whole = offset === 0 && !answer.more;
  if (deliveries.length === 0) {
    const text =
      offset === 0 ? `No summary is known under ${code(answer.id) || 'no id'}.` : 'The summary told nothing more.';
    return message({ text, head: section([text], offset > 0 ? pageButton('Back to the first', asked, 0) : undefined) });
  }
  const title = whole ? `${count(deliveries.length, 'message')} told together` : 'Told together';
  const some = deliveries.slice(0, 3).map(({ type, what }) => [said(type), said(what)].filter(Boolean).join(' '));
  return message({
    text: `${title}: ${some.join('; ')}${deliveries.length > 3 || answer.more ? '; …' : ''}`,
    head: section([bold(title)], offset > 0 ? pageButton('Back', asked, Math.max(0, offset - limit)) : undefined),
    rows: deliveries.map((delivery) =>
      section(
        [
          joined(bold(said(delivery.what) || said(delivery.resource) || said(delivery.webhookId)), said(delivery.type)),
          joined(
            delivery.status !== 'done' && `${MARKS[delivery.status]} ${delivery.status}`,
            code(delivery.resource ?? delivery.id),
          ),
        ],
        button('show', 'Show', delivery.resource ?? delivery.webhookId),
      ),
    ),
    foot: (shown) => {
      const more = answer.more || shown < deliveries.length;
      return [
        ...context(more && tooLongToPage(asked, offset + shown), !whole && `${offset + 1} to ${offset + shown}`),
        ...actions(more && pageButton('More', asked, offset + shown), postButton(asked)),
      ];
    },
  });
};
