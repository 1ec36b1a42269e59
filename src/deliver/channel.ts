import type { ClaimedDelivery, Note, PlannedDelivery, Receipt } from '../core/delivery.ts';
import type { ActionKind } from '../core/rule.ts';
import type { DueDelivery } from '../store/ports.ts';

export type AttemptTools = {
  /** Aborted when the bot must stop now: let go, and leave the outcome unclear. */
  readonly signal: AbortSignal;
  /** Keeps `note` durably with this attempt before going on: what is about to be done, for the attempt after a crash. */
  note(note: Note): Promise<void>;
};

/** What a performed delivery came to; `planned` where it stood for many, each of which is now a delivery of its own. */
export type Performed = Receipt & { readonly planned?: readonly PlannedDelivery[] };

/**
 * One way of telling people: mail, Slack, a sheet. Adding one is a folder here and a line in app.ts.
 */
export type Channel = {
  readonly kind: ActionKind;
  /** How many attempts may be under way at once. */
  readonly concurrency: number;
  /**
   * Asks for places in the rate of each destination, for all that is due at once: returns, in the same order, now or
   * earlier where a delivery may go at once, else the Unix milliseconds from which on it may. A place given is used up.
   */
  admit?(due: readonly DueDelivery[], now: number): readonly number[];
  /**
   * A digest of what the delivery would tell, without telling it: the same as in the receipt of `perform`. Throws a
   * DeliveryError where its rule or template is at fault. A promise where what is told has to be looked up first.
   */
  fingerprint(delivery: ClaimedDelivery): string | Promise<string>;
  /** Performs one delivery, or throws a DeliveryError that says what the failure means. */
  perform(delivery: ClaimedDelivery, tools: AttemptTools): Promise<Performed>;
  close?(): Promise<void>;
};
