import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mortal } from '../../support/mortal-store.ts';
import { Died, repliesTo, rootsIn } from '../../support/slack-told.ts';
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

test('a process that ends says so', async () => {
  const { store, died } = mortal(await tempStore(), 1, 'before');
  void store.getCard('any');
  await expect(died).rejects.toBeInstanceOf(Died);
});
