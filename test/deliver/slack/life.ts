import { expect, onTestFinished } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import type { SlackStyle } from '../../../src/core/rule.ts';
import type { SlackChannelDeps } from '../../../src/deliver/slack/channel.ts';
import { aWebhook } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import { mortal } from '../../support/mortal-store.ts';
import { type SlackApi, startSlackApi } from '../../support/slack-api.ts';
import { channelTo } from '../../support/slack-channel.ts';
import { aCardDelivery, type Process, repliesTo, rootsIn, told } from '../../support/slack-told.ts';

/* A booking that is created, confirmed, moved and cancelled, performed in any order, with crashes in between. */

const LIFE = [
  { type: 'booking.created', minute: 0, status: 'PENDING', start: 15, says: '⏳ New booking' },
  { type: 'booking.confirmed', minute: 5, status: 'CONFIRMED', start: 15, says: '✅ Booking confirmed' },
  { type: 'booking.confirmed', minute: 9, status: 'CONFIRMED', start: 16, says: '🔁 Booking moved' },
  { type: 'booking.cancelled', minute: 12, status: 'CANCELLED', start: 16, says: '❌ Booking cancelled' },
] as const;

/** Every order of the four. */
export const ORDERS: readonly (readonly number[])[] = [0, 1, 2, 3].flatMap((a) =>
  [0, 1, 2, 3].flatMap((b) =>
    [0, 1, 2, 3].flatMap((c) => {
      const order = [a, b, c, 6 - a - b - c];
      return new Set(order).size === 4 && order.every((each) => each >= 0 && each <= 3) ? [order] : [];
    }),
  ),
);

/** A fault: the process dies at one of its calls of the store, or one of its calls of Slack is cut off. */
export type Trouble =
  | { readonly at: 'store'; readonly call: number; readonly when: 'before' | 'after' }
  | { readonly at: 'slack'; readonly call: number; readonly accepted: boolean };

export type Outcome = { readonly api: SlackApi; readonly channel: string; readonly storeCalls: number };

let scenarios = 0;

/** Performs the deliveries of one booking in an order; each process meets the next fault. */
export const tellInOrder = async (
  store: SlackChannelDeps['store'],
  order: readonly number[],
  troubles: readonly Trouble[],
  {
    as = 'card',
    forgotten = 0,
    overtaken = false,
  }: {
    readonly as?: SlackStyle;
    readonly forgotten?: number;
    /** Whether older deliveries are performed before a failed one is retried. */
    readonly overtaken?: boolean;
  } = {},
): Promise<Outcome> => {
  scenarios += 1;
  const channel = `C0ORDER${scenarios}`;
  const name = `order-${scenarios}`;
  const api = await startSlackApi({ unlimited: true, channels: [{ id: channel, name, member: true }] });
  onTestFinished(() => api.close());

  const time = leapingTime();
  const left = [...troubles];
  let storeCalls = 0;
  const start = async (): Promise<Process & { over: boolean }> => {
    const trouble = left.shift();
    if (trouble?.at === 'slack') api.behaveAfter(trouble.call, { as: 'reset', accept: trouble.accepted });
    const end = trouble?.at === 'store' ? trouble : { call: Number.POSITIVE_INFINITY, when: 'before' as const };
    const { store: watched, died, calls } = mortal(store, end.call, end.when);
    const process = { channel: await channelTo(api.url, { store: watched, ...time }), died, over: false };
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
  const deliveryOf = (index: number): ClaimedDelivery => {
    const state = LIFE[index];
    if (!state) throw new RangeError(`no state ${index}`);
    const { type, minute, status, start: day, says } = state;
    const webhook = aWebhook({
      type,
      created_at: new Date(Date.UTC(2027, 0, 15, 10, minute)).toISOString(),
      data: { ...data, status, start_time: `2027-02-${day}T10:00:00Z`, end_time: `2027-02-${day}T11:00:00Z` },
    });
    const movedFrom = says.includes('moved') ? '2027-02-15T10:00:00.000Z' : null;
    return aCardDelivery(webhook, { channel: `#${name}`, as }, { movedFrom });
  };

  const waiting = [...order];
  const tell = async (index: number): Promise<void> => {
    waiting.splice(waiting.indexOf(index), 1);
    const meanwhile = async (): Promise<void> => {
      // The store hands out the oldest pending delivery first, also before a failed one.
      for (const older of waiting.filter((each) => each < index).toSorted()) await tell(older);
    };
    await told(deliveryOf(index), current, { forgotten, ...(overtaken && { meanwhile }) });
  };
  for (const index of order) if (waiting.includes(index)) await tell(index);
  for (const calls of counts) storeCalls += calls();
  return { api, channel, storeCalls };
};

/** One card, its state the newest, and each state once in its thread. */
export const expectOneCard = ({ api, channel }: Outcome): void => {
  const roots = rootsIn(api, channel);
  expect(roots.map(({ text }) => text.split(':')[0])).toEqual(['❌ Booking cancelled']);
  const lines = repliesTo(api, roots[0]).flatMap(({ text }) => text.split('\n'));
  const states = lines.map((line) =>
    LIFE.findIndex(({ says }) => line.replace('Heard of late: ', '').startsWith(says)),
  );
  expect(states.toSorted()).toEqual([0, 1, 2, 3]);
};

/** Every point at which a process can die, or a call be cut off, within so many calls. */
export const boundaries = (storeCalls: number, slackCalls: number): Trouble[] => [
  ...Array.from({ length: storeCalls }, (_, call) => call + 1).flatMap((call): Trouble[] => [
    { at: 'store', call, when: 'before' },
    { at: 'store', call, when: 'after' },
  ]),
  ...Array.from({ length: slackCalls }, (_, call) => call).flatMap((call): Trouble[] => [
    { at: 'slack', call, accepted: false },
    { at: 'slack', call, accepted: true },
  ]),
];
