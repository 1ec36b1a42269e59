import { applyWebhook, resourceKey } from '../core/resource.ts';
import type { Reason } from '../core/rule.ts';
import { versionOf, type Webhook } from '../core/webhook.ts';
import type { QueryStore, StoreStatus, Story, StoryWebhook } from '../store/ports.ts';
import { type ActStory, tellAct } from './act-story.ts';
import { type DeliveryStory, tellDelivery } from './delivery-story.ts';
import { readWebhook } from './read-webhook.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';
import { type Summary, summarise } from './summary.ts';

/** The whole story of an id: what arrived, what each rule made of it, and each try to tell somebody. */
export type WhyAnswer = {
  readonly id: string;
  readonly found: boolean;
  readonly resources: readonly Summary[];
  /** In order of arrival. */
  readonly webhooks: readonly WebhookStory[];
  /** For a registration, what webhooks of its event came to for it, oldest first. */
  readonly elsewhere: readonly Elsewhere[];
  /** What people had done about any of it, oldest first. */
  readonly acts: readonly ActStory[];
  /** Where nothing was found: what was refused lately, since that may be why. */
  readonly rejections: readonly RejectedRequests[];
};

/** A delivery that another resource's webhook came to. */
export type Elsewhere = {
  readonly at: Date;
  readonly webhook: { readonly id: string; readonly type: string };
  readonly delivery: DeliveryStory;
};

export type WebhookStory = {
  readonly id: string;
  readonly type: string;
  readonly receivedAt: Date;
  /** When WebKasa says it happened; null where it does not say. */
  readonly createdAt: Date | null;
  /** The newer webhook of the same resource that was there before this one, which therefore changed nothing. */
  readonly behind: string | null;
  readonly oddities: readonly string[];
  /** Where it moved the resource. */
  readonly moved: { readonly from: string; readonly to: string | null } | null;
  /** null while it waits for the rules. */
  readonly decidedAt: Date | null;
  readonly rules: readonly RuleStory[];
};

export type RuleStory = {
  readonly rule: string;
  /** Why it planned nothing, or less than it names. */
  readonly reasons: readonly Reason[];
  readonly deliveries: readonly DeliveryStory[];
};

/** Tells the story of a resource, a webhook or a delivery. */
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

/** All webhooks of the same resource in order of arrival, also where only one of them was asked for. */
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

/** Rules that were not there when it was decided, and planned something when somebody had it run again. */
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

/** The start a webhook names, as resources keep it; its zone does not matter for that. */
const startOf = (webhook: Webhook, receivedAt: number): string | null => {
  const key = resourceKey(webhook);
  return key ? applyWebhook(undefined, key, webhook, receivedAt, 'UTC').resource.start : null;
};
