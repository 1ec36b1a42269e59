import { describe, expect, it } from 'vitest';
import { aWebhook, T0 } from '../../support/builders.ts';
import {
  claimed,
  deliveryOf,
  died,
  done,
  dueIds,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const MINUTE = 60_000;

export const dueContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('returns what is due of one kind, with its destination, the longest due first', async () => {
    const { store } = await fresh();
    const late = await planned(store, { destination: 'email:b@example.com' }, T0 + 2);
    const early = await planned(store, { destination: 'email:a@example.com' }, T0 + 1);
    await planned(store, { kind: 'slack' });

    expect(await store.due('email', T0 + 2, 10)).toEqual([
      { id: early, destination: 'email:a@example.com' },
      { id: late, destination: 'email:b@example.com' },
    ]);
    expect(await store.due('slack', T0, 10)).toHaveLength(1);
    expect(await store.due('sheet', T0 + MINUTE, 10)).toEqual([]);
  });

  it('returns nothing before its time, and no more than asked for', async () => {
    const { store } = await fresh();
    const ids = [];
    for (const offset of [0, 1, 2]) ids.push(await planned(store, {}, T0 + offset));

    expect(await store.due('email', T0 - 1, 10)).toEqual([]);
    expect((await store.due('email', T0 + 1, 10)).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect((await store.due('email', T0 + 9, 1)).map(({ id }) => id)).toEqual(ids.slice(0, 1));
    expect(await store.due('email', T0 + 9, 0)).toEqual([]);
  });

  it('returns the same again until it is claimed', async () => {
    const { store } = await fresh();
    const id = await planned(store);

    expect(await dueIds(store)).toEqual([id]);
    expect(await dueIds(store)).toEqual([id]);
    await claimed(store, id);
    expect(await dueIds(store)).toEqual([]);
  });

  it('lets the deliveries of a key go one at a time, by version and then by arrival', async () => {
    const { store } = await fresh();
    const third = await planned(store, { key: 'k', version: 30 });
    const first = await planned(store, { key: 'k', version: 10 });
    const second = await planned(store, { key: 'k', version: 20 });
    const secondLater = await planned(store, { key: 'k', version: 20 });
    const order: string[] = [];

    for (;;) {
      const [id, ...others] = await dueIds(store);
      if (!id) break;
      expect(others).toEqual([]);
      const claim = await claimed(store, id);
      expect(await dueIds(store)).toEqual([]);
      await store.settle(done(claim));
      order.push(id);
    }

    expect(order).toEqual([first, second, secondLater, third]);
  });

  it('lets a key wait for its first delivery, and other keys go on', async () => {
    const { store } = await fresh();
    const first = await planned(store, { key: 'k', version: 10 });
    const second = await planned(store, { key: 'k', version: 20 });
    const other = await planned(store, { key: 'other', version: 30 });
    await store.settle(failure(await claimed(store, first)));

    expect(await dueIds(store)).toEqual([other]);
    expect(await dueIds(store, T0 + MINUTE)).toEqual([other, first]);
    await died(store, first, T0 + MINUTE);
    expect(await dueIds(store, T0 + MINUTE)).toEqual([second, other]);
  });

  it('delays what is postponed without using up a try, and leaves alone what is not pending', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    const running = await planned(store);
    const claim = await claimed(store, running);

    await store.postpone([
      { id, until: T0 + 500 },
      { id: running, until: T0 + 500 },
      { id: 'dl_unknown', until: T0 },
    ]);

    expect(await dueIds(store, T0 + 499)).toEqual([]);
    expect(await dueIds(store, T0 + 500)).toEqual([id]);
    expect(await deliveryOf(store, id)).toMatchObject({ status: 'pending', dueAt: T0 + 500, tries: 0, attempts: [] });
    await store.settle(done(claim));
    expect(await deliveryOf(store, running)).toMatchObject({ status: 'done', dueAt: T0 });
  });

  describe('when a newer delivery of the key is done', () => {
    it('ends a late one as superseded and says by which webhook', async () => {
      const { store } = await fresh();
      const newer = aWebhook();
      const [told] = await routed(store, newer, [{ key: 'k', version: 20 }]);
      await performed(store, told ?? '');
      const late = await planned(store, { key: 'k', version: 10 });

      expect(await dueIds(store)).toEqual([]);

      expect(await deliveryOf(store, late)).toMatchObject({
        status: 'superseded',
        supersededBy: newer.id,
        attempts: [],
      });
      expect(await store.claim([late], T0)).toEqual([]);
    });

    it('names the newest of several', async () => {
      const { store } = await fresh();
      const newest = aWebhook();
      await performed(store, await planned(store, { key: 'k', version: 20 }));
      const [told] = await routed(store, newest, [{ key: 'k', version: 30 }]);
      await performed(store, told ?? '');
      const late = await planned(store, { key: 'k', version: 10 });

      await dueIds(store);

      expect((await deliveryOf(store, late)).supersededBy).toBe(newest.id);
    });

    it('performs a late one that asks to be delivered anyway', async () => {
      const { store } = await fresh();
      await performed(store, await planned(store, { key: 'k', version: 20 }));
      const late = await planned(store, { key: 'k', version: 10, late: 'deliver' });

      expect(await dueIds(store)).toEqual([late]);
    });

    it('skips any number of late ones and still returns what may run', async () => {
      const { store } = await fresh();
      await performed(store, await planned(store, { key: 'k', version: 100 }));
      const late = [];
      for (const version of [10, 20, 30]) late.push(await planned(store, { key: 'k', version }));
      const current = await planned(store, { key: 'k', version: 110 });

      expect((await store.due('email', T0, 1)).map(({ id }) => id)).toEqual([current]);

      for (const id of late) expect((await deliveryOf(store, id)).status).toBe('superseded');
    });

    it('does not supersede for one that is dead, only planned, of another key or of the same version', async () => {
      const { store } = await fresh();
      await died(store, await planned(store, { key: 'a', version: 20 }));
      const afterDead = await planned(store, { key: 'a', version: 10 });
      const beforePlanned = await planned(store, { key: 'b', version: 10 });
      await planned(store, { key: 'b', version: 20 });
      await performed(store, await planned(store, { key: 'c', version: 10 }));
      const sameVersion = await planned(store, { key: 'c', version: 10 });

      expect(await dueIds(store)).toEqual([afterDead, beforePlanned, sameVersion]);
    });
  });

  describe('the next due time', () => {
    it('is when the earliest pending delivery of the kind falls due', async () => {
      const { store } = await fresh();
      expect(await store.nextDue('email')).toBeUndefined();
      await planned(store, { kind: 'slack' }, T0);
      const later = await planned(store, {}, T0 + 20);
      const sooner = await planned(store, {}, T0 + 10);

      expect(await store.nextDue('email')).toBe(T0 + 10);
      await claimed(store, sooner, T0 + 20);
      expect(await store.nextDue('email')).toBe(T0 + 20);
      await performed(store, later, T0 + 20);
      expect(await store.nextDue('email')).toBeUndefined();
    });

    it('is that of the first of each key, not of those that wait behind it', async () => {
      const { store } = await fresh();
      const first = await planned(store, { key: 'k', version: 10 });
      await planned(store, { key: 'k', version: 20 });
      const claim = await claimed(store, first);

      expect(await store.nextDue('email')).toBeUndefined();
      await store.settle(failure(claim));
      expect(await store.nextDue('email')).toBe(T0 + MINUTE);
    });
  });
};
