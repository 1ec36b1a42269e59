import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Webhook } from '../../../src/core/webhook.ts';
import type { Channel } from '../../../src/deliver/channel.ts';
import { startDeliverer } from '../../../src/deliver/deliverer.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import { type SlackApi, startSlackApi } from '../../support/slack-api.ts';
import { channelTo, startSlack } from '../../support/slack-channel.ts';
import { aSlackDelivery, unhurried } from '../../support/slack-delivery.ts';
import { routeToSlack } from '../../support/slack-routed.ts';
import { aCardDelivery, rootsIn } from '../../support/slack-told.ts';
import { tempStore } from '../../support/temp.ts';

const start = async (store: Store, channel: Channel): Promise<void> => {
  const deliverer = await startDeliverer({
    store,
    channels: [channel],
    now: Date.now,
    random: () => 0.5,
    pressure: { high: () => false },
    log: silentLog(),
  });
  onTestFinished(() => deliverer[Symbol.asyncDispose]());
};

/** The summaries in a channel. */
const summariesIn = (api: SlackApi) => rootsIn(api).filter(({ text }) => text.startsWith('📦'));

const idIn = (text: string | undefined): string => /sum_[0-9a-f]+/.exec(text ?? '')?.[0] ?? '';

describe('500 webhooks at once into a channel that takes one message a second', () => {
  test('are told in one summary with true counts, and another channel goes on meanwhile', {
    timeout: 60_000,
  }, async () => {
    const api = await startSlackApi({ updatesAMinute: 50 });
    onTestFinished(() => api.close());
    const store = await tempStore();
    const bookings = Array.from({ length: 300 }, () => aWebhook({ type: 'booking.created' }));
    const registrations = Array.from({ length: 200 }, () => aWebhook({ type: 'registration.created' }));
    await routeToSlack(store, [...bookings, ...registrations]);
    const others = [aWebhook(), aWebhook(), aWebhook()];
    await routeToSlack(store, others, { channel: '#managers' });

    await start(store, await channelTo(api.url, { store }));
    await vi.waitFor(() => expect(rootsIn(api, 'G0MANAGERS')).toHaveLength(3), { timeout: 10_000, interval: 50 });
    expect((await store.status()).deliveries.done).toBeLessThan(503);
    await vi.waitFor(async () => expect((await store.status()).deliveries.done).toBe(503), {
      timeout: 40_000,
      interval: 100,
    });

    const [summary, ...more] = rootsIn(api);
    expect(more).toEqual([]);
    expect(summary?.text).toBe('📦 500 webhooks at once: 300 new bookings, 200 registrations');
    const id = idIn(JSON.stringify(summary?.blocks));
    const listed = await store.together(id, { limit: 1000, offset: 0 });
    expect(new Set(listed.map(({ webhookId }) => webhookId))).toEqual(
      new Set([...bookings, ...registrations].map((webhook) => webhook.id)),
    );
  });
});

/** Makes so many deliveries ask for admission at once, as after an outage. */
const rush = (channel: Channel, count: number, now = Date.now()): void => {
  const due = Array.from({ length: count }, (_, index) => ({
    id: `dl_rush_${index}`,
    destination: 'slack:#bookings',
  }));
  channel.admit?.(due, now);
};

const perform = (channel: Channel, webhooks: readonly Webhook[], as: 'card' | 'plain' = 'card') =>
  Promise.all(
    webhooks.map((webhook) => channel.perform(aCardDelivery(webhook, { as }, { id: `dl_${webhook.id}` }), unhurried())),
  );

const some = (count: number, type = 'booking.created'): Webhook[] =>
  Array.from({ length: count }, () => aWebhook({ type }));

