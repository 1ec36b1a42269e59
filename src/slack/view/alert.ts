import type { Alert, DeadDelivery, Trouble } from '../../core/alert.ts';
import { isChannelId } from '../../core/slack-id.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { actions, button, context, section } from './blocks.ts';
import { namingChannel } from './channel.ts';
import { deliveryTo } from './delivery.ts';
import { message, type Row } from './message.ts';
import { moment } from './times.ts';
import { bold, code, count, joined, plain, said } from './words.ts';

/** An alert: something fails, works again, or deliveries are dead. With buttons only if Slack can reach the bot. */
export const alertView = (
  alert: Alert,
  { interactive }: { readonly interactive: boolean },
  look: SlackLook,
): SlackAnswer => {
  switch (alert.as) {
    case 'begun':
      return begunView(alert.trouble, look);
    case 'over':
      return overView(alert.trouble, alert.at, look);
    case 'dead':
      return deadView(alert, interactive);
  }
};

const begunView = ({ title, cause, remedy, since }: Trouble, look: SlackLook): SlackAnswer =>
  message({
    text: `⚠️ ${said(title)}: ${said(cause, 400)}`,
    head: [
      ...section([`⚠️ ${bold(said(title))} since ${moment(new Date(since), look)}`, said(cause, 1_000)]),
      ...section([withCode(remedy)]),
      ...context('This is told once, and once more when it is over.'),
    ],
  });

const overView = ({ title, overTitle, since }: Trouble, at: number, look: SlackLook): SlackAnswer =>
  message({
    text: `✓ ${said(overTitle)}`,
    head: section([
      `✓ ${bold(said(overTitle))}`,
      `“${said(title)}” lasted from ${moment(new Date(since), look)} to ${moment(new Date(at), look)}.`,
    ]),
  });

const deadView = ({ count: all, deliveries }: Extract<Alert, { as: 'dead' }>, interactive: boolean): SlackAnswer => {
  const title = `${count(all, 'delivery', 'deliveries')} failed for good`;
  const [first] = deliveries;
  return message({
    text: `⚠️ ${title}${first ? `: ${deliveryTo(first)}. ${said(first.message, 300)}` : ''}`,
    head: section([`⚠️ ${bold(title)}`]),
    rows: deliveries.map((delivery) => deadRow(delivery, interactive)),
    foot: (shown) => [
      ...context(
        all > shown && `… and ${all - shown} more: ${code('/webkasa failed')} shows them all.`,
        'Mend the cause before it is tried again, or it fails again. Nothing else is held up.',
      ),
      ...(interactive && all > 1 ? actions(button('ask', 'What failed', 'failed')) : []),
    ],
  });
};

const deadRow = (delivery: DeadDelivery, interactive: boolean): Row => {
  const { id, kind, to, resource, rule, code: reason, message: why } = delivery;
  // A confirmation is plain text, in which Slack shows no channel's name for its id.
  const whom = kind === 'slack' && isChannelId(to) ? 'this channel' : plain(to);
  const again = button('retry', 'Try again', id, {
    ask: { title: 'Try this again?', text: `What was meant for ${whom} is tried again now.`, yes: 'Try again' },
  });
  return [
    ...section(
      [
        joined(`✗ ${bold(deliveryTo(delivery))}`, resource !== null && code(resource), said(rule)),
        joined(namingChannel(said(why, 400), to), code(reason)),
      ],
      interactive ? again : undefined,
    ),
    ...(interactive
      ? actions(button('why', 'Why', id))
      : context(`${code(`npm run cli -- retry ${id}`)} tries it again.`)),
  ];
};

/** A text of the bot's own, with its commands (between backticks) as code. */
const withCode = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') ? code(part.slice(1, -1)) : spaced(part)))
    .join('');

/** As `said`, but keeps the spaces next to a command, which `said` would strip. */
const spaced = (part: string): string =>
  `${part.startsWith(' ') ? ' ' : ''}${said(part, 600)}${part.trim() !== '' && part.endsWith(' ') ? ' ' : ''}`;
