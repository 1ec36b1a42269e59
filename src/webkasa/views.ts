import { MOST_SKEW } from '../core/clock-skew.ts';
import { type ClaimedDelivery, LONGEST_WAIT_FOR_FACTS } from '../core/delivery.ts';
import { DeliveryError } from '../core/errors.ts';
import { dataOf } from '../core/webhook.ts';
import { type View, type ViewSettings, viewOf } from '../template/view.ts';
import type { FactFinder, Facts } from './facts.ts';

export type ViewsDeps = {
  /** Undefined without an API key: nothing is asked for then, and nothing waits. */
  readonly finder: FactFinder | undefined;
  readonly settings: ViewSettings;
  readonly now: () => number;
  /** How long after its webhook came a mail may wait for missing facts, in milliseconds. */
  readonly hold?: number;
};

/** A mail that waits for the API takes up a place that other mails need: after this it is put off rather than kept waiting. */
const PATIENCE = 1_500;
const SHORTEST_PAUSE = 2_000;
const LONGEST_PAUSE = 20_000;

/**
 * Makes the view that templates see of a delivery, with what WebKasa's API knows. While something could not be read and the
 * hold is not over, rejects with the DeliveryError `facts_missing`, verdict `wait`; after the hold, the view has what is
 * known.
 */
export const createViews = ({
  finder,
  settings,
  now,
  hold = LONGEST_WAIT_FOR_FACTS,
}: ViewsDeps): ((delivery: ClaimedDelivery) => Promise<View>) => {
  const viewWith = async (asked: FactFinder, delivery: ClaimedDelivery): Promise<View> => {
    const { webhook, receivedAt } = delivery;
    const facts = await asked.find(webhook.type, dataOf(webhook), now() + PATIENCE, receivedAt);
    const rest = receivedAt + hold - now();
    // Attempt 0 is a preview, which never waits.
    const worthWaiting = delivery.attempt > 0 && isWanting(delivery, facts);
    // If far more than the hold is left, the clock was set back; how long it has waited is unknown then, so it goes out.
    if (worthWaiting && rest > 0 && rest <= hold + MOST_SKEW) throw wait(Math.min(rest, pauseAfter(hold - rest)));
    return viewOf(webhook, { ...delivery, facts }, settings);
  };
  return async (delivery) => (finder ? viewWith(finder, delivery) : viewOf(delivery.webhook, delivery, settings));
};

/** Whether something is missing that readers would miss. A registration's event may be known from the event's own webhook. */
const isWanting = ({ webhook, event }: ClaimedDelivery, facts: Facts): boolean =>
  facts.missing && !(webhook.type.startsWith('registration.') && event !== null);

/** Backoff that grows with the time waited so far. */
const pauseAfter = (waited: number): number => Math.min(Math.max(Math.ceil(waited / 2), SHORTEST_PAUSE), LONGEST_PAUSE);

const wait = (retryAfterMs: number): DeliveryError =>
  new DeliveryError(
    'facts_missing',
    "WebKasa's API has not told yet what belongs into this mail. It is asked again; two minutes after the webhook came, " +
      'the mail goes out with what is known.',
    { verdict: 'wait', retryAfterMs },
  );
