import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/ports.ts';
import { anActor, aWebhook, T0 } from '../../support/builders.ts';
import {
  claimed,
  deliveryOf,
  died,
  dueIds,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const LATER = T0 + 1_000;
const BY = anActor();

export const retryContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it.each(['delivery', 'webhook', 'resource'] as const)(
    'gives what is dead a new life by the id of its %s',
    async (by) => {
      const { store } = await fresh();
      const webhook = aWebhook({ data: { id: 'bk_1' } });
      const [id = ''] = await routed(store, webhook, [{}]);
      await died(store, id);

      const retried = await store.retry({ delivery: id, webhook: webhook.id, resource: 'bk_1' }[by], LATER, BY);

      expect(retried).toEqual([id]);
      expect(await deliveryOf(store, id)).toMatchObject({ status: 'pending', dueAt: LATER, tries: 0 });
      expect(await dueIds(store, LATER)).toEqual([id]);
      expect((await claimed(store, id, LATER)).tries).toBe(1);
    },
  );

  it('makes due at once what waits after a failed attempt', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id), { dueAt: T0 + 3_600_000 }));

    expect(await store.retry(id, LATER, BY)).toEqual([id]);
    expect(await dueIds(store, LATER)).toEqual([id]);
    expect((await deliveryOf(store, id)).tries).toBe(0);
  });

  it('allows mails to refused addresses again, and only those of the deliveries retried', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    for (const address of ['john@example.com', 'ann@example.com']) {
      await store.refuseAddress({ address, at: T0, code: 'unknown_address', message: 'no such user' });
    }
    await died(store, id);
    await store.retry(id, LATER, BY);
    const left = await store.refusedAddresses({ limit: 9, offset: 0 });
    expect(left.map(({ address }) => address)).toEqual(['ann@example.com']);
  });

  it('keeps the story of the attempts before', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await died(store, id);
    await store.retry(id, LATER, BY);
    await performed(store, id, LATER);

    expect((await deliveryOf(store, id)).attempts.map(({ outcome }) => outcome)).toEqual(['permanent', 'done']);
  });

  it('takes all deliveries of a resource, and those of no other', async () => {
    const { store } = await fresh();
    const own = [
      ...(await routed(store, aWebhook({ data: { id: 'bk_1' } }), [{}, { kind: 'slack' }])),
      ...(await routed(store, aWebhook({ type: 'booking.confirmed', data: { id: 'bk_1' } }), [{ kind: 'sheet' }])),
    ];
    const other = await planned(store);
    for (const id of [...own, other]) await died(store, id);

    expect([...(await store.retry('bk_1', LATER, BY))].sort()).toEqual([...own].sort());
    expect((await deliveryOf(store, other)).status).toBe('dead');
  });

  it('leaves alone what is done, running or superseded', async () => {
    const { store } = await fresh();
    await performed(store, await planned(store, { key: 'superseded', version: 2 }));
    const ids = await routed(store, aWebhook({ data: { id: 'bk_1' } }), [
      { key: 'done' },
      { key: 'running' },
      { key: 'superseded', version: 1 },
    ]);
    await performed(store, ids[0] ?? '');
    await claimed(store, ids[1] ?? '');
    await dueIds(store);

    expect(await store.retry('bk_1', LATER, BY)).toEqual([]);

    const statuses = await Promise.all(ids.map(async (id) => (await deliveryOf(store, id)).status));
    expect(statuses).toEqual(['done', 'running', 'superseded']);
  });

  it('finds nothing to retry under an unknown id', async () => {
    const { store } = await fresh();
    expect(await store.retry('bk_unknown', LATER, BY)).toEqual([]);
  });

  describe('while a channel is paused', () => {
    const PAUSE = { since: T0, until: T0 + 900_000, code: 'token_revoked', message: 'The token was revoked.' };
    const kinds = async (store: Store): Promise<string[]> => (await store.status()).pauses.map(({ kind }) => kind);

    it.each(['dead', 'waiting', 'due'] as const)('lifts its pause with what is %s', async (as) => {
      const { store } = await fresh();
      const id = await planned(store, { kind: 'slack' });
      if (as === 'dead') await died(store, id);
      if (as === 'waiting') await store.settle(failure(await claimed(store, id)));
      await store.setPause('slack', PAUSE);
      await store.setPause('email', PAUSE);

      expect(await store.retry(id, LATER, BY)).toEqual([id]);

      expect(await store.getPause('slack')).toBeUndefined();
      expect(await kinds(store)).toEqual(['email']);
      expect(await dueIds(store, LATER, 'slack')).toEqual([id]);
    });

    it('keeps the place in the queue of what it held back, and counts it once', async () => {
      const { store } = await fresh();
      const [first = '', second = ''] = [await planned(store), await planned(store, {}, T0 + 1)];
      await store.setPause('email', PAUSE);

      expect(await store.retry(first, LATER, BY)).toEqual([first]);
      expect(await store.retry(second, LATER, BY)).toEqual([]);

      expect(await dueIds(store, LATER)).toEqual([first, second]);
      expect((await store.acts({ limit: 10, offset: 0 })).map(({ subject }) => subject)).toEqual([first]);
    });

    it('leaves the pause where nothing of that channel is retried', async () => {
      const { store } = await fresh();
      const mail = await planned(store);
      await died(store, mail);
      await performed(store, await planned(store, { kind: 'slack' }));
      await store.setPause('slack', PAUSE);

      await store.retry(mail, LATER, BY);

      expect(await store.getPause('slack')).toEqual(PAUSE);
      expect(await store.getPause('email')).toBeUndefined();
    });
  });

  it('retries once where asked many times at once', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await died(store, id);

    const answers = await Promise.all(Array.from({ length: 10 }, () => store.retry(id, LATER, BY)));

    expect(answers.flat()).toEqual([id]);
  });
};
