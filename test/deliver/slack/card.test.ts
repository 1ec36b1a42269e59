import { describe, expect, test } from 'vitest';
import type { ClaimedDelivery, PlannedSlack } from '../../../src/core/delivery.ts';
import type { Webhook } from '../../../src/core/webhook.ts';
import type { Channel } from '../../../src/deliver/channel.ts';
import { aWebhook } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import type { SlackApi } from '../../support/slack-api.ts';
import { again, channelTo, failureOf, methods, startSlack } from '../../support/slack-channel.ts';
import { unhurried } from '../../support/slack-delivery.ts';
import { aCardDelivery, repliesTo, rootsIn } from '../../support/slack-told.ts';

const at = (minute: number): string => `2027-01-15T10:${String(minute).padStart(2, '0')}:00Z`;

/** A booking's webhook, by the minute it happened. */
const booking = (minute: number, verb: string, data: object = {}): Webhook =>
  aWebhook({
    type: `booking.${verb}`,
    created_at: at(minute),
    data: { id: 'bk_1', status: { created: 'PENDING', cancelled: 'CANCELLED' }[verb] ?? 'CONFIRMED', ...data },
  });

const blocksOf = (post: { readonly blocks: readonly unknown[] } | undefined): string => JSON.stringify(post?.blocks);

