import type { Act, Actor } from '../core/actor.ts';
import type { DeliveryStatus, Note, PlannedAction } from '../core/delivery.ts';
import type { Verdict } from '../core/errors.ts';
import type { Resource, ResourceKey } from '../core/resource.ts';
import type { ActionKind, Decision } from '../core/rule.ts';

/*
 * The history that QueryStore (ports.ts) returns. All times are Unix milliseconds.
 */

/** Everything known about an id. */
export type Story = {
  readonly resources: readonly Resource[];
  readonly webhooks: readonly StoryWebhook[];
  /**
   * For a registration: the child deliveries to it that webhooks of its event caused, such as a mail to everyone registered.
   * The newest hundred, oldest first; absent if there are none.
   */
  readonly elsewhere?: readonly StoryDelivery[];
  /** What people did to any of these, oldest first. */
  readonly acts: readonly Act[];
};

export type StoryWebhook = {
  readonly id: string;
  readonly type: string;
  readonly createdAt: number;
  readonly receivedAt: number;
  readonly body: Uint8Array;
  /** null until it is routed. */
  readonly decidedAt: number | null;
  readonly oddities: readonly string[];
  readonly movedFrom: string | null;
  /** The fields of the resource's data that it changed, with their previous values. */
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
  /** For pending ones, when the next attempt is due. */
  readonly dueAt: number;
  readonly tries: number;
  /** For superseded ones, the id of the webhook that superseded it; null if it became obsolete: the last attempt says why. */
  readonly supersededBy: string | null;
  /** For done ones, a digest of the content that was delivered, if its channel makes one. */
  readonly fingerprint: string | null;
  /** The id of the summary it was combined into with others. */
  readonly together: string | null;
  /** Who asked for the rerun that planned it; null if routing planned it. */
  readonly rerunBy: Actor | null;
  /** As planned, with all its fields rendered. */
  readonly action: PlannedAction;
  readonly attempts: readonly StoryAttempt[];
  /**
   * The id of its parent: a mail to everyone registered has a child delivery for each. Absent if it has no parent, and for a
   * follow-up, which stands beside the delivery it follows.
   */
  readonly parent?: string;
  /**
   * How many child deliveries it has, by status; absent if none. Since they can be thousands, a story holds only the first
   * twenty dead ones and the one it was asked for.
   */
  readonly children?: Readonly<Record<DeliveryStatus, number>>;
};

export type StoryAttempt = {
  readonly startedAt: number;
  /** null while it runs. */
  readonly endedAt: number | null;
  readonly outcome: 'running' | 'done' | Verdict | 'stopped' | 'unclear';
  readonly code: string | null;
  /** The provider's answer, or the failure, as text for people. */
  readonly message: string | null;
  readonly detail: Note | null;
};
