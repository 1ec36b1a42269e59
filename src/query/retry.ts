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
  /** What was made due now. */
  readonly retried: readonly Target[];
  /** How many more were: of hundreds of mails that one delivery came to, not all are listed. */
  readonly more: number;
  /** What was left as it is, and what it is. */
  readonly left: readonly (Target & { readonly status: DeliveryStatus })[];
  /** Channels that were paused, and are no longer, for what was made due; and why they were. */
  readonly lifted: readonly { readonly kind: ActionKind; readonly message: string }[];
  readonly rejections: readonly RejectedRequests[];
};

type RetryStore = Pick<QueryStore, 'story' | 'status'> & Pick<ActStore, 'retry'>;

/** Makes what is dead or waiting under an id due now, with all tries anew. What reached its destination is left alone. */
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

/** Of the channels that were paused before, those of which something was retried: that lifts their pause. */
const liftedFor = (retried: readonly Pick<StoryDelivery, 'kind'>[], { pauses }: StoreStatus): RetryAnswer['lifted'] =>
  pauses
    .filter(({ kind }) => retried.some((delivery) => delivery.kind === kind))
    .map(({ kind, message }) => ({ kind, message }));

/** Read at once: after an outage of days there may be a hundred thousand, too many to hold with all their attempts. */
const PAGE = 1_000;
/** Retried at once: a webhook that arrives meanwhile waits behind these alone. */
const BATCH = 50;

/** The same for everything that is dead or waits after a failed try. */
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
    // What was due and held by a pause alone is due with the first of its kind that is retried.
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
