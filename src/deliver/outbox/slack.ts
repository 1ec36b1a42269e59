import { basename } from 'node:path';
import type { ClaimedDelivery, Receipt } from '../../core/delivery.ts';
import { resourceKey } from '../../core/resource.ts';
import { createdAt } from '../../core/webhook.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import type { Channel } from '../channel.ts';
import { createComposer } from '../slack/compose.ts';
import {
  eventOf,
  METADATA_TYPE,
  type MessageDeps,
  plannedSlack,
  renderDelivery,
  slackFingerprint,
} from '../slack/message.ts';
import { LITERAL } from '../slack/poster.ts';
import { nameOf } from '../slack/roots.ts';
import { writeOutboxFile } from './file.ts';

/** The delivery that opened a card or thread, and its file. */
type Root = { readonly id: string; readonly file: string };

/** Cards and threads remembered; the next state of a forgotten one opens a new one. */
const MOST_ROOTS = 10_000;

/**
 * Replaces Slack where no token is set: each message becomes a JSON file with what Slack would have received. An update of a
 * card names in `updates` the file of the card, and a reply names in `thread` the file of the thread's first message.
 */
export const createSlackOutbox = ({ folder, ...deps }: MessageDeps & { readonly folder: string }): Channel => {
  const compose = createComposer({ interactive: false });
  const inTurn = createOneAtATime();
  const roots = new Map<string, Root>();

  const rootOf = (delivery: ClaimedDelivery): string | undefined => {
    const { as, channel } = plannedSlack(delivery);
    const resource = resourceKey(delivery.webhook);
    if (as === 'plain' || !resource) return undefined;
    const event = eventOf(delivery.webhook);
    return `${as} ${channel} ${nameOf(event === undefined ? resource : { kind: 'event', id: event })}`;
  };

  /** How a message refers to the first one of its card or thread. */
  const placeOf = (delivery: ClaimedDelivery, first: Root | undefined): object => {
    if (!first || first.id === delivery.id) return {};
    const isUpdate = plannedSlack(delivery).as === 'card' && eventOf(delivery.webhook) === undefined;
    return isUpdate ? { updates: first.file } : { thread: first.file };
  };

  const remember = (root: string, id: string, file: string): void => {
    if (roots.size >= MOST_ROOTS) roots.clear();
    roots.set(root, { id, file });
  };

  const write = async (delivery: ClaimedDelivery, root: string | undefined): Promise<Receipt> => {
    const rendered = renderDelivery(delivery, deps);
    const first = root === undefined ? undefined : roots.get(root);
    const { text, blocks } =
      rendered.blocks.length > 0 ? compose(rendered, { blockId: delivery.id, about: null }) : rendered;
    const message = {
      channel: plannedSlack(delivery).channel,
      ...placeOf(delivery, first),
      text,
      ...(blocks.length > 0 && { blocks }),
      metadata: { event_type: METADATA_TYPE, event_payload: { delivery_id: delivery.id } },
      ...LITERAL,
    };
    const content = `${JSON.stringify(message, undefined, 2)}\n`;
    const at = createdAt(delivery.webhook, delivery.receivedAt);
    const file = await writeOutboxFile({ folder, at, id: delivery.id, ending: '.json', content }, 'SLACK_BOT_TOKEN');
    if (root !== undefined && !first) remember(root, delivery.id, basename(file));
    return { summary: `written to ${file}`, detail: { file }, fingerprint: slackFingerprint(rendered) };
  };

  return {
    kind: 'slack',
    concurrency: 8,
    fingerprint: (delivery) => slackFingerprint(renderDelivery(delivery, deps)),
    perform(delivery) {
      const root = rootOf(delivery);
      return root === undefined ? write(delivery, root) : inTurn(root, () => write(delivery, root));
    },
  };
};
