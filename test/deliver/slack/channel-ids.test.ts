import { describe, expect, test } from 'vitest';
import { aWebhook } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import type { SlackApi, SlackApiOptions } from '../../support/slack-api.ts';
import { type ChannelOptions, channelTo, methods, startSlack } from '../../support/slack-channel.ts';
import { unhurried } from '../../support/slack-delivery.ts';
import { aCardDelivery, rootsIn } from '../../support/slack-told.ts';

const HOUR = 3_600_000;
const aBooking = (id: string, type = 'booking.created') => aWebhook({ type, data: { id } });
const inBookings = (webhook: ReturnType<typeof aBooking>) => aCardDelivery(webhook);

/** A channel #bookings that got a card, and one that may take its name. */
const started = async (options: SlackApiOptions & ChannelOptions = {}) => {
  const world = await startSlack({
    channels: [
      { id: 'C0BOOKINGS', name: 'bookings', member: true },
      { id: 'C0SECOND', name: 'second', member: true },
    ],
    ...options,
  });
  await world.channel.perform(inBookings(aBooking('bk_1')), unhurried());
  return world;
};

const rename = (api: SlackApi, { taken }: { taken: boolean }): void => {
  api.changeChannel('C0BOOKINGS', { name: 'bookings-2026' });
  if (taken) api.changeChannel('C0SECOND', { name: 'bookings' });
};

const counts = (api: SlackApi) => [rootsIn(api, 'C0BOOKINGS').length, rootsIn(api, 'C0SECOND').length];

describe('a name that another channel took', () => {
  test('means that one after the next start, also for what has a card in the old one', async () => {
    const { api, store } = await started();
    rename(api, { taken: true });
    const restarted = await channelTo(api.url, { store, ...leapingTime() });
    await restarted.perform(inBookings(aBooking('bk_1', 'booking.cancelled')), unhurried());
    expect(counts(api)).toEqual([1, 1]);
    expect(rootsIn(api, 'C0SECOND')[0]?.text).toContain('cancelled');
  });

  test('means that one within an hour', async () => {
    let time = Date.now();
    const { api, channel } = await started({ now: () => time });
    rename(api, { taken: true });
    time += HOUR + 1;
    await channel.perform(inBookings(aBooking('bk_1', 'booking.cancelled')), unhurried());
    expect(counts(api)).toEqual([1, 1]);
  });

  test('means that one at once where somebody subscribes it, and there is one card whatever the rule calls it', async () => {
    const known = new Map<string, string>();
    const { api, channel } = await started({ knownChannels: () => known });
    rename(api, { taken: true });
    known.set('#bookings', 'C0SECOND');
    const webhook = aBooking('bk_2');
    await channel.perform(aCardDelivery(webhook, { channel: 'C0SECOND' }), unhurried());
    await channel.perform(inBookings(webhook), unhurried());
    expect(counts(api)).toEqual([1, 1]);
  });
});

describe('a channel that was merely renamed', () => {
  test('goes on to be the one that rules mean', async () => {
    const { api, store } = await started();
    rename(api, { taken: false });
    const restarted = await channelTo(api.url, { store });
    await restarted.perform(inBookings(aBooking('bk_1', 'booking.cancelled')), unhurried());
    expect(rootsIn(api, 'C0BOOKINGS')[0]?.text).toContain('cancelled');
  });

  test('is not mixed up with what an old subscription called so', async () => {
    const { api, channel } = await started({ knownChannels: () => new Map([['#bookings', 'C0SECOND']]) });
    await channel.perform(inBookings(aBooking('bk_1', 'booking.cancelled')), unhurried());
    expect(counts(api)).toEqual([1, 0]);
  });
});

test.each([
  ['fails', { as: 'status', status: 500 } as const],
  ['lacks the scope', { as: 'error', error: 'missing_scope' } as const],
])('where Slack can not tell, since it %s, what was known holds', async (_what, misbehaviour) => {
  const { api, store } = await started();
  const restarted = await channelTo(api.url, { store });
  api.behave(misbehaviour, { method: 'conversations.info' });
  await restarted.perform(inBookings(aBooking('bk_1', 'booking.cancelled')), unhurried());
  await restarted.perform(inBookings(aBooking('bk_1', 'booking.completed')), unhurried());
  expect(counts(api)).toEqual([1, 0]);
  expect(methods(api).filter((method) => method === 'conversations.info')).toHaveLength(1);
});
