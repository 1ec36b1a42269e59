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

/** A process that tells deliveries, and may end. */
export type Process = { readonly channel: Channel; readonly died: Promise<never> };

/**
 * Has a delivery performed as the deliverer and its store would: again after each failure, told where an attempt may have
 * got through and what it had noted, and by the next process where one ended. Waiting takes no time.
 */
export const told = async (
  delivery: ClaimedDelivery,
  current: () => Promise<Process>,
  {
    forgotten = 0,
    meanwhile = async () => {},
  }: {
    /** How often the process ends just before the outcome is written down. */
    readonly forgotten?: number;
    /** What is done between an attempt that broke off and the next. */
    readonly meanwhile?: () => Promise<void>;
  } = {},
): Promise<Receipt> => {
  let left = forgotten;
  let unclear = delivery.unclear;
  for (let attempt = delivery.attempt; attempt < delivery.attempt + 50; attempt += 1) {
    let noted: Note | null = null;
    const note = async (given: Note): Promise<void> => {
      noted = given;
    };
    const { channel, died } = await current();
    const { signal } = new AbortController();
    try {
      const receipt = await Promise.race([channel.perform({ ...delivery, attempt, unclear }, { signal, note }), died]);
      if (left === 0) return receipt;
      left -= 1;
      throw new Died('before the outcome was written down');
    } catch (error) {
      const failure = error instanceof Died ? undefined : error;
      if (failure && !(failure instanceof DeliveryError && ['retry', 'wait'].includes(failure.verdict))) throw failure;
      if (failure instanceof DeliveryError && !failure.unclear) continue;
      const startedAt = unclear?.startedAt ?? Date.now() - 1000;
      unclear = { startedAt, endedAt: 0, note: noted ?? unclear?.note ?? null };
      await meanwhile();
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