describe('a card', () => {
  test('is one message that shows the newest state, and its thread tells what it showed', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created')), unhurried());
    expect(api.posts).toHaveLength(1);
    const receipt = await channel.perform(aCardDelivery(booking(5, 'confirmed')), unhurried());
    expect(receipt.summary).toBe('updated the card in #bookings, and told it in its thread');
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());

    const [card, ...others] = rootsIn(api);
    expect(others).toEqual([]);
    expect(card?.text).toContain('Booking cancelled: John Doe');
    const replies = repliesTo(api, card);
    expect(replies.map(({ text }) => text.split('\n').map((line) => line.split(':')[0]))).toEqual([
      ['⏳ New booking, waiting for approval', '✅ Booking confirmed'],
      ['❌ Booking cancelled'],
    ]);
    expect(blocksOf(replies[0])).toContain(
      '<!date^1800007200^{date_short_pretty} at {time}|Jan 15, 2027, 10:00 AM UTC>',
    );
  });

  test('that is moved shows the old and the new time, also in the notification', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created')), unhurried());
    const moved = booking(5, 'confirmed', { start_time: '2027-02-16T10:00:00Z', end_time: '2027-02-16T11:00:00Z' });
    await channel.perform(aCardDelivery(moved, {}, { movedFrom: '2027-02-15T10:00:00.000Z' }), unhurried());
    const [card] = rootsIn(api);
    expect(card?.text).toMatch(/^🔁 Booking moved: John Doe, Tuesday, February 16.* · before: Monday, February 15/);
    expect(blocksOf(card)).toContain('~Monday, February 15, 2027, 10:00 AM (UTC)~');
  });

  test('has buttons that say what it is about, and a link that says where it leads', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(
      aCardDelivery(booking(0, 'created', { meeting_url: 'https://meet.example.com/a?b=1' })),
      unhurried(),
    );
    expect(api.posts[0]?.blocks.at(-1)).toMatchObject({
      type: 'actions',
      elements: [
        { action_id: 'webkasa_why', value: 'bk_1', text: { type: 'plain_text', text: 'Why' } },
        { action_id: 'webkasa_rerun', value: 'bk_1' },
        { action_id: 'webkasa_link', url: 'https://meet.example.com/a?b=1', text: { text: 'Open (meet.example.com)' } },
      ],
    });
  });

  test('of a bot that only posts has no dead buttons, and the link as text', async () => {
    const { api, channel } = await startSlack({ interactive: false });
    await channel.perform(
      aCardDelivery(booking(0, 'created', { meeting_url: 'https://meet.example.com/a?b=1&c=<|>' })),
      unhurried(),
    );
    expect(blocksOf(api.posts[0])).not.toContain('"actions"');
    expect(blocksOf(api.posts[0])).toContain(
      '<https://meet.example.com/a?b=1&amp;c=%3C%7C%3E|Open (meet.example.com)>',
    );
  });

  test('is not contradicted by what is heard of late', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
    const receipt = await channel.perform(aCardDelivery(booking(5, 'confirmed')), unhurried());
    expect(receipt.summary).toBe('told in the thread of the card in #bookings, which shows something newer');
    const [card] = rootsIn(api);
    expect(card?.text).toContain('Booking cancelled');
    expect(repliesTo(api, card)[0]?.text).toMatch(/^Heard of late: ✅ Booking confirmed.*\n❌ Booking cancelled/);
  });

  test('is still known after a restart, and to a rule that names its channel by id', async () => {
    const { api, channel, store } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created')), unhurried());
    const restarted = await channelTo(api.url, { store });
    await restarted.perform(aCardDelivery(booking(5, 'confirmed')), unhurried());
    await restarted.perform(aCardDelivery(booking(6, 'completed'), { channel: 'C0BOOKINGS' }), unhurried());
    expect(rootsIn(api)).toHaveLength(1);
    expect(rootsIn(api)[0]?.text).toContain('Booking completed');
    expect(methods(api)).not.toContain('conversations.list');
  });

  test('is one even where two rules tell of one webhook at once, by name and by id', async () => {
    const { api, channel } = await startSlack({ knownChannels: () => new Map([['#bookings', 'C0BOOKINGS']]) });
    const webhook = booking(0, 'created');
    const receipts = await Promise.all([
      channel.perform(aCardDelivery(webhook), unhurried()),
      channel.perform(aCardDelivery(webhook, { channel: 'C0BOOKINGS' }), unhurried()),
    ]);
    expect(api.posts).toHaveLength(1);
    expect(receipts.map(({ summary }) => summary)).toEqual([
      'posted to #bookings',
      'the card in C0BOOKINGS already shows this',
    ]);
    expect(receipts[0]?.fingerprint).toBe(receipts[1]?.fingerprint);
  });

  test('gets the own text of another rule as a reply', async () => {
    const { api, channel } = await startSlack();
    const webhook = booking(0, 'created');
    await channel.perform(aCardDelivery(webhook), unhurried());
    await channel.perform(aCardDelivery(webhook, { text: 'A VIP books!' }), unhurried());
    expect(rootsIn(api)).toHaveLength(1);
    expect(repliesTo(api, rootsIn(api)[0])[0]?.text).toMatch(/New booking.*\nA VIP books!/s);
  });

  test('can be made of a text', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created'), { text: 'A VIP books!' }), unhurried());
    expect(api.posts[0]?.blocks).toMatchObject([
      { type: 'section', text: { text: 'A VIP books!' } },
      { type: 'actions' },
    ]);
  });

  test('is by the template of its kind where the rule names none', async () => {
    const { api, channel } = await startSlack();
    const delivery = aCardDelivery(booking(0, 'created'));
    const action = { kind: 'slack', slack: { channel: '#bookings', as: 'card' } } as const;
    await channel.perform({ ...delivery, action }, unhurried());
    await channel.perform({ ...aCardDelivery(aWebhook({ type: 'invoice.paid' })), action }, unhurried());
    expect(api.posts.map(({ text }) => text.split(/[:,]/)[0])).toEqual(['⏳ New booking', '🔔 invoice.paid']);
  });

  test.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])(
    'that can no longer be changed (%s) gives way to a new one',
    async (error) => {
      const { api, channel } = await startSlack();
      await channel.perform(aCardDelivery(booking(0, 'created')), unhurried());
      api.behave({ as: 'error', error }, { method: 'chat.update' });
      const receipt = await channel.perform(aCardDelivery(booking(5, 'confirmed')), unhurried());
      expect(receipt.summary).toBe('posted to #bookings');
      await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
      expect(rootsIn(api).map(({ text }) => text.split(':')[0])).toEqual([
        '⏳ New booking, waiting for approval',
        '❌ Booking cancelled',
      ]);
    },
  );

  test('that somebody deleted gives way to a new one, also where only its thread is written to', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
    api.deleteMessage(rootsIn(api)[0]?.ts ?? '');
    await channel.perform(aCardDelivery(booking(5, 'confirmed')), unhurried());
    expect(rootsIn(api)).toHaveLength(1);
  });
});

