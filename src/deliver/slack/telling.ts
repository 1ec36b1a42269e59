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

/** One attempt at telling one delivery. */
export type Telling = Address & {
  readonly delivery: ClaimedDelivery;
  readonly slack: PlannedSlack;
  readonly rendered: RenderedSlack;
  /** For times that no booking's zone goes with. */
  readonly settings: ViewSettings;
  /** When it happened, in Unix milliseconds. */
  readonly at: number;
  /** `run again by Alice: ` in front of what is told, where somebody had it run again; already escaped. */
  readonly again: string;
  /** Takes a place for a message: the one it was let in with, then others. Throws a `wait` where there is none. */
  spend(): void;
  /** Keeps durably that a message is about to be posted: without that, there is nothing to look for after a crash. */
  note(): Promise<void>;
  /** Whether the channel's queue is told together at present. Never what a person asked for. */
  folds(): boolean;
  /** Since when a message of an earlier attempt may be there; undefined where none can. */
  doubtSince(): number | undefined;
  /** What looking for that message came to. */
  looked(look: Look): void;
  /** For the receipt: that it may have been told twice. */
  doubt(): string;
};

/** A delivery that is told in a summary with others. */
export const FOLD = 'fold';
export type Outcome = Receipt | typeof FOLD;

export const createTelling = (
  delivery: ClaimedDelivery,
  { signal, note }: AttemptTools,
  deps: {
    readonly rendered: RenderedSlack;
    readonly settings: ViewSettings;
    /** Whether it was let in with a place for a message. */
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

/** A failure before it was known what became of an earlier attempt leaves that unknown. */
export const withDoubt = (failure: DeliveryError, since: number | undefined): DeliveryError =>
  failure.unclear || since === undefined
    ? failure
    : new DeliveryError(failure.code, failure.message, {
        verdict: failure.verdict,
        ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
        unclear: true,
        cause: failure.cause,
      });
