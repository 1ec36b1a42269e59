import { eventOf } from '../core/event-of.ts';
import { type Resource, resourceKey } from '../core/resource.ts';
import type { RoutedWebhook } from '../core/routed.ts';
import { versionOf, type Webhook } from '../core/webhook.ts';
import type { QueryStore, RoutingStore, Story, StoryWebhook } from '../store/ports.ts';
import { readWebhook } from './read-webhook.ts';

/** A webhook that somebody wants run again, with what is known around it. */
export type RerunTarget = {
  readonly stored: StoryWebhook;
  readonly routed: RoutedWebhook;
  readonly resource: Resource | null;
  /** What its resource's newer webhooks told, and to whom. */
  readonly newer: readonly StoryWebhook[];
  /** The resource's other webhooks. */
  readonly older: readonly StoryWebhook[];
};

export type TargetStore = Pick<QueryStore, 'story'> & Pick<RoutingStore, 'getResource'>;

/**
 * The webhook meant by an id: its own, that of one of its deliveries, or that of a resource, for its newest. undefined
 * where nothing is known under the id, or the webhook waits for the rules still.
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

/** With what rules planned: what that came to is run again with it, and only with it. */
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
