import type { Resource } from '../../src/core/resource.ts';
import { resourceKey } from '../../src/core/resource.ts';
import type { Decision } from '../../src/core/rule.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import type { Settlement, Store } from '../../src/store/ports.ts';
import { aReceived, aRouting, T0 } from '../support/builders.ts';

type Deliveries = NonNullable<NonNullable<Parameters<typeof aRouting>[1]>['deliveries']>;

/** Takes a webhook in and routes it, through the ports that the bot itself uses. */
export const takeIn = async (
  store: Store,
  webhook: Webhook,
  options: { receivedAt?: number; decisions?: readonly Decision[]; deliveries?: Deliveries } = {},
): Promise<Resource | undefined> => {
  const { receivedAt = T0, decisions, deliveries = [] } = options;
  await store.accept(aReceived({ webhook, receivedAt }));
  const [stored] = await store.unrouted(1);
  if (!stored) throw new Error(`${webhook.id} was there already`);
  const key = resourceKey(webhook);
  const current = key && (await store.getResource(key));
  const routing = aRouting(stored, { current, deliveries, ...(decisions && { decisions }) });
  await store.saveRouting(routing);
  return routing.resource;
};

/** Tries a delivery once, with this outcome. */
export const attempt = async (store: Store, id: string, at: number, outcome: Settlement['outcome']): Promise<void> => {
  const [claimed] = await store.claim([id], at);
  if (!claimed) throw new Error(`${id} could not be claimed`);
  await store.settle({ attempt: claimed.attempt, id, at: at + 200, outcome });
};

/** A failed outcome of the given verdict. */
export const failedWith = (
  verdict: 'retry' | 'permanent' | 'channel' | 'wait',
  code: string,
  message: string,
  dueAt: number,
): Settlement['outcome'] => ({
  status: verdict === 'permanent' ? 'dead' : 'pending',
  verdict,
  code,
  message,
  unclear: false,
  dueAt,
  counts: verdict === 'retry' || verdict === 'permanent',
});
