import type { Actor } from '../core/actor.ts';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../core/delivery.ts';
import { recipientOf } from '../core/recipient.ts';
import type { ActionKind } from '../core/rule.ts';
import type { StoreStatus, StoryAttempt, StoryDelivery } from '../store/ports.ts';

/** A delivery, try by try. */
export type DeliveryStory = {
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  /** Without its kind: an address, a channel, a file. */
  readonly to: string;
  readonly status: DeliveryStatus;
  /** Tries that count towards giving up. */
  readonly tries: number;
  /** When it is tried next; null unless it is pending. */
  readonly nextTryAt: Date | null;
  /** Until when a mail waits for something newer to take its place. */
  readonly heldUntil?: Date;
  /** Where its channel is paused as a whole. */
  readonly paused: { readonly until: Date; readonly message: string } | null;
  /** For superseded: the newer webhook that was told; null where it was run again in its place. */
  readonly supersededBy: string | null;
  /** Who had the webhook run again, where this delivery comes of that. */
  readonly rerunBy: Actor | null;
  /** The summary in Slack that told it together with others (`sum_…`). */
  readonly together: string | null;
  readonly attempts: readonly AttemptStory[];
  /** Where it stood for many, as a mail to everyone registered does: how many it came to, by their status. */
  readonly cameTo?: Readonly<Record<DeliveryStatus, number>>;
  /** The delivery that came to this one. */
  readonly cameOf?: string;
};

export type AttemptStory = {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: StoryAttempt['outcome'];
  readonly code: string | null;
  readonly message: string | null;
};

/** `now` decides whether it is still held; without, that is not told. */
export const tellDelivery = (
  delivery: StoryDelivery,
  pauses: StoreStatus['pauses'],
  now = Number.POSITIVE_INFINITY,
): DeliveryStory => {
  const pending = delivery.status === 'pending';
  // Nothing else has a mail wait that nobody has tried to send yet.
  const held = pending && delivery.kind === 'email' && delivery.attempts.length === 0 && delivery.dueAt > now;
  const pause = pending ? pauses.find(({ kind }) => kind === delivery.kind) : undefined;
  return {
    id: delivery.id,
    rule: delivery.rule,
    kind: delivery.kind,
    to: recipientOf(delivery.destination),
    status: delivery.status,
    tries: delivery.tries,
    nextTryAt: pending ? new Date(delivery.dueAt) : null,
    ...(held && { heldUntil: new Date(delivery.dueAt) }),
    paused: pause ? { until: new Date(pause.until), message: pause.message } : null,
    supersededBy: delivery.supersededBy === delivery.webhookId ? null : delivery.supersededBy,
    rerunBy: delivery.rerunBy,
    together: delivery.together,
    attempts: delivery.attempts.map(({ startedAt, endedAt, outcome, code, message }) => ({
      startedAt: new Date(startedAt),
      endedAt: endedAt === null ? null : new Date(endedAt),
      outcome,
      code,
      message,
    })),
    ...(delivery.children && { cameTo: delivery.children }),
    ...(delivery.parent !== undefined && { cameOf: delivery.parent }),
  };
};

/** How many deliveries there are of each status, those that others came to included; of these not all need be told. */
export const countDeliveries = (
  told: readonly Pick<DeliveryStory, 'status' | 'cameTo' | 'cameOf'>[],
): Record<DeliveryStatus, number> => {
  const counts = { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 };
  for (const { status, cameTo, cameOf } of told) {
    // Where the one that came to it is told, it is counted there.
    if (cameOf === undefined) counts[status] += 1;
    for (const each of DELIVERY_STATUSES) counts[each] += cameTo?.[each] ?? 0;
  }
  return counts;
};
