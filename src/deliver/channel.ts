import type { ClaimedDelivery, Note, PlannedDelivery, Receipt } from '../core/delivery.ts';
import type { ActionKind } from '../core/rule.ts';
import type { DueDelivery } from '../store/ports.ts';

export type AttemptTools = {
  /** Aborted when the bot must stop now: abandon the attempt, even if its outcome stays unclear. */
  readonly signal: AbortSignal;
  /**
   * Stores durably, with this attempt, what the channel is about to do. Call it before acting: the attempt after a crash
   * gets the note and can find out whether that was done.
   */
  note(note: Note): Promise<void>;
};

/** The result of a performed delivery; `planned` are the child deliveries of one that stood for many recipients. */
export type Performed = Receipt & { readonly planned?: readonly PlannedDelivery[] };

/**
 * One way of notifying people: mail, Slack, a sheet. Adding one is a folder here and a line in app.ts.
 */
export type Channel = {
  readonly kind: ActionKind;
  /** How many attempts may be under way at once. */
  readonly concurrency: number;
  /**
   * Applies the rate limit of each destination to all deliveries that are due: returns, in the same order, the Unix
   * milliseconds from which each may start. `now` or earlier admits it at once and uses up a place in the rate.
   */
  admit?(due: readonly DueDelivery[], now: number): readonly number[];
  /**
   * A digest of the content that the delivery would send, without sending it; the same as in the receipt of `perform`.
   * Throws a DeliveryError where its rule or template is at fault. A promise where the content has to be looked up first.
   */
  fingerprint(delivery: ClaimedDelivery): string | Promise<string>;
  /** Performs one delivery, or throws a DeliveryError that says what the failure means. */
  perform(delivery: ClaimedDelivery, tools: AttemptTools): Promise<Performed>;
  close?(): Promise<void>;
};
