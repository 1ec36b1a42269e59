import { describe, expect, test } from 'vitest';
import type { PlannedSlack } from '../../../src/core/delivery.ts';
import type { Webhook } from '../../../src/core/webhook.ts';
import { countLine } from '../../../src/deliver/slack/count.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import { methods, startSlack } from '../../support/slack-channel.ts';
import { unhurried } from '../../support/slack-delivery.ts';
import { routeToSlack } from '../../support/slack-routed.ts';
import { aCardDelivery, repliesTo, rootsIn } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';

const EVENT = { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', slots: 40 };
const at = (minute: number): string => `2027-01-15T10:${String(minute).padStart(2, '0')}:00Z`;

const event = (minute: number, verb: string, data: object = {}): Webhook =>
  aWebhook({ type: `event.${verb}`, created_at: at(minute), data: { ...EVENT, ...data } });

const registration = (minute: number, id: string, verb = 'created', data: object = {}): Webhook =>
  aWebhook({
    type: `registration.${verb}`,
    created_at: at(minute),
    data: { id, event_id: 'evt_1', status: verb === 'cancelled' ? 'CANCELLED' : 'CONFIRMED', ...data },
  });

const startWithStore = async (options: Parameters<typeof startSlack>[0] = {}) => {
  const store = await tempStore();
  const slack = await startSlack({ ...options, store });
  /** Routes a webhook, so that the store counts it, and performs its delivery. */
  const tell = async (webhook: Webhook, known: Readonly<Record<string, unknown>> | null = null) => {
    await routeToSlack(store, [webhook]);
    return slack.channel.perform(aCardDelivery(webhook, {}, { event: known }), unhurried());
  };
  return { ...slack, store: store satisfies Store, tell };
};

const said = (post: { readonly blocks: readonly unknown[] } | undefined): string => JSON.stringify(post?.blocks);

describe('the card of an event', () => {
  test('counts who registered against its places, and has each registration in its thread', async () => {
    const { api, tell } = await startWithStore();
    await tell(event(0, 'created'));
    expect(said(rootsIn(api)[0])).toContain('0 of 40 places taken');
    await tell(registration(1, 'reg_1', 'created', { guest_count: 2 }), EVENT);
    await tell(registration(2, 'reg_2', 'created', { guest_count: 1 }), EVENT);
    await tell(registration(3, 'reg_2', 'cancelled'), EVENT);
    const receipt = await tell(registration(4, 'reg_3'), EVENT);
    expect(receipt.summary).toBe("told in the thread of the event's card in #bookings");

    const [card, ...others] = rootsIn(api);
    expect(others).toEqual([]);
    expect(card?.text).toContain('New event: Open day');
    expect(said(card)).toContain('2 of 40 places taken · 2 guests · 1 cancelled');
    expect(repliesTo(api, card).map(({ text }) => text.split(':')[0])).toEqual([
      '✅ New registration',
      '✅ New registration',
      '❌ Registration cancelled',
      '✅ New registration',
    ]);
    expect(said(repliesTo(api, card)[0])).not.toContain('webkasa_why');
  });

  test('keeps its count when the event changes, and its history below', async () => {
    const { api, tell } = await startWithStore();
    await tell(event(0, 'created'));
    await tell(registration(1, 'reg_1'), EVENT);
    await tell(event(5, 'updated', { slots: 50, title: 'Open days' }));
    const [card] = rootsIn(api);
    expect(card?.text).toContain('Event changed: Open days');
    expect(said(card)).toContain('1 of 50 places taken');
    expect(repliesTo(api, card).at(-1)?.text).toMatch(/^📅 New event: Open day,.*\n✏️ Event changed: Open days/);
    await tell(registration(6, 'reg_2'), { ...EVENT, slots: 50, title: 'Open days' });
    expect(card?.text).toContain('Event changed: Open days');
    expect(said(card)).toContain('2 of 50 places taken');
  });

  test('is made of what is known where the channel never heard of the event', async () => {
    const { api, tell } = await startWithStore();
    await tell(registration(1, 'reg_1'), EVENT);
    expect(rootsIn(api).map(({ text }) => text.split(',')[0])).toEqual(['📅 Event: Open day']);
    expect(said(rootsIn(api)[0])).toContain('1 of 40 places taken');
    await tell(event(0, 'created'));
    expect(rootsIn(api).map(({ text }) => text.split(',')[0])).toEqual(['📅 New event: Open day']);
  });

  test('is made of its id where nothing else is known', async () => {
    const { api, tell } = await startWithStore();
    await tell(registration(1, 'reg_1'));
    expect(rootsIn(api)).toHaveLength(1);
    expect(rootsIn(api)[0]?.text).toBe('📅 Event: evt_1, not heard of yet');
    expect(said(rootsIn(api)[0])).toContain('evt_1, not heard of yet');
    expect(said(rootsIn(api)[0])).toContain('1 registered');
  });

  test('shows what is known by now as soon as somebody registers, where its webhooks are told elsewhere', async () => {
    const { api, tell } = await startWithStore();
    await tell(registration(1, 'reg_1'));
    await tell(registration(2, 'reg_2'), EVENT);
    await tell(registration(3, 'reg_3'), EVENT);
    const [card, ...others] = rootsIn(api);
    expect(others).toEqual([]);
    expect(card?.text).toMatch(/^📅 Event: Open day,/);
    expect(said(card)).toContain('3 of 40 places taken');
    expect(card?.updates).toBe(2);
    await tell(registration(4, 'reg_4', 'cancelled'));
    expect(card?.text).toMatch(/^📅 Event: Open day,/);
  });

  test('says where an event that was heard of has no title', async () => {
    const { api, tell } = await startWithStore();
    await tell(registration(1, 'reg_1'), { id: 'evt_1' });
    expect(rootsIn(api)[0]?.text).toBe('📅 Event: an event without a title');
    await tell(event(2, 'created', { title: null }));
    expect(rootsIn(api).map(({ text }) => text.split(',')[0])).toEqual(['📅 New event: an event without a title']);
  });

  test('is redrawn once for many who registered at once', async () => {
    const { api, store, channel } = await startWithStore();
    const many = Array.from({ length: 5 }, (_, index) => registration(index, `reg_${index}`));
    await routeToSlack(store, many);
    const first = aCardDelivery(event(0, 'created'));
    await channel.perform(first, unhurried());
    expect(said(rootsIn(api)[0])).toContain('5 of 40');
    for (const webhook of many) await channel.perform(aCardDelivery(webhook, {}, { event: EVENT }), unhurried());
    expect(methods(api)).not.toContain('chat.update');
    expect(repliesTo(api, rootsIn(api)[0])).toHaveLength(5);
  });

  test('has each registration once, also where a rule and a subscription tell of it', async () => {
    const { api, tell, channel } = await startWithStore();
    const webhooks = [registration(2, 'reg_2'), registration(1, 'reg_1')];
    for (const webhook of webhooks) await tell(webhook, EVENT);
    await tell(event(0, 'created'));
    const again = (slack: Partial<PlannedSlack> = {}) =>
      Promise.all(
        webhooks.map((webhook) => channel.perform(aCardDelivery(webhook, slack, { event: EVENT }), unhurried())),
      );
    const receipts = await again({ channel: 'C0BOOKINGS' });
    expect(receipts[0]?.summary).toBe("already told in the thread of the event's card in C0BOOKINGS");
    const registrations = () => repliesTo(api, rootsIn(api)[0]).filter(({ text }) => text.includes('New registration'));
    expect(registrations()).toHaveLength(2);
    await again({ text: 'Own words' });
    expect(registrations()).toHaveLength(2);
    expect(repliesTo(api, rootsIn(api)[0]).filter(({ text }) => text === 'Own words')).toHaveLength(2);
  });

  test('gives way to a new one where it was deleted', async () => {
    const { api, tell } = await startWithStore();
    await tell(event(0, 'created'));
    api.deleteMessage(rootsIn(api)[0]?.ts ?? '');
    await tell(registration(1, 'reg_1'), EVENT);
    expect(rootsIn(api)).toHaveLength(1);
    expect(repliesTo(api, rootsIn(api)[0])).toHaveLength(1);
  });

  test('of a registration without an event is its own', async () => {
    const { api, tell } = await startWithStore();
    await tell(registration(1, 'reg_1', 'created', { event_id: null }));
    await tell(registration(2, 'reg_1', 'cancelled', { event_id: null }));
    expect(rootsIn(api).map(({ text }) => text.split(':')[0])).toEqual(['❌ Registration cancelled']);
  });

  test('after a try that may have got through neither the card nor the reply comes twice', async () => {
    const { api, tell, channel } = await startWithStore();
    api.behaveAfter(1, { as: 'reset', accept: true });
    const webhook = registration(1, 'reg_1');
    await expect(tell(webhook, EVENT)).rejects.toMatchObject({ unclear: true });
    const unclear = { startedAt: Date.now(), endedAt: 0, note: { posting: true } };
    await channel.perform(aCardDelivery(webhook, {}, { event: EVENT, id: 'dl_other' }), unhurried());
    const [, reply] = api.posts;
    const id = String(reply?.metadata?.event_payload.delivery_id);
    await channel.perform(aCardDelivery(webhook, {}, { event: EVENT, id, unclear }), unhurried());
    expect(rootsIn(api)).toHaveLength(1);
    expect(repliesTo(api, rootsIn(api)[0])).toHaveLength(1);
  });

  test('keeps what it has to say in its thread, though the reply of a registration broke off', async () => {
    const { api, tell } = await startWithStore(leapingTime());
    await tell(event(0, 'created'));
    const webhook = registration(1, 'reg_1');
    api.behaveAfter(1, { as: 'reset', accept: true });
    await expect(tell(webhook, EVENT)).rejects.toMatchObject({ unclear: true });
    await tell(event(5, 'updated', { title: 'Open days' }));
    const lines = repliesTo(api, rootsIn(api)[0]).flatMap(({ text }) => text.split('\n'));
    expect(lines.map((line) => line.split(':')[0])).toEqual(['✅ New registration', '📅 New event', '✏️ Event changed']);
  });
});

test.each([
  [{ active: 12, cancelled: 2, guests: 3 }, 40, '12 of 40 places taken · 3 guests · 2 cancelled'],
  [{ active: 12, cancelled: 0, guests: 1 }, null, '12 registered · 1 guest'],
  [{ active: 0, cancelled: 1, guests: 0 }, null, '0 registered · 1 cancelled'],
  [{ active: 0, cancelled: 0, guests: 0 }, 40, '0 of 40 places taken'],
  [{ active: 0, cancelled: 0, guests: 0 }, null, ''],
])('counts are put into words: %j of %s', (count, slots, words) => {
  expect(countLine(count, slots)).toBe(words);
});
