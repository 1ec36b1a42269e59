import type { ClaimedDelivery, PlannedSlack, Receipt } from '../../core/delivery.ts';
import { DeliveryError } from '../../core/errors.ts';
import { createdAt } from '../../core/webhook.ts';
import type { RenderedSlack } from '../../template/library.ts';
import { mrkdwn } from '../../template/mrkdwn.ts';
import type { ViewSettings } from '../../template/view.ts';
import type { AttemptTools } from '../channel.ts';
import type { Look } from './history.ts';
import { plannedSlack } from './message.ts';
import type { Address } from './poster.ts';

/** The context of one attempt at one delivery. */
export type Telling = Address & {
  readonly delivery: ClaimedDelivery;
  readonly slack: PlannedSlack;
  readonly rendered: RenderedSlack;
  /** Zone and locale for times that have no zone of their own. */
  readonly settings: ViewSettings;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
  /** `Run again by Alice: `, to be put before a rerun's text, already escaped; else empty. */
  readonly again: string;
  /** Uses up a place for a message: first the one it was admitted with. Throws a `wait` where there is none. */
  spend(): void;
  /** Stores durably that a message is about to be posted, so that it is looked for after a crash. */
  note(): Promise<void>;
  /** Whether this delivery is to be folded into a summary; never a rerun. */
  folds(): boolean;
  /** Since when an earlier attempt's message may be there; undefined where none can be, or that is settled. */
  doubtSince(): number | undefined;
  /** To be called with the result of looking for that message. */
  looked(look: Look): void;
  /** A remark for the receipt where the message may have been posted twice; else empty. */
  doubt(): string;
};

/** The outcome of a delivery that has to be folded into a summary. */
export const FOLD = 'fold';
export type Outcome = Receipt | typeof FOLD;

export const createTelling = (
  delivery: ClaimedDelivery,
  { signal, note }: AttemptTools,
  deps: {
    readonly rendered: RenderedSlack;
    readonly settings: ViewSettings;
    /** Whether it was admitted with a place for a message. */
    readonly paid: boolean;
    readonly takePost: (destination: string) => void;
    readonly folding: () => boolean;
  },
): Telling => {
  const { destination, rerun, unclear } = delivery;
  const slack = plannedSlack(delivery);
  let paid = deps.paid;
  let since = unclear?.note && !('folded' in unclear.note) ? unclear.startedAt : undefined;
  let unknown = '';
  return {
    named: slack.channel,
    destination,
    signal,
    delivery,
    slack,
    rendered: deps.rendered,
    settings: deps.settings,
    at: createdAt(delivery.webhook, delivery.receivedAt),
    again: rerun ? `Run again by ${mrkdwn(rerun.by.name)}: ` : '',
    spend() {
      if (!paid) deps.takePost(destination);
      paid = false;
    },
    note: () => note({ posting: true }),
    folds: () => !rerun && deps.folding(),
    doubtSince: () => since,
    looked(look) {
      if (look.found === 'unknown') unknown = look.why;
      else since = undefined;
    },
    doubt: () => unknown && `; an earlier try may have posted it too, which could not be looked up (${unknown})`,
  };
};

/** A failure while the outcome of an earlier attempt is still unknown leaves that unclear. */
export const withDoubt = (failure: DeliveryError, since: number | undefined): DeliveryError =>
  failure.unclear || since === undefined
    ? failure
    : new DeliveryError(failure.code, failure.message, {
        verdict: failure.verdict,
        ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
        unclear: true,
        cause: failure.cause,
      });
