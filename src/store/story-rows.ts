import type { DeliveryStatus } from '../core/delivery.ts';
import type { StoryAttempt, StoryDelivery, StoryWebhook } from './story-ports.ts';

/*
 * From rows of any store to what it tells of the past. JSON is not parsed in rows yet.
 */

/** Enough for any booking; an event's thousandth update would only bury what is asked for. */
export const MOST_WEBHOOKS = 200;
/** Of those that one delivery came to: what is dead most often is for one reason. */
export const MOST_DEAD = 20;
export const MOST_ELSEWHERE = 100;

export type DeliveryRow = Omit<
  StoryDelivery,
  'attempts' | 'resource' | 'rerunBy' | 'action' | 'parent' | 'children'
> & {
  readonly parent: string | null;
  readonly resourceKind: string | null;
  readonly resourceId: string | null;
  readonly rerunBy: string | null;
  readonly action: string;
};

export type AttemptRow = Omit<StoryAttempt, 'detail'> & { readonly detail: string | null };

export type WebhookRow = Omit<StoryWebhook, 'oddities' | 'decisions' | 'deliveries' | 'createdAt' | 'changedFrom'> & {
  readonly changedFrom: string | null;
  readonly createdAt: number | null;
  readonly oddities: string | null;
  readonly decisions: string | null;
};

export type ChildCount = { readonly status: DeliveryStatus; readonly count: number };

export const toStoryDelivery = (
  { resourceKind, resourceId, rerunBy, action, parent, ...row }: DeliveryRow,
  attempts: readonly AttemptRow[],
): StoryDelivery => ({
  ...row,
  ...(parent !== null && { parent }),
  rerunBy: rerunBy === null ? null : JSON.parse(rerunBy),
  action: JSON.parse(action),
  resource: resourceKind !== null && resourceId !== null ? { kind: resourceKind, id: resourceId } : null,
  attempts: attempts.map((attempt) => ({
    ...attempt,
    detail: attempt.detail === null ? null : JSON.parse(attempt.detail),
  })),
});

export const toStoryWebhook = (
  { changedFrom, ...row }: WebhookRow,
  deliveries: readonly StoryDelivery[],
): StoryWebhook => ({
  ...row,
  ...(changedFrom !== null && { changedFrom: JSON.parse(changedFrom) }),
  createdAt: row.createdAt ?? row.receivedAt,
  oddities: JSON.parse(row.oddities ?? '[]'),
  decisions: JSON.parse(row.decisions ?? '[]'),
  deliveries,
});

const NONE: Readonly<Record<DeliveryStatus, number>> = { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 };

/** How many a delivery came to; undefined where it came to none. */
export const childrenOf = (counts: readonly ChildCount[]): StoryDelivery['children'] =>
  counts.length === 0
    ? undefined
    : { ...NONE, ...Object.fromEntries(counts.map(({ status, count }) => [status, count])) };
