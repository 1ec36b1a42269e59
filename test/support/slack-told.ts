import type { ClaimedDelivery, Note, PlannedSlack, Receipt } from '../../src/core/delivery.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { versionOf, type Webhook } from '../../src/core/webhook.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { T0 } from './builders.ts';
import type { SlackApi } from './slack-api.ts';
import type { SlackApiPost } from './slack-api-methods.ts';
import { aSlackDelivery } from './slack-delivery.ts';

/** A delivery of a webhook as a card, unless it says otherwise, by the template of its kind. */
export const aCardDelivery = (
  webhook: Webhook,
  slack: Partial<PlannedSlack> = {},
  overrides: Partial<Omit<ClaimedDelivery, 'action'>> = {},
): ClaimedDelivery => {
  const template = slack.text === undefined ? { template: webhook.type.split('.')[0] ?? '' } : {};
  return aSlackDelivery({
    webhook,
    version: versionOf(webhook, T0),
    slack: { as: 'card', ...template, ...slack },
    ...overrides,
  });
};

/**
 * Has a delivery performed as the deliverer and its store would: again after each failure, told where an attempt may have
 * got through and what it had noted, and by the next channel where the process died. Waiting takes no time.
 */
export const told = async (
  delivery: ClaimedDelivery,
  channelNow: () => Promise<Channel>,
  life: { readonly died: () => Promise<never> } = { died: () => new Promise(() => undefined) },
): Promise<Receipt> => {
  let unclear: ClaimedDelivery['unclear'] = delivery.unclear;
  for (let attempt = delivery.attempt; attempt < delivery.attempt + 50; attempt += 1) {
    let noted: Note | null = null;
    const signal = new AbortController().signal;
    const note = async (given: Note): Promise<void> => {
      noted = given;
    };
    const again = (): void => {
      unclear = { startedAt: unclear?.startedAt ?? Date.now() - 1000, note: noted ?? unclear?.note ?? null };
    };
    try {
      const channel = await channelNow();
      return await Promise.race([channel.perform({ ...delivery, attempt, unclear }, { signal, note }), life.died()]);
    } catch (error) {
      if (error instanceof Died) again();
      else if (!(error instanceof DeliveryError)) throw error;
      else if (error.verdict === 'permanent' || error.verdict === 'channel') throw error;
      else if (error.unclear) again();
    }
  }
  throw new Error(`${delivery.id} never got through`);
};

/** That the process ended. */
export class Died extends Error {}

/** The messages of a channel that are in no thread. */
export const rootsIn = (api: SlackApi, channel = 'C0BOOKINGS'): SlackApiPost[] =>
  api.posts.filter((post) => post.channel === channel && post.thread === undefined);

/** What was replied below a message. */
export const repliesTo = (api: SlackApi, root: SlackApiPost | undefined): SlackApiPost[] =>
  api.posts.filter(({ thread }) => thread !== undefined && thread === root?.ts);
