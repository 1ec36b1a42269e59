import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SlackStyle } from '../../../src/core/rule.ts';
import type { SlackChannelDeps } from '../../../src/deliver/slack/channel.ts';
import { aWebhook } from '../../support/builders.ts';
import { mortal } from '../../support/mortal-store.ts';
import { type SlackApi, startSlackApi } from '../../support/slack-api.ts';
import { channelTo } from '../../support/slack-channel.ts';
import { aCardDelivery, Died, type Process, repliesTo, rootsIn, told } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';

/* A booking that is created, confirmed, moved and cancelled, told of in any order, with crashes in between. */

const LIFE = [
  { type: 'booking.created', minute: 0, status: 'PENDING', start: 15, says: '⏳ New booking' },
  { type: 'booking.confirmed', minute: 5, status: 'CONFIRMED', start: 15, says: '✅ Booking confirmed' },
  { type: 'booking.confirmed', minute: 9, status: 'CONFIRMED', start: 16, says: '🔁 Booking moved' },
  { type: 'booking.cancelled', minute: 12, status: 'CANCELLED', start: 16, says: '❌ Booking cancelled' },
] as const;

const ORDERS: readonly (readonly number[])[] = [0, 1, 2, 3].flatMap((a) =>
  [0, 1, 2, 3].flatMap((b) =>
    [0, 1, 2, 3].flatMap((c) => {
      const order = [a, b, c, 6 - a - b - c];
      return new Set(order).size === 4 && order.every((each) => each >= 0 && each <= 3) ? [order] : [];
    }),
  ),
);

/** How a process comes to grief: it ends at one of its calls of the store, or one of its calls of Slack is cut off. */
type Trouble =
  | { readonly at: 'store'; readonly call: number; readonly when: 'before' | 'after' }
  | { readonly at: 'slack'; readonly call: number; readonly accepted: boolean };

type Outcome = { readonly api: SlackApi; readonly channel: string; readonly storeCalls: number };

let scenarios = 0;

/** Tells all webhooks of one booking in an order; each process meets the next trouble. */
const tellInOrder = async (
  store: SlackChannelDeps['store'],
  order: readonly number[],
  troubles: readonly Trouble[],
  { as = 'card', forgotten = 0 }: { readonly as?: SlackStyle; readonly forgotten?: number } = {},
): Promise<Outcome> => {
  scenarios += 1;
  const channel = `C0ORDER${scenarios}`;
  const name = `order-${scenarios}`;
  const api = await startSlackApi({ unlimited: true, channels: [{ id: channel, name, member: true }] });
  onTestFinished(() => api.close());

  const left = [...troubles];
  let storeCalls = 0;
  const start = async (): Promise<Process & { over: boolean }> => {
    const trouble = left.shift();
    if (trouble?.at === 'slack') api.behaveAfter(trouble.call, { as: 'reset', accept: trouble.accepted });
    const end = trouble?.at === 'store' ? trouble : { call: Number.POSITIVE_INFINITY, when: 'before' as const };
    const { store: watched, died, calls } = mortal(store, end.call, end.when);
    const process = { channel: await channelTo(api.url, { store: watched }), died, over: false };
    died.catch(() => {
      process.over = true;
    });
    counts.push(calls);
    return process;
  };
  const counts: (() => number)[] = [];
  let process = await start();
  const current = async (): Promise<Process> => {
    if (process.over) process = await start();
    return process;
  };

  const data = { id: `bk_order_${scenarios}` };
  for (const index of order) {
    const state = LIFE[index];
    if (!state) throw new RangeError(`no state ${index}`);
    const { type, minute, status, start: day, says } = state;
    const webhook = aWebhook({
      type,
      created_at: new Date(Date.UTC(2027, 0, 15, 10, minute)).toISOString(),
      data: { ...data, status, start_time: `2027-02-${day}T10:00:00Z`, end_time: `2027-02-${day}T11:00:00Z` },
    });
    const movedFrom = says.includes('moved') ? '2027-02-15T10:00:00.000Z' : null;
    await told(aCardDelivery(webhook, { channel: `#${name}`, as }, { movedFrom }), current, { forgotten });
  }
  for (const calls of counts) storeCalls += calls();
  return { api, channel, storeCalls };
};

/** One card, its state the newest, and each state once in its thread. */
const expectOneCard = ({ api, channel }: Outcome): void => {
  const roots = rootsIn(api, channel);
  expect(roots.map(({ text }) => text.split(':')[0])).toEqual(['❌ Booking cancelled']);
  const lines = repliesTo(api, roots[0]).flatMap(({ text }) => text.split('\n'));
  const states = lines.map((line) =>
    LIFE.findIndex(({ says }) => line.replace('Heard of late: ', '').startsWith(says)),
  );
  expect(states.toSorted()).toEqual([0, 1, 2, 3]);
};

const boundaries = (storeCalls: number, slackCalls: number): Trouble[] => [
  ...Array.from({ length: storeCalls }, (_, call) => call + 1).flatMap((call): Trouble[] => [
    { at: 'store', call, when: 'before' },
    { at: 'store', call, when: 'after' },
  ]),
  ...Array.from({ length: slackCalls }, (_, call) => call).flatMap((call): Trouble[] => [
    { at: 'slack', call, accepted: false },
    { at: 'slack', call, accepted: true },
  ]),
];

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
      fc.asyncProperty(fc.constantFrom(...ORDERS), fc.array(trouble, { maxLength: 4 }), async (order, troubles) => {
        const outcome = await tellInOrder(store, order, troubles);
        await outcome.api.close();
        expectOneCard(outcome);
      }),
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
