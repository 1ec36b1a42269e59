import type { DeliveryStatus } from '../core/delivery.ts';
import { FOLLOW_UP, followedId } from '../core/delivery-id.ts';
import { EVERYONE_REGISTERED } from '../core/rule.ts';
import type { StoryAttempt, StoryDelivery, StoryWebhook } from './story-ports.ts';

/*
 * Turns rows, as any store reads them, into the history of story-ports.ts. In rows, JSON is not yet parsed.
 */

/** Webhooks of a story, the newest. Enough for any booking; a thousand updates of an event would bury what is asked for. */
export const MOST_WEBHOOKS = 200;
/** Dead children shown of one delivery: they usually died for the same reason. */
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

/** In SQL, of deliveries `o`: which may have a follow-up, and the id that it would have. */
export const MAY_BE_FOLLOWED = `o.parent IS NULL AND o.destination = 'email:${EVERYONE_REGISTERED}'`;
export const FOLLOW_UP_ID = `o.id || '${FOLLOW_UP}'`;

export type ChildCount = { readonly status: DeliveryStatus; readonly count: number };

export const toStoryDelivery = (
  { resourceKind, resourceId, rerunBy, action, parent, ...row }: DeliveryRow,
  attempts: readonly AttemptRow[],
): StoryDelivery => ({
  ...row,
  ...(parent !== null && parent !== followedId(row.id) && { parent }),
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

/** A delivery's children counted by status, without its follow-up; undefined if it has none. */
export const childrenOf = (
  counts: readonly ChildCount[],
  followUp: Pick<StoryDelivery, 'status'> | undefined,
): StoryDelivery['children'] => {
  const own = counts
    .map(({ status, count }) => ({ status, count: count - (status === followUp?.status ? 1 : 0) }))
    .filter(({ count }) => count > 0);
  return own.length === 0
    ? undefined
    : { ...NONE, ...Object.fromEntries(own.map(({ status, count }) => [status, count])) };
};
