import type { KnownBlock } from '@slack/web-api';
import type { ShowAnswer } from '../../query/show.ts';
import { cameToWords, IN_HEADING } from '../../query/words.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton, tooLongToPage } from './asked.ts';
import { actions, button, context, divider, section } from './blocks.ts';
import { deliveryTo, MARKS } from './delivery.ts';
import { message } from './message.ts';
import { notFoundView } from './not-found.ts';
import { resourceHeading, resourceWords } from './resource.ts';
import { moment } from './times.ts';
import { bold, code, joined, said } from './words.ts';

type Resource = ShowAnswer['resources'][number];
type Webhook = ShowAnswer['webhooks'][number];

/** What is known about a booking, event or registration, and a summary of what was sent about it. */
export const showView = (answer: ShowAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  if (!answer.found) return notFoundView(answer, look);
  const { offset = 0 } = asked;
  const { webhooks, resources } = answer;
  const [first] = resources;
  return message({
    text: first ? resourceWords(first) : `What is known under ${said(answer.id)}.`,
    head: [
      ...(offset > 0 ? backTo(answer, asked) : []),
      ...resources.slice(0, MOST_RESOURCES).flatMap((resource) => resourceBlocks(resource, look)),
      divider,
      ...(webhooks.length === 0 ? context('Nothing has arrived about it.') : []),
    ],
    rows: webhooks.slice(offset, offset + PAGE).map((webhook) => section(webhookLines(webhook, look))),
    foot: (shown) => {
      const more = offset + shown < webhooks.length;
      const dead = webhooks.some(({ deliveries }) =>
        deliveries.some(({ status, cameTo }) => status === 'dead' || (cameTo?.dead ?? 0) > 0),
      );
      return [
        ...context(
          more &&
            (tooLongToPage(asked, offset + shown) || `${webhooks.length - offset - shown} more arrived after these.`),
        ),
        ...actions(
          button('why', 'Why', answer.id),
          dead && button('retry', 'Retry what failed', answer.id),
          button('rerun', 'Run again', answer.id),
          more && pageButton('Later', asked, offset + shown),
          postButton(asked),
        ),
      ];
    },
  });
};

/** An id can belong to several kinds of resources, though it hardly ever does. */
const MOST_RESOURCES = 2;
const PAGE = 15;

const backTo = ({ id }: ShowAnswer, asked: Asked): KnownBlock[] =>
  section([`What arrived later about ${code(id)}.`], pageButton('From the start', asked, 0));

const resourceBlocks = (resource: Resource, look: SlackLook): KnownBlock[] => [
  ...resourceHeading(resource, look),
  ...context(...furtherData(resource.data)),
];

const webhookLines = ({ type, id, receivedAt, decided, deliveries }: Webhook, look: SlackLook): string[] => {
  const shown = deliveries.slice(0, MOST_DELIVERIES);
  const rest = deliveries.length - shown.length;
  return [
    joined(bold(said(type)), moment(receivedAt, look), code(id)),
    ...shown.map((delivery) => {
      const counts = delivery.cameTo ? ` (${cameToWords(delivery.cameTo)})` : '';
      return `${MARKS[delivery.status]} ${deliveryTo(delivery)}: ${WORDS[delivery.status]}${counts}`;
    }),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    ...(decided ? [] : ['waits for the rules']),
    ...(decided && deliveries.length === 0 ? ['– no rule planned anything'] : []),
  ];
};

const MOST_DELIVERIES = 8;

const WORDS: Readonly<Record<Webhook['deliveries'][number]['status'], string>> = {
  done: 'done',
  pending: 'waits',
  running: 'under way',
  dead: 'failed for good',
  superseded: 'left out, since something newer was told or it was run again',
};

const MOST_FIELDS = 15;

/** The other fields of the newest webhook's data, under WebKasa's own names. */
const furtherData = (data: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(data)
    .filter(
      ([name, value]) =>
        !IN_HEADING.has(name) && value !== null && ['string', 'number', 'boolean'].includes(typeof value),
    )
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => `${said(name, 60)}: ${said(value, 200)}`);
