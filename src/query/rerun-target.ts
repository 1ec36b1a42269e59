import { eventOf } from '../core/event-of.ts';
import { type Resource, resourceKey } from '../core/resource.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import { versionOf, type Webhook } from '../core/webhook.ts';
import type { QueryStore, RoutingStore, Story, StoryWebhook } from '../store/ports.ts';
import { readWebhook } from './read-webhook.ts';

/** The webhook to rerun, with what is known about its resource. */
export type RerunTarget = {
  readonly stored: StoryWebhook;
  readonly routed: RoutedWebhook;
  readonly resource: Resource | null;
  /** The resource's newer webhooks, with their deliveries. */
  readonly newer: readonly StoryWebhook[];
  /** The resource's older webhooks, with their deliveries. */
  readonly older: readonly StoryWebhook[];
};

export type TargetStore = Pick<QueryStore, 'story'> & Pick<RoutingStore, 'getResource'>;

/**
 * Finds the webhook that an id stands for: the id of a webhook, of one of its deliveries, or of a resource, which stands for
 * its newest webhook. undefined if the id is unknown, or the webhook is not routed yet.
 */
export const findTarget = async (store: TargetStore, id: string): Promise<RerunTarget | undefined> => {
  const story = await store.story(id);
  const asked = meant(story, id);
  if (!asked || asked.decidedAt === null) return undefined;
  const stored = planned(asked);
  const webhook = readWebhook(stored);
  const key = resourceKey(webhook);
  const resource = story.resources.find((known) => known.kind === key?.kind && known.id === key.id) ?? null;
  const whole = resource && resource.id !== id ? await store.story(resource.id) : story;
  const others = whole.webhooks
    .filter((other) => other.id !== stored.id && sameResource(readWebhook(other), webhook))
    .map(planned);
  const version = versionOf(webhook, stored.receivedAt);
  return {
    stored,
    routed: {
      webhook,
      receivedAt: stored.receivedAt,
      movedFrom: stored.movedFrom,
      ...(stored.changedFrom && { changedFrom: stored.changedFrom }),
      event: await eventOf(webhook, store),
    },
    resource,
    newer: others.filter((other) => versionOf(readWebhook(other), other.receivedAt) > version),
    older: others.filter((other) => versionOf(readWebhook(other), other.receivedAt) <= version),
  };
};

const meant = ({ webhooks }: Story, id: string): StoryWebhook | undefined =>
  webhooks.find((webhook) => webhook.id === id || webhook.deliveries.some((delivery) => delivery.id === id)) ??
  webhooks.reduce<StoryWebhook | undefined>(
    (newest, webhook) => (newest && versionIn(newest) > versionIn(webhook) ? newest : webhook),
    undefined,
  );

/** Without child deliveries: those are rerun with their parent, and only with it. */
const planned = (webhook: StoryWebhook): StoryWebhook => ({
  ...webhook,
  deliveries: webhook.deliveries.filter(({ parent }) => parent === undefined),
});

const versionIn = (stored: StoryWebhook): number => versionOf(readWebhook(stored), stored.receivedAt);

const sameResource = (one: Webhook, other: Webhook): boolean => {
  const key = resourceKey(one);
  const otherKey = resourceKey(other);
  return key !== undefined && key.kind === otherKey?.kind && key.id === otherKey.id;
};