describe('a rule and a subscription that tell one channel', () => {
  const STATES = [booking(0, 'created'), booking(5, 'confirmed'), booking(9, 'cancelled')];
  const ORDERS = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const linesBelow = (api: SlackApi): string[] =>
    rootsIn(api).flatMap((card) => repliesTo(api, card).flatMap(({ text }) => text.split('\n')));

  /** All deliveries of the rule first, and both alternating. */
  const twice = (order: readonly number[]): ClaimedDelivery[][] => {
    const webhooks = order.flatMap((index) => STATES[index] ?? []);
    const byRule = webhooks.map((webhook) => aCardDelivery(webhook));
    const bySubscription = webhooks.map((webhook) => aCardDelivery(webhook, { channel: 'C0BOOKINGS' }));
    return [[...byRule, ...bySubscription], byRule.flatMap((each, index) => [each, bySubscription[index] ?? each])];
  };

  test.each(ORDERS)('tell each webhook once in the thread, heard of in the order %d %d %d', async (...order) => {
    for (const deliveries of twice(order)) {
      const { api, channel } = await startSlack();
      for (const delivery of deliveries) await channel.perform(delivery, unhurried());
      const said = linesBelow(api).map((line) => line.replace('Heard of late: ', '').split(':')[0]);
      expect(said.toSorted()).toEqual([
        '⏳ New booking, waiting for approval',
        '✅ Booking confirmed',
        '❌ Booking cancelled',
      ]);
      expect(rootsIn(api)).toMatchObject([{ text: expect.stringContaining('cancelled') }]);
    }
  });

  test('say so where one of them has nothing to add', async () => {
    const { channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
    const late = booking(0, 'created');
    await channel.perform(aCardDelivery(late), unhurried());
    const receipt = await channel.perform(aCardDelivery(late, { channel: 'C0BOOKINGS' }), unhurried());
    expect(receipt.summary).toBe('the thread of the card in C0BOOKINGS already tells this');
  });

  test('still know after a restart, and of webhooks with the longest ids', async () => {
    const { api, channel, store } = await startSlack();
    const id = 'x'.repeat(5000);
    const late = { ...booking(0, 'created'), id };
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
    await channel.perform(aCardDelivery(late), unhurried());
    const restarted = await channelTo(api.url, { store });
    await restarted.perform(aCardDelivery(late), unhurried());
    expect(linesBelow(api)).toHaveLength(2);
  });

  test('leave to the other what waits to be told below a card that was brought up to date', async () => {
    const { api, channel } = await startSlack();
    const [created = aWebhook(), confirmed = aWebhook()] = STATES;
    await channel.perform(aCardDelivery(created), unhurried());
    api.behaveAfter(1, { as: 'error', error: 'service_unavailable' });
    const interrupted = aCardDelivery(confirmed);
    await failureOf(channel, interrupted);
    await channel.perform(aCardDelivery(created, { channel: 'C0BOOKINGS' }), unhurried());
    await channel.perform(interrupted, unhurried());
    expect(linesBelow(api)).toHaveLength(2);
  });

  test.each([true, false])(
    'tell once what is heard of late, though the reply broke off (accepted: %s)',
    async (accept) => {
      const { api, channel } = await startSlack(leapingTime());
      const late = booking(0, 'created');
      await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
      const byRule = aCardDelivery(late);
      api.behave({ as: 'reset', accept });
      await failureOf(channel, byRule);
      const bySubscription = await channel.perform(aCardDelivery(late, { channel: 'C0BOOKINGS' }), unhurried());
      expect(bySubscription.summary.includes('already tells this')).toBe(accept);
      const receipt = await channel.perform(again(byRule), unhurried());
      expect(receipt.summary).toBe('the thread of the card in #bookings already tells this');
      expect(linesBelow(api).map((line) => line.split(/[,(]/)[0])).toEqual([
        expect.stringMatching(/^Heard of late: ⏳ New booking/),
        expect.stringMatching(/^❌ Booking cancelled/),
      ]);
    },
  );

  test.each(ORDERS)('each add what they say in their own words, in the order %d %d %d', async (...order) => {
    const { api, channel } = await startSlack();
    for (const index of order) {
      const webhook = STATES[index] ?? aWebhook();
      await channel.perform(aCardDelivery(webhook), unhurried());
      await channel.perform(aCardDelivery(webhook, { text: `Own words ${index}` }), unhurried());
      const own = linesBelow(api).find((line) => line.endsWith(`Own words ${index}`));
      const isNewest = order.slice(0, order.indexOf(index)).every((before) => before < index);
      expect(own?.startsWith('Heard of late: ')).toBe(!isNewest);
    }
    expect(linesBelow(api)).toHaveLength(6);
  });
});

describe('running again', () => {
  const rerun = { by: { id: 'U1', name: 'Alice <!here>', via: 'slack' }, at: Date.UTC(2027, 0, 16) } as const;

  test('brings the card up to date and says who had it run', async () => {
    const { api, channel } = await startSlack();
    const webhook = booking(0, 'created');
    await channel.perform(aCardDelivery(webhook), unhurried());
    await channel.perform(aCardDelivery(webhook, {}, { rerun }), unhurried());
    const [card] = rootsIn(api);
    expect(card?.updates).toBe(1);
    expect(repliesTo(api, card)[0]?.text).toMatch(/\nRun again by Alice &lt;!here&gt;: ⏳ New booking/);
  });

  test('of an older webhook leaves the newer card as it is', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(9, 'cancelled')), unhurried());
    await channel.perform(aCardDelivery(booking(0, 'created'), {}, { rerun }), unhurried());
    expect(rootsIn(api)[0]).toMatchObject({ updates: 0, text: expect.stringContaining('cancelled') });
    expect(repliesTo(api, rootsIn(api)[0])[0]?.text).toContain('Run again by Alice');
  });

  test('posts a plain message again, and says so', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created'), { as: 'plain' }, { rerun }), unhurried());
    expect(api.posts[0]?.text).toMatch(/^Run again by Alice &lt;!here&gt;: ⏳/);
  });
});

