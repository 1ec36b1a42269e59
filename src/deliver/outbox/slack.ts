import { basename } from 'node:path';
import type { ClaimedDelivery } from '../../core/delivery.ts';
import { resourceKey } from '../../core/resource.ts';
import { createdAt } from '../../core/webhook.ts';
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
import { nameOf } from '../slack/roots.ts';
import { writeOutboxFile } from './file.ts';

/** Cards and threads remembered; of one that is forgotten the next state begins a new one. */
const MOST_ROOTS = 10_000;

/**
 * Stands in for Slack where no token is set: each message becomes a JSON file of what Slack would have got. What would update
 * a card names in `updates` the file that would have posted it, and what would go to a thread names its first in `thread`.
 */
export const createSlackOutbox = ({ folder, ...deps }: MessageDeps & { readonly folder: string }): Channel => {
  const compose = createComposer({ interactive: false });
  const roots = new Map<string, { readonly id: string; readonly file: string }>();

  /** How the message hangs together with an earlier one. */
  const placeOf = (delivery: ClaimedDelivery): { root?: string; place: object } => {
    const { as, channel } = plannedSlack(delivery);
    const resource = resourceKey(delivery.webhook);
    if (as === 'plain' || !resource) return { place: {} };
    const event = eventOf(delivery.webhook);
    const root = `${as} ${channel} ${event === undefined ? nameOf(resource) : nameOf({ kind: 'event', id: event })}`;
    const known = roots.get(root);
    if (!known || known.id === delivery.id) return { root, place: {} };
    return { place: as === 'card' && event === undefined ? { updates: known.file } : { thread: known.file } };
  };

  const remember = (root: string, id: string, file: string): void => {
    if (roots.size >= MOST_ROOTS) roots.clear();
    roots.set(root, { id, file });
  };

  return {
    kind: 'slack',
    concurrency: 8,
    fingerprint: (delivery) => slackFingerprint(renderDelivery(delivery, deps)),
    async perform(delivery) {
      const rendered = renderDelivery(delivery, deps);
      const { root, place } = placeOf(delivery);
      const { text, blocks } =
        rendered.blocks.length > 0 ? compose(rendered, { blockId: delivery.id, about: null }) : rendered;
      const message = {
        channel: plannedSlack(delivery).channel,
        ...place,
        text,
        ...(blocks.length > 0 && { blocks }),
        metadata: { event_type: METADATA_TYPE, event_payload: { delivery_id: delivery.id } },
        unfurl_links: false,
        unfurl_media: false,
        link_names: false,
      };
      const content = `${JSON.stringify(message, undefined, 2)}\n`;
      const at = createdAt(delivery.webhook, delivery.receivedAt);
      const file = await writeOutboxFile({ folder, at, id: delivery.id, ending: '.json', content }, 'SLACK_BOT_TOKEN');
      if (root !== undefined) remember(root, delivery.id, basename(file));
      return { summary: `written to ${file}`, detail: { file }, fingerprint: slackFingerprint(rendered) };
    },
  };
};
