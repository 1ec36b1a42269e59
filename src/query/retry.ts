import type { Actor } from '../core/actor.ts';
import type { DeliveryStatus } from '../core/delivery.ts';
import { followedId } from '../core/delivery-id.ts';
import { recipientOf } from '../core/recipient.ts';
import type { ActionKind } from '../core/rule.ts';
import type { ActStore, QueryStore, StoreStatus, StoryDelivery } from '../store/ports.ts';
import { type RejectedRequests, recentRejections } from './rejections.ts';

type Target = {
  readonly id: string;
  readonly kind: ActionKind;
  readonly to: string;
  readonly rule: string;
  readonly webhookId: string;
};

export type RetryAnswer = {
  readonly id: string;
  readonly found: boolean;
  /** Deliveries that were made due now. */
  readonly retried: readonly Target[];
  /** How many more were made due: not all children of a mail to everyone are listed. */
  readonly more: number;
  /** Deliveries that were left as they are, and their status. */
  readonly left: readonly (Target & { readonly status: DeliveryStatus })[];
  /** Channels whose pause was lifted by this, and why they had been paused. */
  readonly lifted: readonly { readonly kind: ActionKind; readonly message: string }[];
  readonly rejections: readonly RejectedRequests[];
};

type RetryStore = Pick<QueryStore, 'story' | 'status'> & Pick<ActStore, 'retry'>;

/** Makes the dead and waiting deliveries under an id due now, with a fresh count of attempts. Never repeats a done delivery. */
export const retry = async (store: RetryStore, id: string, by: Actor, now: number): Promise<RetryAnswer> => {
  const story = await store.story(id);
  const before = await store.status();
  const retried = new Set(await store.retry(id, now, by));
  const known = story.webhooks.flatMap((webhook) => webhook.deliveries);
  // For a delivery, the others of its webhook are left out; its children and its follow-up are retried with it.
  const meant = known.some((delivery) => delivery.id === id)
    ? known.filter((delivery) => [delivery.id, delivery.parent, followedId(delivery.id)].includes(id))
    : known;
  const chosen = meant.filter((delivery) => retried.has(delivery.id));
  const more = retried.size - chosen.length;
  // Children that the story does not list are of the kind of their parent.
  const parents = more > 0 ? meant.filter(({ children }) => children) : [];
  return {
    id,
    found: story.webhooks.length > 0 || story.resources.length > 0,
    retried: chosen.map(toTarget),
    more,
    left: meant
      .filter((delivery) => !retried.has(delivery.id))
      .map((delivery) => ({ ...toTarget(delivery), status: delivery.status })),
    lifted: liftedFor([...chosen, ...parents], before),
    rejections: story.webhooks.length > 0 ? [] : recentRejections(before, now),
  };
};

/** The pauses that a retry of these has lifted: retrying a delivery lifts the pause of its channel. */
const liftedFor = (retried: readonly Pick<StoryDelivery, 'kind'>[], { pauses }: StoreStatus): RetryAnswer['lifted'] =>
  pauses
    .filter(({ kind }) => retried.some((delivery) => delivery.kind === kind))
    .map(({ kind, message }) => ({ kind, message }));

/** How many are read at once: after days of outage there may be 100,000, too many to hold with all their attempts. */
const PAGE = 1_000;
/** How many are retried at once, so that an arriving webhook waits behind no more than these. */
const BATCH = 50;

/** Retries everything that is dead or waits after a failed attempt. */
export const retryAll = async (
  store: Pick<QueryStore, 'failed' | 'status'> & Pick<ActStore, 'retry'>,
  by: Actor,
  now: number,
): Promise<Pick<RetryAnswer, 'retried' | 'lifted'>> => {
  const before = await store.status();
  const retried = new Set<string>();
  const due: Target[] = [];
  let lifted: RetryAnswer['lifted'] = [];
  for (let page = await store.failed(PAGE); page.length > 0; page = await store.failed(PAGE, page.at(-1)?.id)) {
    for (let start = 0; start < page.length; start += BATCH) {
      const batch = page.slice(start, start + BATCH).map(({ id }) => store.retry(id, now, by));
      for (const id of (await Promise.all(batch)).flat()) retried.add(id);
    }
    lifted = liftedFor([...due, ...page.filter(({ id }) => retried.has(id))], before);
    // A delivery held up by nothing but a pause becomes due with the first retry that lifts the pause.
    const isDue = ({ id, status, kind }: StoryDelivery): boolean =>
      retried.has(id) || (status === 'pending' && lifted.some((pause) => pause.kind === kind));
    due.push(...page.filter(isDue).map(toTarget));
  }
  return { retried: due, lifted };
};

const toTarget = ({ id, kind, destination, rule, webhookId }: StoryDelivery): Target => ({
  id,
  kind,
  to: recipientOf(destination),
  rule,
  webhookId,
});
