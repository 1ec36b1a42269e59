import { expect, it } from 'vitest';
import type { Actor } from '../../../src/core/actor.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../../support/builders.ts';
import { deliveryOf, died, dueIds, freshStores, type OpenStore, performed, routed } from './harness.ts';

const ANNA: Actor = { id: 'U0ANNA', name: 'anna', via: 'slack' };
const LATER = T0 + 1_000;

type Run = { readonly token: string; readonly ids: readonly string[]; readonly insteadOf?: readonly string[] };

const rerun = (store: Store, webhookId: string, { token, ids, insteadOf }: Run) =>
  store.rerun({
    webhookId,
    token,
    deliveries: ids.map((id) => aPlannedDelivery({ id, webhookId, late: 'deliver' })),
    ...(insteadOf && { insteadOf }),
    act: { at: LATER, by: ANNA, kind: 'rerun', subject: webhookId, summary: `${ids.length} planned` },
  });

/** How reruns treat deliveries that exist already. */
export const standingInContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('writes nothing of a rerun, not even its act, if one of its deliveries was planned meanwhile', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);
    expect(await rerun(store, webhook.id, { token: 'one', ids: ['dl_a'] })).toBe('planned');

    expect(await rerun(store, webhook.id, { token: 'other', ids: ['dl_b', 'dl_a'] })).toBe('conflict');

    expect(await dueIds(store, LATER)).toEqual(['dl_a']);
    expect((await store.story(webhook.id)).acts).toHaveLength(1);
    expect(await rerun(store, webhook.id, { token: 'other', ids: ['dl_b'] })).toBe('planned');
  });

  it('lets one of two concurrent reruns of the same deliveries win', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);

    const outcomes = await Promise.all(
      ['one', 'other'].map((token) => rerun(store, webhook.id, { token, ids: ['dl_a'] })),
    );

    expect(outcomes.sort()).toEqual(['conflict', 'planned']);
  });

  it('supersedes the dead deliveries that a rerun replaces, so that no retry repeats them', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    const [dead = '', other = ''] = await routed(store, webhook, [{ key: 'one' }, { key: 'other' }]);
    await died(store, dead);
    await died(store, other);

    await rerun(store, webhook.id, { token: 'one', ids: ['dl_a'], insteadOf: [dead, other] });

    for (const id of [dead, other]) {
      expect(await deliveryOf(store, id)).toMatchObject({ status: 'superseded', supersededBy: webhook.id });
    }
    expect(await store.retry(webhook.id, LATER, ANNA)).toEqual([]);
    await performed(store, 'dl_a', LATER);
    expect(await store.failed(10)).toEqual([]);
  });

  it("writes nothing of a rerun if what it replaces was retried or done meanwhile, or is another webhook's", async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    const [retried = '', done = ''] = await routed(store, webhook, [{ key: 'one' }, { key: 'other' }]);
    await died(store, retried);
    await performed(store, done);
    await store.retry(retried, LATER, ANNA);
    const [foreign = ''] = await routed(store, aWebhook(), [{}]);
    await died(store, foreign);

    for (const id of [retried, done, foreign]) {
      expect(await rerun(store, webhook.id, { token: id, ids: ['dl_a'], insteadOf: [id] })).toBe('conflict');
    }

    expect(await dueIds(store, LATER)).toEqual([retried]);
    expect(await deliveryOf(store, done)).toMatchObject({ status: 'done' });
    expect(await deliveryOf(store, foreign)).toMatchObject({ status: 'dead' });
  });
};
