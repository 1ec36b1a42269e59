import { applyWebhook, resourceKey } from '../core/resource.ts';
import type { Reason } from '../core/rule.ts';
import { versionOf, type Webhook } from '../core/webhook.ts';
import type { QueryStore, StoreStatus, Story, StoryWebhook } from '../store/ports.ts';
import { type ActStory, tellAct } from './act-story.ts';
import { type DeliveryStory, tellDelivery } from './delivery-story.ts';
import { readWebhook } from './read-webhook.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';
import { type Summary, summarise } from './summary.ts';

/** The full history of an id: what arrived, what each rule decided, and every attempt to deliver. */
export type WhyAnswer = {
  readonly id: string;
  readonly found: boolean;
  readonly resources: readonly Summary[];
  /** In order of arrival. */
  readonly webhooks: readonly WebhookStory[];
  /** For a registration, the mails it got because of its event's webhooks, oldest first. */
  readonly elsewhere: readonly Elsewhere[];
  /** What people did about any of it, oldest first. */
  readonly acts: readonly ActStory[];
  /** If nothing was found, the requests refused lately, which may be why. */
  readonly rejections: readonly RejectedRequests[];
};

/** A delivery to this registration that a webhook of its event caused. */
export type Elsewhere = {
  readonly at: Date;
  readonly webhook: { readonly id: string; readonly type: string };
  readonly delivery: DeliveryStory;
};

export type WebhookStory = {
  readonly id: string;
  readonly type: string;
  readonly receivedAt: Date;
  /** When it happened according to WebKasa; null if the webhook does not say. */
  readonly createdAt: Date | null;
  /** The id of a newer webhook of the same resource that had arrived before, so that this one did not change the state. */
  readonly behind: string | null;
  readonly oddities: readonly string[];
  /** The starts before and after, if it moved the resource. */
  readonly moved: { readonly from: string; readonly to: string | null } | null;
  /** When it was routed; null while it waits for that. */
  readonly decidedAt: Date | null;
  readonly rules: readonly RuleStory[];
};

export type RuleStory = {
  readonly rule: string;
  /** Why it planned nothing, or fewer deliveries than it has actions. */
  readonly reasons: readonly Reason[];
  readonly deliveries: readonly DeliveryStory[];
};

/** Gives the history of a resource, a webhook or a delivery. */
export const why = async (store: Pick<QueryStore, 'story' | 'status'>, id: string, now: number): Promise<WhyAnswer> => {
  const story = await store.story(id);
  const status = await store.status();
  const found = story.webhooks.length > 0 || story.resources.length > 0;
  const order = await arrivals(store, story, id);
  return {
    id,
    found,
    resources: story.resources.map(summarise),
    webhooks: story.webhooks.map((webhook) => tellWebhook(webhook, order, status, now)),
    elsewhere: (story.elsewhere ?? []).map((delivery) => ({
      at: new Date(delivery.attempts[0]?.startedAt ?? delivery.dueAt),
      webhook: { id: delivery.webhookId, type: delivery.type },
      delivery: tellDelivery(delivery, status.pauses, now),
    })),
    acts: story.acts.map(tellAct),
    rejections: found ? [] : recentRejections(status, now),
  };
};

type Arrival = { readonly id: string; readonly of: string; readonly version: number };

/** All webhooks of the resource in order of arrival, even if the id asked for is only one of them. */
const arrivals = async (store: Pick<QueryStore, 'story'>, story: Story, id: string): Promise<Arrival[]> => {
  const resource = story.resources[0];
  const whole = !resource || resource.id === id ? story : await store.story(resource.id);
  return whole.webhooks.map((stored) => {
    const webhook = readWebhook(stored);
    return { id: stored.id, of: resourceName(webhook), version: versionOf(webhook, stored.receivedAt) };
  });
};

const tellWebhook = (
  stored: StoryWebhook,
  order: readonly Arrival[],
  status: StoreStatus,
  now: number,
): WebhookStory => {
  const webhook = readWebhook(stored);
  const deliveries = stored.deliveries.map((delivery) => tellDelivery(delivery, status.pauses, now));
  return {
    id: stored.id,
    type: stored.type,
    receivedAt: new Date(stored.receivedAt),
    createdAt: stored.createdAt === stored.receivedAt ? null : new Date(stored.createdAt),
    behind: newerBefore(stored.id, order),
    oddities: stored.oddities,
    moved: stored.movedFrom === null ? null : { from: stored.movedFrom, to: startOf(webhook, stored.receivedAt) },
    decidedAt: stored.decidedAt === null ? null : new Date(stored.decidedAt),
    rules: [...stored.decisions, ...rulesSince(stored)].map(({ rule, reasons }) => ({
      rule,
      reasons,
      deliveries: deliveries.filter((delivery) => delivery.rule === rule),
    })),
  };
};

/** Rules that took no part in the routing, but planned something in a rerun. */
const rulesSince = ({ decisions, deliveries }: StoryWebhook): Pick<RuleStory, 'rule' | 'reasons'>[] =>
  [...new Set(deliveries.map(({ rule }) => rule))]
    .filter((rule) => !decisions.some((decision) => decision.rule === rule))
    .map((rule) => ({ rule, reasons: [] }));

const resourceName = (webhook: Webhook): string => {
  const key = resourceKey(webhook);
  return key ? `${key.kind}:${key.id}` : webhook.id;
};

const newerBefore = (id: string, order: readonly Arrival[]): string | null => {
  const place = order.findIndex((arrival) => arrival.id === id);
  const self = order[place];
  if (!self) return null;
  return order.slice(0, place).findLast(({ of, version }) => of === self.of && version > self.version)?.id ?? null;
};

/** The start that a webhook names, in the form resources keep it; the zone passed on has no influence on that. */
const startOf = (webhook: Webhook, receivedAt: number): string | null => {
  const key = resourceKey(webhook);
  return key ? applyWebhook(undefined, key, webhook, receivedAt, 'UTC').resource.start : null;
};
