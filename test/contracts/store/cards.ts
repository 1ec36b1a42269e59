import { describe, expect, it } from 'vitest';
import type { Card, Store } from '../../../src/store/ports.ts';
import { aWebhook, T0 } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const aCard = (overrides: Partial<Card> = {}): Card => ({
  channel: 'C0BOOKINGS',
  ts: '1800009000.000100',
  version: T0 * 10,
  detail: { replies: ['1800009000.000200'], shown: { status: 'PENDING' } },
  ...overrides,
});

/** A registration as `status` left it; `data` is laid over it. */
const register = (store: Store, id: string, data: Record<string, unknown> = {}, type = 'registration.created') =>
  routed(store, aWebhook({ type, data: { id, event_id: 'evt_1', ...data } }));

export const cardContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('keeps a card under its key, and none under another', async () => {
    const { store, reopen } = await fresh();
    await store.saveCard('C0BOOKINGS booking:bk_1', aCard());

    const again = await reopen();

    expect(await again.getCard('C0BOOKINGS booking:bk_1')).toEqual(aCard());
    for (const key of ['C0BOOKINGS booking:bk_2', 'c0bookings booking:bk_1', '']) {
      expect(await again.getCard(key)).toBeUndefined();
    }
  });

  it('replaces a card as a whole', async () => {
    const { store } = await fresh();
    const newer = aCard({ channel: 'C1', ts: '2', version: 9, detail: { thread: '🦊' } });
    await store.saveCard('key', aCard());
    await store.saveCard('key', newer);

    expect(await store.getCard('key')).toEqual(newer);
  });

  describe('registrations of an event', () => {
    it('are none where nobody registered', async () => {
      const { store } = await fresh();
      await register(store, 'reg_1', { event_id: 'evt_2' });
      await routed(store, aWebhook({ data: { id: 'bk_1', event_id: 'evt_1' } }));

      expect(await store.registrations('evt_1')).toEqual({ active: 0, cancelled: 0, guests: 0 });
    });

    it('are counted by the newest state of each', async () => {
      const { store } = await fresh();
      await register(store, 'reg_1', { status: 'PENDING', guest_count: 2 });
      await register(store, 'reg_1', { status: 'CONFIRMED', guest_count: 3 });
      await register(store, 'reg_2', { guest_count: 4 });
      await register(store, 'reg_3', { guest_count: 10 });
      expect(await store.registrations('evt_1')).toEqual({ active: 3, cancelled: 0, guests: 17 });

      await register(store, 'reg_3', { status: 'CANCELLED', guest_count: 10 }, 'registration.cancelled');

      expect(await store.registrations('evt_1')).toEqual({ active: 2, cancelled: 1, guests: 7 });
    });

    it.each(['CANCELLED', 'cancelled', 'Canceled', 'DECLINED', 'rejected'])(
      'that are %s are not active',
      async (status) => {
        const { store } = await fresh();
        await register(store, 'reg_1', { status });

        expect(await store.registrations('evt_1')).toEqual({ active: 0, cancelled: 1, guests: 0 });
      },
    );

    it('that name no status count by what happened last', async () => {
      const { store } = await fresh();
      await register(store, 'reg_1', { status: null });
      await register(store, 'reg_2', { status: null }, 'registration.cancelled');

      expect(await store.registrations('evt_1')).toEqual({ active: 1, cancelled: 1, guests: 0 });
    });

    it('bring as many guests as they say in a sane number', async () => {
      const { store } = await fresh();
      const odd = [0, -3, 1.5, 1e9, Number.MAX_VALUE, '4', true, null, [5], { count: 6 }, 'many', undefined];
      for (const [index, guest_count] of odd.entries()) await register(store, `reg_${index}`, { guest_count });
      await register(store, 'reg_sane', { guest_count: 2 });

      expect(await store.registrations('evt_1')).toEqual({ active: odd.length + 1, cancelled: 0, guests: 2 });
    });

    it('may nest as deep as a webhook can', async () => {
      const { store } = await fresh();
      let deep: unknown = 'here';
      for (let level = 0; level < 98; level += 1) deep = { deep };
      await register(store, 'reg_1', { deep, guest_count: 2 });

      expect(await store.registrations('evt_1')).toEqual({ active: 1, cancelled: 0, guests: 2 });
    });
  });
};
