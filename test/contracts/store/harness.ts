import { afterEach, expect } from 'vitest';
import type { ClaimedDelivery, PlannedDelivery } from '../../../src/core/delivery.ts';
import { resourceKey } from '../../../src/core/resource.ts';
import { parseWebhook, type Webhook } from '../../../src/core/webhook.ts';
import type { Settlement, Store, StoredWebhook, StoryDelivery } from '../../../src/store/ports.ts';
import { aReceived, aRouting, aWebhook, T0 } from '../../support/builders.ts';

/** An adapter under test: an empty store, and the same store opened anew as after a restart. */
export type StoreHarness = {
  readonly store: Store;
  /** Closes the store and opens it again over the same data. */
  reopen(): Promise<Store>;
  /** Closes whatever is open and removes the data. */
  close(): Promise<void>;
};

export type OpenStore = () => Promise<StoreHarness>;

/** Opens stores that are closed again after each test. */
export const freshStores = (open: OpenStore): OpenStore => {
  const opened: StoreHarness[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((harness) => harness.close()));
  });
  return async () => {
    const harness = await open();
    opened.push(harness);
    return harness;
  };
};

/** Accepts a webhook and returns it with its place in the queue. */
export const accepted = async (
  store: Store,
  webhook: Webhook = aWebhook(),
  receivedAt = T0,
): Promise<StoredWebhook> => {
  expect(await store.accept(aReceived({ webhook, receivedAt }))).toBe('stored');
  const stored = (await store.unrouted(10_000)).find(({ id }) => id === webhook.id);
  if (!stored) throw new Error(`${webhook.id} was accepted, yet is not among the unrouted`);
  return stored;
};

/** Accepts a webhook and saves its routing; returns the ids of the deliveries planned. */
export const routed = async (
  store: Store,
  webhook: Webhook = aWebhook(),
  deliveries: readonly Partial<PlannedDelivery>[] = [],
  receivedAt = T0,
): Promise<string[]> => {
  const stored = await accepted(store, webhook, receivedAt);
  const parsed = parseWebhook(stored.body);
  const key = 'webhook' in parsed ? resourceKey(parsed.webhook) : undefined;
  const routing = aRouting(stored, { current: key && (await store.getResource(key)), deliveries });
  expect(await store.saveRouting(routing)).toBe('saved');
  return routing.deliveries.map(({ id }) => id);
};

/** Plans one delivery for a webhook of its own, and so of a key of its own unless it names one. */
export const planned = async (store: Store, delivery: Partial<PlannedDelivery> = {}, dueAt = T0): Promise<string> => {
  const [id] = await routed(store, aWebhook(), [delivery], dueAt);
  return id ?? '';
};

export const dueIds = async (store: Store, now = T0, kind: 'email' | 'slack' | 'sheet' = 'email'): Promise<string[]> =>
  (await store.due(kind, now, 1_000)).map(({ id }) => id);

/** Claims one delivery that has to be claimable. */
export const claimed = async (store: Store, id: string, now = T0): Promise<ClaimedDelivery> => {
  const [claim, ...more] = await store.claim([id], now);
  expect(more).toEqual([]);
  if (!claim) throw new Error(`${id} could not be claimed`);
  return claim;
};

type Failure = Exclude<Settlement['outcome'], { status: 'done' }>;

export const done = (claim: ClaimedDelivery, at = T0): Settlement => ({
  attempt: claim.attempt,
  id: claim.id,
  at,
  outcome: { status: 'done', receipt: { summary: 'accepted by the provider' } },
});

/** A failure that is tried again a minute later, unless a test says otherwise. */
export const failure = (claim: ClaimedDelivery, outcome: Partial<Failure> = {}, at = T0): Settlement => ({
  attempt: claim.attempt,
  id: claim.id,
  at,
  outcome: {
    status: 'pending',
    verdict: 'retry',
    code: 'unavailable',
    message: 'The mail server is not reachable; nothing to do, it is tried again.',
    unclear: false,
    dueAt: at + 60_000,
    counts: true,
    ...outcome,
  },
});

export const performed = async (store: Store, id: string, now = T0): Promise<void> =>
  store.settle(done(await claimed(store, id, now), now));

export const died = async (store: Store, id: string, now = T0): Promise<void> =>
  store.settle(failure(await claimed(store, id, now), { status: 'dead', verdict: 'permanent' }, now));

/** What the store tells of one delivery. */
export const deliveryOf = async (store: Store, id: string): Promise<StoryDelivery> => {
  const { webhooks } = await store.story(id);
  const found = webhooks.flatMap(({ deliveries }) => deliveries).find((delivery) => delivery.id === id);
  if (!found) throw new Error(`no story tells of ${id}`);
  return found;
};
