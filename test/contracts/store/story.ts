import { describe, expect, it } from 'vitest';
import type { Store } from '../../../src/store/ports.ts';
import { aReceived, aRouting, aWebhook, bytesOf, T0 } from '../../support/builders.ts';
import {
  accepted,
  claimed,
  died,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const MINUTE = 60_000;

const aStory = async (store: Store) => {
  const created = aWebhook({ data: { id: 'bk_1', start_time: '2027-02-15T10:00:00Z' } });
  const moved = aWebhook({
    type: 'booking.confirmed',
    created_at: new Date(T0 + MINUTE).toISOString(),
    data: { id: 'bk_1', start_time: '2027-02-16T10:00:00Z' },
  });
  const [first = ''] = await routed(store, created, [{}]);
  const [second = '', third = ''] = await routed(
    store,
    moved,
    [{}, { rule: 'tell-team', kind: 'slack' }],
    T0 + 2 * MINUTE,
  );
  await routed(store, aWebhook(), [{}]);
  return { created, moved, deliveries: [first, second, third] as const };
};

export const storyContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('holds all webhooks of a resource, oldest first, with decisions and deliveries', async () => {
    const { store } = await fresh();
    const { created, moved, deliveries } = await aStory(store);

    const { resources, webhooks } = await store.story('bk_1');

    expect(resources).toEqual([await store.getResource({ kind: 'booking', id: 'bk_1' })]);
    expect(webhooks.map(({ id }) => id)).toEqual([created.id, moved.id]);
    const last = webhooks[1];
    expect(last).toMatchObject({
      type: 'booking.confirmed',
      createdAt: T0 + MINUTE,
      receivedAt: T0 + 2 * MINUTE,
      decidedAt: T0 + 2 * MINUTE,
      movedFrom: '2027-02-15T10:00:00.000Z',
      oddities: [],
      decisions: [
        { rule: 'tell-guest', planned: [deliveries[1]], reasons: [] },
        { rule: 'tell-team', planned: [deliveries[2]], reasons: [] },
      ],
    });
    expect(Buffer.from(last?.body ?? [])).toEqual(Buffer.from(bytesOf(moved)));
    expect(last?.deliveries.map(({ id }) => id)).toEqual(deliveries.slice(1));
    expect(last?.deliveries[1]).toEqual({
      id: deliveries[2],
      webhookId: moved.id,
      type: 'booking.confirmed',
      resource: { kind: 'booking', id: 'bk_1' },
      rule: 'tell-team',
      kind: 'slack',
      destination: 'slack:#bookings',
      status: 'pending',
      dueAt: T0 + 2 * MINUTE,
      tries: 0,
      supersededBy: null,
      fingerprint: null,
      together: null,
      rerunBy: null,
      action: { kind: 'slack', slack: { channel: '#bookings', template: 'booking', as: 'card' } },
      attempts: [],
    });
  });

  it('holds one webhook and its resource, by the id of the webhook or of its delivery', async () => {
    const { store } = await fresh();
    const { moved, deliveries } = await aStory(store);

    const byWebhook = await store.story(moved.id);

    expect(byWebhook.webhooks.map(({ id }) => id)).toEqual([moved.id]);
    expect(byWebhook.resources.map(({ id }) => id)).toEqual(['bk_1']);
    expect(await store.story(deliveries[2])).toEqual(byWebhook);
  });

  it('is empty for an unknown id, and for a part of one', async () => {
    const { store } = await fresh();
    await aStory(store);

    for (const id of ['bk_2', 'bk_', '', 'BK_1'])
      expect(await store.story(id)).toEqual({ resources: [], webhooks: [], acts: [] });
  });

  it('holds both if a booking and an event have the same id', async () => {
    const { store } = await fresh();
    await routed(store, aWebhook({ data: { id: 'same' } }));
    await routed(store, aWebhook({ type: 'event.created', data: { id: 'same' } }));

    const { resources, webhooks } = await store.story('same');

    expect(resources.map(({ kind }) => kind).sort()).toEqual(['booking', 'event']);
    expect(webhooks).toHaveLength(2);
  });

  it('holds a webhook that is not routed yet', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await accepted(store, webhook, T0 + 3);

    const { resources, webhooks } = await store.story(webhook.id);

    expect(resources).toEqual([]);
    expect(webhooks).toMatchObject([
      {
        id: webhook.id,
        receivedAt: T0 + 3,
        decidedAt: null,
        decisions: [],
        deliveries: [],
        oddities: [],
        movedFrom: null,
      },
    ]);
  });

  it('keeps reasons and oddities word for word', async () => {
    const { store, reopen } = await fresh();
    const stored = await accepted(store, aWebhook({ type: 'booking.vanished' }));
    const decisions = [
      {
        rule: 'r1',
        planned: [],
        reasons: [{ code: 'condition_failed' as const, text: 'data.status is "ł", not in […]' }],
      },
    ];
    await store.saveRouting(aRouting(stored, { decisions, oddities: ['one', 'twö'] }));

    const { webhooks } = await (await reopen()).story(stored.id);

    expect(webhooks).toMatchObject([{ decisions, oddities: ['one', 'twö'] }]);
  });

  describe('failed deliveries', () => {
    it('are the dead and those waiting after a failed attempt, newest first', async () => {
      const { store } = await fresh();
      const dead = await planned(store);
      const waiting = await planned(store);
      const deadToo = await planned(store);
      for (const id of [dead, deadToo]) await died(store, id);
      await store.settle(failure(await claimed(store, waiting)));
      await performed(store, await planned(store));
      await planned(store);
      await claimed(store, await planned(store));

      expect((await store.failed(10)).map(({ id }) => id)).toEqual([deadToo, waiting, dead]);
      expect((await store.failed(2)).map(({ id }) => id)).toEqual([deadToo, waiting]);
      expect((await store.failed(1))[0]?.attempts).toMatchObject([{ outcome: 'permanent', code: 'unavailable' }]);
    });

    it('come in pages that skip none, though others are retried meanwhile', async () => {
      const { store } = await fresh();
      const ids = [await planned(store), await planned(store), await planned(store), await planned(store)];
      const [oldest = '', second = '', third = '', newest = ''] = ids;
      for (const id of [oldest, third]) await died(store, id);
      for (const id of [second, newest]) await store.settle(failure(await claimed(store, id)));

      const first = await store.failed(2);
      await performed(store, newest);
      const rest = await store.failed(2, third);

      expect(first.map(({ id }) => id)).toEqual([newest, third]);
      expect(rest.map(({ id }) => id)).toEqual([second, oldest]);
      expect(await store.failed(2, oldest)).toEqual([]);
    });

    it('are listed by when they died, whenever they were planned, without those that only wait', async () => {
      const { store } = await fresh();
      const [first, second, third] = [await planned(store), await planned(store), await planned(store)];
      await store.settle(failure(await claimed(store, await planned(store)), {}, T0 + 4 * MINUTE));
      await died(store, third, T0 + MINUTE);
      await died(store, second, T0 + 2 * MINUTE);
      await died(store, first, T0 + 3 * MINUTE);
      const diedAfter = async (after: number, limit = 10) =>
        (await store.died(after, limit)).map(({ id }) => id).sort();

      expect(await diedAfter(T0)).toEqual([first, second, third].sort());
      expect(await diedAfter(T0 + MINUTE)).toEqual([first, second].sort());
      expect(await diedAfter(T0, 1)).toEqual([first]);
      expect((await store.died(T0 + 2 * MINUTE, 1))[0]?.attempts).toMatchObject([{ outcome: 'permanent' }]);
      expect(await diedAfter(T0 + 3 * MINUTE)).toEqual([]);
    });

    it('are none any more once they are done', async () => {
      const { store } = await fresh();
      const id = await planned(store);
      await store.settle(failure(await claimed(store, id)));
      await performed(store, id);

      expect(await store.failed(10)).toEqual([]);
    });
  });

  it('lists deliveries, newest first and in pages', async () => {
    const { store } = await fresh();
    const ids: string[] = [];
    for (const kind of ['email', 'slack', 'sheet', 'email'] as const) ids.unshift(await planned(store, { kind }));
    await store.accept(aReceived());
    const page = async (limit: number, offset: number) =>
      (await store.deliveries({ limit, offset })).map(({ id }) => id);

    expect(await page(10, 0)).toEqual(ids);
    expect(await page(2, 1)).toEqual(ids.slice(1, 3));
    expect(await page(2, 4)).toEqual([]);
  });
};
