import type { Actor } from '../core/actor.ts';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../core/delivery.ts';
import { recipientOf } from '../core/recipient.ts';
import type { ActionKind } from '../core/rule.ts';
import type { StoreStatus, StoryAttempt, StoryDelivery } from '../store/ports.ts';

/** The history of a delivery, attempt by attempt. */
export type DeliveryStory = {
  readonly id: string;
  readonly rule: string;
  readonly kind: ActionKind;
  /** The address, channel or file; see recipientOf(). */
  readonly to: string;
  readonly status: DeliveryStatus;
  /** Attempts that count towards giving up. */
  readonly tries: number;
  /** When the next attempt is due; null unless it is pending. */
  readonly nextTryAt: Date | null;
  /** Until when a mail is held back in case a newer one supersedes it. */
  readonly heldUntil?: Date;
  /** The pause of its whole channel, if that keeps it waiting; else null. */
  readonly paused: { readonly until: Date; readonly message: string } | null;
  /** If superseded, the id of the newer webhook that was delivered; null where a rerun of its own webhook replaced it. */
  readonly supersededBy: string | null;
  /** Who asked for the rerun that planned it; null if routing planned it. */
  readonly rerunBy: Actor | null;
  /** The id of the Slack summary (`sum_…`) that it was combined into with others. */
  readonly together: string | null;
  readonly attempts: readonly AttemptStory[];
  /** How many child deliveries it has, by status, as of a mail to everyone registered; absent if none. */
  readonly cameTo?: Readonly<Record<DeliveryStatus, number>>;
  /** The id of its parent delivery; absent if it has none. */
  readonly cameOf?: string;
};

export type AttemptStory = {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly outcome: StoryAttempt['outcome'];
  readonly code: string | null;
  readonly message: string | null;
};

/**
 * Describes a delivery. `now` (Unix milliseconds) decides whether a mail is still held back; without it `heldUntil` is left out.
 */
export const tellDelivery = (
  delivery: StoryDelivery,
  pauses: StoreStatus['pauses'],
  now = Number.POSITIVE_INFINITY,
): DeliveryStory => {
  const pending = delivery.status === 'pending';
  // A hold is the only reason for which a mail without any attempt can be due later.
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

/** Counts deliveries by status, children included: from their parent's counts, since not every child is listed. */
export const countDeliveries = (
  told: readonly Pick<DeliveryStory, 'status' | 'cameTo' | 'cameOf'>[],
): Record<DeliveryStatus, number> => {
  const counts = { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 };
  for (const { status, cameTo, cameOf } of told) {
    // A child is counted with its parent.
    if (cameOf === undefined) counts[status] += 1;
    for (const each of DELIVERY_STATUSES) counts[each] += cameTo?.[each] ?? 0;
  }
  return counts;
};