describe('a channel that can not be told', () => {
  test.each([
    ['is archived', { archived: true }, 'is_archived', false],
    ['was made private without the bot', { private: true, member: false }, 'channel_not_found', false],
    ['was renamed', { name: 'reservations' }, 'channel_not_found', true],
  ])('because it %s is said once, and again when it works', async (_what, change, code, updates) => {
    const heard: unknown[] = [];
    const { api, channel } = await startSlack({ onChannel: (name, failure) => heard.push([name, failure?.code]) });
    await channel.perform(aCardDelivery(booking(0, 'created')), unhurried());
    api.changeChannel('C0BOOKINGS', change);
    expect((await failureOf(channel, aCardDelivery(aWebhook()))).code).toBe(code);
    await failureOf(channel, aCardDelivery(aWebhook()));
    // A card knows its channel by id, so that a new name is no trouble for it.
    const ofCard = aCardDelivery(booking(5, 'confirmed'));
    if (updates) await channel.perform(ofCard, unhurried());
    else await failureOf(channel, ofCard);
    api.changeChannel('C0BOOKINGS', { archived: false, private: false, member: true, name: 'bookings' });
    await channel.perform(aCardDelivery(aWebhook()), unhurried());
    expect(heard).toEqual([
      ['#bookings', undefined],
      ['#bookings', code],
      ['#bookings', undefined],
    ]);
  });
});

