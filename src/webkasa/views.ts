import { type ClaimedDelivery, LONGEST_WAIT_FOR_FACTS } from '../core/delivery.ts';
import { DeliveryError } from '../core/errors.ts';
import { dataOf } from '../core/webhook.ts';
import { type View, type ViewSettings, viewOf } from '../template/view.ts';
import type { FactFinder, Facts } from './facts.ts';

export type ViewsDeps = {
  /** Without, nothing is asked and nothing waits. */
  readonly finder: FactFinder | undefined;
  readonly settings: ViewSettings;
  readonly now: () => number;
  /** For how long after the webhook came a mail waits for what is missing, in milliseconds. */
  readonly hold?: number;
};

/** Others wait for the place of a mail that asks; so it asks again later rather than to wait longer. */
const PATIENCE = 1_500;
const SHORTEST_PAUSE = 2_000;
const LONGEST_PAUSE = 20_000;

/**
 * What templates see of a delivery, with what WebKasa's API knows. Rejects with the DeliveryError `facts_missing`, verdict
 * `wait`, as long as something could not be had and the hold is not over; from then on it is what is known.
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
    // An attempt of the store's has a number; without, somebody only looks at what would be told.
    const worthWaiting = delivery.attempt > 0 && isWanting(delivery, facts);
    // More than the hold is left only where the clock was set back; then it can't be told how long it waits already.
    if (worthWaiting && rest > 0 && rest <= hold) throw wait(Math.min(rest, pauseAfter(hold - rest)));
    return viewOf(webhook, { ...delivery, facts }, settings);
  };
  return async (delivery) => (finder ? viewWith(finder, delivery) : viewOf(delivery.webhook, delivery, settings));
};

/** Whether something is missing that people would miss: what a registration is for may be known from its event's webhook. */
const isWanting = ({ webhook, event }: ClaimedDelivery, facts: Facts): boolean =>
  facts.missing && !(webhook.type.startsWith('registration.') && event !== null);

/** Soon at first, and less and less often. */
const pauseAfter = (waited: number): number => Math.min(Math.max(Math.ceil(waited / 2), SHORTEST_PAUSE), LONGEST_PAUSE);

const wait = (retryAfterMs: number): DeliveryError =>
  new DeliveryError(
    'facts_missing',
    "WebKasa's API has not told yet what belongs into this mail. It is asked again; two minutes after the webhook came, " +
      'the mail goes out with what is known.',
    { verdict: 'wait', retryAfterMs },
  );