describe('a long queue', () => {
  test.each(['card', 'plain'] as const)('of what would be a %s each is told together', async (as) => {
    const { api, channel } = await startSlack();
    rush(channel, 60);
    const receipts = await perform(channel, some(12), as);
    expect(api.posts).toHaveLength(1);
    const [summary] = summariesIn(api);
    expect(summary?.text).toBe('📦 12 webhooks at once: 12 new bookings');
    const id = idIn(JSON.stringify(summary?.blocks));
    expect(new Set(receipts.map(({ together }) => together))).toEqual(new Set([id]));
    expect(receipts[0]?.summary).toBe(`told together with others in #bookings (${id})`);
    expect(receipts[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(summary?.blocks)).toContain(`/webkasa show ${id}`);
    expect(summary?.blocks.at(-1)).toMatchObject({ elements: [{ action_id: 'webkasa_list', value: id }] });
  });

  test('grows in the same message, also after a restart', async () => {
    const store = await tempStore();
    const { api, channel } = await startSlack({ store });
    const first = some(8);
    await routeToSlack(store, first, { as: 'plain' });
    rush(channel, 60);
    const receipts = await perform(channel, first);
    // Their outcomes are written down, as the deliverer does.
    const due = (await store.due('slack', Date.now(), 100)).map(({ id }) => id);
    const claimed = await store.claim(due, Date.now());
    for (const { id, attempt } of claimed) {
      const receipt = receipts[0] ?? { summary: '' };
      await store.settle({ attempt, id, at: Date.now(), outcome: { status: 'done', receipt } });
    }

    const restarted = await channelTo(api.url, { store });
    rush(restarted, 60);
    await perform(restarted, some(3, 'booking.cancelled'));
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 11 webhooks at once: 8 new bookings, 3 cancelled bookings']);
  });

  test('goes on with what another process added to it meanwhile', async () => {
    const store = await tempStore();
    const { api, channel } = await startSlack({ store });
    const other = await channelTo(api.url, { store });
    for (const [teller, count] of [
      [channel, 3],
      [other, 2],
      [channel, 1],
    ] as const) {
      const webhooks = some(count);
      await routeToSlack(store, webhooks, { as: 'plain' });
      rush(teller, 60);
      const [receipt] = await perform(teller, webhooks);
      const due = (await store.due('slack', Date.now(), 100)).map(({ id }) => id);
      for (const { id, attempt } of await store.claim(due, Date.now())) {
        await store.settle({
          attempt,
          id,
          at: Date.now(),
          outcome: { status: 'done', receipt: receipt ?? { summary: '' } },
        });
      }
    }
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 6 webhooks at once: 6 new bookings']);
  });

  test('has a message of its own more than five minutes after the last', async () => {
    let ahead = 0;
    const now = (): number => Date.now() + ahead;
    const { api, channel } = await startSlack({ now });
    for (const minutes of [4.5, 4.5, 5.5]) {
      rush(channel, 60, now());
      await perform(channel, some(2));
      ahead += minutes * 60_000;
    }
    rush(channel, 60, now());
    await perform(channel, some(1));
    expect(summariesIn(api).map(({ text }) => text.split(':')[0])).toEqual([
      '📦 6 webhooks at once',
      '📦 1 webhook at once',
    ]);
  });

  test('counts nobody twice whose outcome was not written down', async () => {
    const { api, channel, store } = await startSlack();
    const webhooks = some(30);
    rush(channel, 60);
    await perform(channel, webhooks);

    const restarted = await channelTo(api.url, { store });
    rush(restarted, 60);
    const unclear = { startedAt: Date.now(), endedAt: 0, note: { folded: true } };
    await Promise.all(
      [...webhooks, ...some(10)].map((webhook) =>
        restarted.perform(aCardDelivery(webhook, {}, { id: `dl_${webhook.id}`, unclear }), unhurried()),
      ),
    );
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 40 webhooks at once: 40 new bookings']);
    expect(api.calls.filter(({ method }) => method === 'conversations.history')).toEqual([]);
  });

  test.each([false, true])('has one summary though the connection broke (accepted: %s)', async (accept) => {
    const { api, channel } = await startSlack(leapingTime());
    api.behave({ as: 'reset', accept });
    rush(channel, 60);
    const webhooks = some(5);
    const failed = await perform(channel, webhooks).catch((error: unknown) => error);
    // The summary itself looks up what is unclear.
    expect(failed).toMatchObject({ verdict: 'retry', unclear: false });
    await perform(channel, webhooks);
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 5 webhooks at once: 5 new bookings']);
  });

  test('that Slack asks to wait for waits as a whole', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'ratelimit', seconds: 30 });
    rush(channel, 60);
    const outcomes = await Promise.allSettled(some(6).map((webhook) => perform(channel, [webhook])));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { verdict: 'wait' } });
    }
    expect(api.calls).toHaveLength(1);
  });

  test('is told soon, not after those who were sent away before it was long', async () => {
    const { api, channel } = await startSlack();
    const now = Date.now();
    for (let index = 0; index < 30; index += 1) {
      channel.admit?.([{ id: `dl_single_${index}`, destination: 'slack:#bookings' }], now);
    }
    await perform(channel, some(5));
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 5 webhooks at once: 5 new bookings']);
  });

  test('that could not be told is not counted until it is', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'ratelimit', seconds: 1 });
    rush(channel, 60);
    await expect(perform(channel, some(6))).rejects.toMatchObject({ verdict: 'wait' });
    await perform(channel, some(2));
    expect(api.posts.map(({ text }) => text)).toEqual(['📦 2 webhooks at once: 2 new bookings']);
  });

  test('does not swallow what has a card already, nor what somebody asked for', async () => {
    const { api, channel } = await startSlack();
    const webhook = aWebhook({ data: { id: 'bk_1' } });
    await channel.perform(aCardDelivery(webhook), unhurried());
    rush(channel, 60);
    const confirmed = aWebhook({ type: 'booking.confirmed', data: { id: 'bk_1' } });
    await channel.perform(aCardDelivery(confirmed), unhurried());
    const rerun = { by: { id: 'U1', name: 'Alice', via: 'slack' }, at: Date.now() } as const;
    await channel.perform(aCardDelivery(aWebhook(), {}, { rerun }), unhurried());
    expect(rootsIn(api)).toHaveLength(2);
    expect(summariesIn(api)).toEqual([]);
  });

  test('brings the card of an event up to date once', async () => {
    const store = await tempStore();
    const { api, channel } = await startSlack({ store });
    const event = aWebhook({ type: 'event.created', data: { id: 'evt_1', slots: 40 } });
    await channel.perform(aCardDelivery(event), unhurried());
    rush(channel, 60);
    const many = Array.from({ length: 25 }, () =>
      aWebhook({ type: 'registration.created', data: { event_id: 'evt_1' } }),
    );
    await routeToSlack(store, many);
    await perform(channel, many);
    const card = rootsIn(api).find(({ text }) => text.includes('New event'));
    expect(card?.updates).toBe(1);
    expect(JSON.stringify(card?.blocks)).toContain('25 of 40 places taken');
    expect(summariesIn(api).map(({ text }) => text)).toEqual(['📦 25 webhooks at once: 25 registrations']);
  });

  test('that was deleted is told anew, with all of it', async () => {
    const { api, channel } = await startSlack();
    rush(channel, 60);
    await perform(channel, some(3));
    api.deleteMessage(summariesIn(api)[0]?.ts ?? '');
    await perform(channel, some(2, 'booking.<!channel>'));
    expect(api.posts.map(({ text }) => text)).toEqual([
      '📦 5 webhooks at once: 3 new bookings, 2 booking.&lt;!channel&gt;',
    ]);
  });

  test('begins with more than twenty waiting, in one channel only', async () => {
    const { channel } = await startSlack();
    const due = (count: number, destination: string) =>
      Array.from({ length: count }, (_, index) => ({ id: `dl_${destination}_${index}`, destination }));
    const now = Date.now();
    const few = channel.admit?.(due(25, 'slack:#few'), now) ?? [];
    expect(few.filter((until) => until <= now)).toHaveLength(5);
    const many = channel.admit?.([...due(26, 'slack:#many'), ...due(1, 'slack:#other')], now) ?? [];
    expect(many.every((until) => until <= now)).toBe(true);
    // With one more waiting, the first channel is folded too.
    expect(channel.admit?.(due(1, 'slack:#few'), now)).toEqual([now]);
  });

  test('lets others in while it waits, and ends when it is calm', async () => {
    const { channel } = await startSlack();
    const now = Date.now();
    const due = Array.from({ length: 128 }, (_, index) => ({ id: `dl_${index}`, destination: 'slack:#many' }));
    const letIn = (channel.admit?.(due, now) ?? []).filter((until) => until <= now);
    expect(letIn.length).toBeLessThan(100);
    const later = now + 31_000;
    const one = (id: string) => channel.admit?.([{ id, destination: 'slack:#many' }], later)[0];
    expect(one('dl_a')).toBe(later);
    expect(await channel.perform(aSlackDelivery({ slack: { channel: '#bookings' } }), unhurried())).toMatchObject({
      summary: 'posted to #bookings',
    });
  });
});
