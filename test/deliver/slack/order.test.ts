import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aWebhook, T0 } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import { mortal } from '../../support/mortal-store.ts';
import { again, failureOf, startSlack } from '../../support/slack-channel.ts';
import { unhurried } from '../../support/slack-delivery.ts';
import { aCardDelivery, Died, repliesTo, rootsIn } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';
import { boundaries, expectOneCard, ORDERS, type Trouble, tellInOrder } from './life.ts';

describe('a booking that is created, confirmed, moved and cancelled', () => {
  test.each(ORDERS.map((order) => [order.join(' '), order] as const))(
    'is one card with the newest state and its whole history, told in the order %s',
    async (_, order) => {
      expectOneCard(await tellInOrder(await tempStore(), order, []));
    },
  );

  test.each([
    ['as it happened', [0, 1, 2, 3]],
    ['backwards', [3, 2, 1, 0]],
  ])('%s, is one card wherever the process ends or a call is cut off', async (_, order) => {
    const store = await tempStore();
    const calm = await tellInOrder(store, order, []);
    const all = boundaries(calm.storeCalls, calm.api.calls.length);
    expect(all.length).toBeGreaterThan(25);
    for (const trouble of all) {
      const outcome = await tellInOrder(store, order, [trouble]);
      expect(() => expectOneCard(outcome), JSON.stringify(trouble)).not.toThrow();
      await outcome.api.close();
    }
  });

  test.each([
    ['0 3 1 2', [0, 3, 1, 2]],
    ['0 2 1 3', [0, 2, 1, 3]],
    ['3 2 1 0', [3, 2, 1, 0]],
  ])('is one card, told in the order %s, though what is heard of late goes before what broke off', async (_, order) => {
    const store = await tempStore();
    const calm = await tellInOrder(store, order, []);
    for (const trouble of boundaries(calm.storeCalls, calm.api.calls.length)) {
      const outcome = await tellInOrder(store, order, [trouble], { overtaken: true });
      expect(() => expectOneCard(outcome), JSON.stringify(trouble)).not.toThrow();
      await outcome.api.close();
    }
  });

  test.each(ORDERS.map((order) => [order.join(' '), order] as const))(
    'is one card, told in the order %s, though each outcome is twice not written down',
    async (_, order) => {
      expectOneCard(await tellInOrder(await tempStore(), order, [], { forgotten: 2 }));
    },
  );

  test('is one card in any order, with trouble after trouble', async () => {
    const store = await tempStore();
    const trouble: fc.Arbitrary<Trouble> = fc.oneof(
      fc.record({
        at: fc.constant('store' as const),
        call: fc.integer({ min: 1, max: 25 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      fc.record({ at: fc.constant('slack' as const), call: fc.nat(9), accepted: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ORDERS),
        fc.array(trouble, { maxLength: 4 }),
        fc.boolean(),
        async (order, troubles, overtaken) => {
          const outcome = await tellInOrder(store, order, troubles, { overtaken });
          await outcome.api.close();
          expectOneCard(outcome);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('is one thread, each state told once, wherever the process ends or a call is cut off', async () => {
    const store = await tempStore();
    const order = [0, 1, 3, 2];
    const calm = await tellInOrder(store, order, [], { as: 'thread' });
    for (const trouble of boundaries(calm.storeCalls, calm.api.calls.length)) {
      const { api, channel } = await tellInOrder(store, order, [trouble], { as: 'thread' });
      const [root, ...others] = rootsIn(api, channel);
      expect(others, JSON.stringify(trouble)).toEqual([]);
      expect(
        [root, ...repliesTo(api, root)].map((post) => post?.text.split(':')[0]),
        JSON.stringify(trouble),
      ).toEqual([
        '⏳ New booking, waiting for approval',
        '✅ Booking confirmed',
        '❌ Booking cancelled',
        '🔁 Booking moved',
      ]);
      await api.close();
    }
  });
});

describe('a reply that broke off', () => {
  const booking = (minute: number, type: string) =>
    aCardDelivery(aWebhook({ type, created_at: new Date(T0 + minute * 60_000).toISOString(), data: { id: 'bk_1' } }));

  test.each([
    ['was not posted', false, [['⏳ New booking', 'Heard of late', '❌ Booking cancelled']]],
    ['was posted all the same', true, [['⏳ New booking', '❌ Booking cancelled'], ['Heard of late']]],
  ])('and %s is told once, though something older is heard of next', async (_what, accept, told) => {
    const { api, channel } = await startSlack(leapingTime());
    await channel.perform(booking(0, 'booking.created'), unhurried());
    const newest = booking(9, 'booking.cancelled');
    api.behaveAfter(1, { as: 'reset', accept });
    expect(await failureOf(channel, newest)).toMatchObject({ verdict: 'retry', unclear: true });
    await channel.perform(booking(5, 'booking.confirmed'), unhurried());
    const receipt = await channel.perform(again(newest), unhurried());
    expect(receipt.summary).toBe('updated the card in #bookings, and told it in its thread');
    const replies = repliesTo(api, rootsIn(api)[0]);
    expect(replies.map(({ text }) => text.split('\n').map((line) => line.split(/[:,]/)[0]))).toEqual(told);
  });

  test.each([
    ['was cut off', { as: 'reset' }],
    ['was refused', { as: 'error', error: 'service_unavailable' }],
  ] as const)(
    'and %s is not said again in the words of its rule, which the reply of a newer state told',
    async (_what, trouble) => {
      const { api, channel } = await startSlack(leapingTime());
      await channel.perform(booking(0, 'booking.created'), unhurried());
      const own = aCardDelivery(
        aWebhook({ type: 'booking.confirmed', created_at: new Date(T0 + 300_000).toISOString(), data: { id: 'bk_1' } }),
        { text: 'A VIP comes!' },
      );
      api.behaveAfter(1, trouble);
      await failureOf(channel, own);
      await channel.perform(booking(9, 'booking.cancelled'), unhurried());
      const receipt = await channel.perform(again(own), unhurried());
      expect(receipt.summary).toBe('the thread of the card in #bookings already tells this');
      const lines = repliesTo(api, rootsIn(api)[0]).flatMap(({ text }) => text.split('\n'));
      expect(lines.map((line) => line.split(/[:,]/)[0])).toEqual([
        '⏳ New booking',
        'A VIP comes!',
        '❌ Booking cancelled',
      ]);
    },
  );

  test('after a first message that another found is looked for below it, not taken to be that', async () => {
    const { api, channel } = await startSlack(leapingTime());
    const newest = booking(9, 'booking.cancelled');
    api.behave({ as: 'reset', accept: true });
    await failureOf(channel, newest);
    await channel.perform(booking(5, 'booking.confirmed'), unhurried());
    api.behaveAfter(1, { as: 'reset' });
    await failureOf(channel, again(newest));
    await channel.perform(again(newest), unhurried());
    const replies = repliesTo(api, rootsIn(api)[0]);
    expect(replies.map(({ text }) => text.split(/[:,]/)[0])).toEqual(['Heard of late', '❌ Booking cancelled']);
  });
});

test('a process that ends says so', async () => {
  const { store, died } = mortal(await tempStore(), 1, 'before');
  void store.getCard('any');
  await expect(died).rejects.toBeInstanceOf(Died);
});