describe('a thread', () => {
  test('begins with a message that stays, and goes on with replies in full', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(aCardDelivery(booking(0, 'created'), { as: 'thread' }), unhurried());
    await channel.perform(aCardDelivery(booking(9, 'cancelled'), { as: 'thread' }), unhurried());
    await channel.perform(aCardDelivery(booking(5, 'confirmed'), { as: 'thread' }), unhurried());
    const [root, ...others] = rootsIn(api);
    expect(others).toEqual([]);
    expect(root).toMatchObject({ updates: 0, text: expect.stringContaining('New booking') });
    const [cancelled, late] = repliesTo(api, root);
    expect(cancelled?.text).toMatch(/^❌ Booking cancelled/);
    expect(cancelled?.blocks.length).toBeGreaterThan(2);
    expect(blocksOf(cancelled)).not.toContain('webkasa_why');
    expect(blocksOf(late)).toContain('Heard of late: this happened <!date^');
  });

  test('says each thing once where two rules tell of one webhook, after a restart too', async () => {
    const { api, channel, store } = await startSlack();
    const tell = async (to: Channel, webhook: Webhook, slack: Partial<PlannedSlack> = {}) =>
      (await to.perform(aCardDelivery(webhook, { as: 'thread', ...slack }), unhurried())).summary;
    const byId = { channel: 'C0BOOKINGS' };
    const [created, confirmed, cancelled] = [booking(0, 'created'), booking(5, 'confirmed'), booking(9, 'cancelled')];
    await tell(channel, created);
    expect(await tell(channel, created, byId)).toBe('its thread in C0BOOKINGS already tells this');
    await tell(channel, cancelled);
    const restarted = await channelTo(api.url, { store });
    await tell(restarted, cancelled, byId);
    await tell(restarted, confirmed);
    await tell(restarted, confirmed, byId);
    await tell(restarted, confirmed, { text: 'A VIP comes!' });
    const [root, ...others] = rootsIn(api);
    expect(others).toEqual([]);
    expect([root, ...repliesTo(api, root)].map((post) => post?.text.split(':')[0])).toEqual([
      '⏳ New booking, waiting for approval',
      '❌ Booking cancelled',
      '✅ Booking confirmed',
      'A VIP comes!',
    ]);
  });

  test('says each thing once for two rules, though the reply of one broke off', async () => {
    const { api, channel } = await startSlack(leapingTime());
    await channel.perform(aCardDelivery(booking(0, 'created'), { as: 'thread' }), unhurried());
    const one = aCardDelivery(booking(5, 'confirmed'), { as: 'thread' });
    const other = aCardDelivery(one.webhook, { as: 'thread', channel: 'C0BOOKINGS' });
    api.behave({ as: 'reset', accept: true });
    await failureOf(channel, one);
    await channel.perform(other, unhurried());
    await channel.perform(again(one), unhurried());
    expect(repliesTo(api, rootsIn(api)[0])).toMatchObject([{ text: expect.stringMatching(/^✅ Booking confirmed/) }]);
  });

  test('says again what somebody had run again', async () => {
    const { api, channel } = await startSlack();
    const rerun = { by: { id: 'U1', name: 'Alice', via: 'slack' }, at: Date.UTC(2027, 0, 16) } as const;
    await channel.perform(aCardDelivery(booking(0, 'created'), { as: 'thread' }), unhurried());
    await channel.perform(aCardDelivery(booking(0, 'created'), { as: 'thread' }, { rerun }), unhurried());
    expect(repliesTo(api, rootsIn(api)[0])).toMatchObject([{ text: expect.stringMatching(/^Run again by Alice: ⏳/) }]);
  });
});
