import { countDeliveries } from '../../query/delivery-story.ts';
import type { WebhookStory, WhyAnswer } from '../../query/why.ts';
import { actorName } from './actor.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton, tooLongToPage } from './asked.ts';
import { actions, button, context, divider, section } from './blocks.ts';
import { message, type Row } from './message.ts';
import { notFoundView } from './not-found.ts';
import { resourceHeading, resourceWords } from './resource.ts';
import { moment } from './times.ts';
import { elsewhereRows, webhookRows } from './why-webhook.ts';
import { bold, count, said } from './words.ts';

/** Pieces of the story per page. */
const PAGE = 8;
/** An id can belong to several kinds of resources, though it hardly ever does. */
const MOST_RESOURCES = 2;

/**
 * The whole story of an id in chronological order: what arrived, what each rule decided, each attempt, and what people did.
 * A story too long for one message continues behind a button; nothing is left out.
 */
export const whyView = (answer: WhyAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  if (!answer.found) return notFoundView(answer, look);
  const { offset = 0 } = asked;
  const pieces = timeline(answer, look);
  const shownFrom = Math.min(offset, Math.max(0, pieces.length - 1));
  const counts = countDeliveries(answer.webhooks.flatMap(({ rules }) => rules.flatMap((rule) => rule.deliveries)));
  const { done, dead } = counts;
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const inShort = [
    count(answer.webhooks.length, 'webhook'),
    `${done} of ${count(all, 'delivery', 'deliveries')} done`,
    dead > 0 && `${dead} failed for good`,
  ]
    .filter(Boolean)
    .join(', ');
  const [first] = answer.resources;
  const lastPage = Math.max(0, pieces.length - PAGE);
  return message({
    text: `Why: ${first ? resourceWords(first) : said(answer.id)}: ${inShort}.`,
    head: [
      ...answer.resources.slice(0, MOST_RESOURCES).flatMap((resource) => resourceHeading(resource, look)),
      ...(shownFrom > 0
        ? section(['The story goes on.'], pageButton('From the start', asked, 0))
        : section([inShort], lastPage > PAGE ? pageButton('To the end', asked, lastPage) : undefined)),
      divider,
    ],
    rows: pieces.slice(shownFrom, shownFrom + PAGE),
    foot: (shown) => {
      const left = pieces.length - shownFrom - shown;
      return [
        ...context(
          left > 0 &&
            (tooLongToPage(asked, shownFrom + shown) || 'The story is longer than a message: it goes on with *Later*.'),
        ),
        ...actions(
          left > 0 && pageButton('Later', asked, shownFrom + shown),
          dead > 0 && button('retry', 'Retry what failed', answer.id),
          answer.webhooks.length > 0 && button('rerun', 'Run again', answer.id),
          postButton({ ...asked, offset: shownFrom }),
        ),
      ];
    },
  });
};

type Piece = { readonly at: number; readonly rows: readonly Row[] };

/** Webhooks, deliveries planned by the event's webhooks, and people's acts, in chronological order. */
const timeline = ({ webhooks, elsewhere, acts, resources }: WhyAnswer, look: SlackLook): Row[] => {
  const pieces: Piece[] = [
    ...webhooks.map((webhook: WebhookStory) => ({
      at: webhook.receivedAt.getTime(),
      rows: webhookRows(webhook, resources[0]?.timezone ?? null, look),
    })),
    ...elsewhere.map((each) => ({ at: each.at.getTime(), rows: elsewhereRows(each, look) })),
    ...acts.map((act) => ({ at: act.at.getTime(), rows: [actRow(act, look)] })),
  ];
  return pieces.sort((one, other) => one.at - other.at).flatMap(({ rows }) => rows);
};

const ACTS: Readonly<Record<WhyAnswer['acts'][number]['kind'], string>> = {
  retry: 'had it tried again',
  rerun: 'had it run again',
  subscribe: 'subscribed a channel',
  unsubscribe: 'ended a subscription',
  pause: 'paused a rule',
  resume: 'resumed a rule',
  erase: 'erased a person',
};

const actRow = ({ at, by, kind, summary }: WhyAnswer['acts'][number], look: SlackLook): Row =>
  section([`${bold(actorName(by))} ${ACTS[kind]} · ${moment(at, look)}`, said(summary, 300)]);
