import type { Act, Actor } from '../core/actor.ts';
import type { DeliveryStatus, Note, PlannedAction } from '../core/delivery.ts';
import type { Verdict } from '../core/errors.ts';
import type { Resource, ResourceKey } from '../core/resource.ts';
import type { ActionKind, Decision } from '../core/rule.ts';

/*
 * What a store tells of the past, see QueryStore in ports.ts. All times are Unix milliseconds.
 */

/** All that is known under an id. */
export type Story = {
  readonly resources: readonly Resource[];
  readonly webhooks: readonly StoryWebhook[];
  /**
   * For a registration: what webhooks of its event came to for it, a mail to everyone registered say; oldest first, the
   * newest hundred. Absent where nothing.
   */
  readonly elsewhere?: readonly StoryDelivery[];
  /** What people did about any of it, oldest first. */
  readonly acts: readonly Act[];
};

export type StoryWebhook = {
  readonly id: string;
  readonly type: string;
  readonly createdAt: number;
  readonly receivedAt: number;
  readonly body: Uint8Array;
  /** null while it waits for its turn. */
  readonly decidedAt: number | null;
  readonly oddities: readonly string[];
  readonly movedFrom: string | null;
  /** What of the resource's data it changed, with what was there before. */
  readonly changedFrom?: Readonly<Record<string, unknown>>;
  readonly decisions: readonly Decision[];
  readonly deliveries: readonly StoryDelivery[];
};

export type StoryDelivery = {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  readonly resource: ResourceKey | null;
  readonly rule: string;
  readonly kind: ActionKind;
  readonly destination: string;
  readonly status: DeliveryStatus;
  /** When a pending one is tried next. */
  readonly dueAt: number;
  readonly tries: number;
  /** For superseded: by which webhook; null where it made no sense any more, and the last attempt says why. */
  readonly supersededBy: string | null;
  /** For done ones, a digest of what was told, where its channel makes one. */
  readonly fingerprint: string | null;
  /** The summary that told it together with others. */
  readonly together: string | null;
  /** Who had it run again; null for those the webhook itself planned. */
  readonly rerunBy: Actor | null;
  /** As planned, with every field filled in. */
  readonly action: PlannedAction;
  readonly attempts: readonly StoryAttempt[];
  /** The delivery that came to this one, as a mail to everyone registered comes to one for each; absent for all others. */
  readonly parent?: string;
  /**
   * How many it came to, by their status; absent where it came to none. They are many: a story tells those of them that are
   * dead, the first twenty, and the one it was asked for.
   */
  readonly children?: Readonly<Record<DeliveryStatus, number>>;
};

export type StoryAttempt = {
  readonly startedAt: number;
  /** null while it runs. */
  readonly endedAt: number | null;
  readonly outcome: 'running' | 'done' | Verdict | 'stopped' | 'unclear';
  readonly code: string | null;
  /** The provider's answer or the failure, in words. */
  readonly message: string | null;
  readonly detail: Note | null;
};
