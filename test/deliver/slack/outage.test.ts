import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { slackFailure } from '../../../src/deliver/slack/errors.ts';
import { aWebhook, T0 } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { leapingTime } from '../../support/leaping-time.ts';
import { lastingPort } from '../../support/port.ts';
import { ALL_SCOPES } from '../../support/slack-api.ts';
import { again, channelTo, failureOf, methods, patience, startSlack } from '../../support/slack-channel.ts';
import { aSlackDelivery, unhurried } from '../../support/slack-delivery.ts';
import { aCardDelivery, rootsIn } from '../../support/slack-told.ts';

describe('an outage', () => {
  test('nobody listens: tried again, and certain that nothing was posted', async () => {
    const failure = await failureOf(await channelTo(`http://127.0.0.1:${await lastingPort()}/api/`), aSlackDelivery());
    expect(failure).toMatchObject({ code: 'econnrefused', verdict: 'retry', unclear: false });
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED'])(
    '%s comes before anything is sent',
    (code) => {
      const cause = Object.assign(new Error('no way there'), { code });
      const failure = slackFailure(new WebAPIRequestError(new TypeError('fetch failed', { cause })), '#bookings');
      expect(failure).toMatchObject({ verdict: 'retry', unclear: false });
      expect(failure.message).toContain(code);
    },
  );

  test.each([
    ['HTTP 500', { as: 'status', status: 500 } as const, 'http_500', true],
    ['HTTP 404', { as: 'status', status: 404 } as const, 'http_404', false],
    ['a connection that breaks', { as: 'reset' } as const, /econnreset|und_err_socket/, true],
    ['silence', { as: 'hang' } as const, 'timeout', true],
  ])('%s is tried again, and it is known what is unclear', async (_what, misbehaviour, code, unclear) => {
    const { api, channel } = await startSlack(patience(misbehaviour));
    api.behave(misbehaviour);
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ verdict: 'retry', unclear });
    expect(failure.code).toMatch(code);
    expect(api.calls).toHaveLength(1);
  });

  test('stopping lets go of a call under way, and leaves it unclear', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'hang', accept: true });
    const stop = new AbortController();
    const failure = failureOf(channel, aSlackDelivery(), stop.signal);
    await eventually(() => expect(api.posts).toHaveLength(1));
    stop.abort();
    expect(await failure).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: true });
  });

  test('after stopping nothing is begun', async () => {
    const { api, channel } = await startSlack();
    expect(await failureOf(channel, aSlackDelivery(), AbortSignal.abort())).toMatchObject({ unclear: false });
    expect(api.calls).toEqual([]);
  });
});

describe('after a try whose outcome is unclear', () => {
  test.each([
    ['HTTP 500', { as: 'status', status: 500, accept: true } as const],
    ['a reset', { as: 'reset', accept: true } as const],
    ['silence', { as: 'hang', accept: true } as const],
    ['internal_error', { as: 'error', error: 'internal_error', accept: true } as const],
  ])('%s after Slack accepted does not post twice', async (_what, misbehaviour) => {
    const { api, channel } = await startSlack(patience(misbehaviour));
    api.behave(misbehaviour);
    const delivery = aSlackDelivery();
    expect(await failureOf(channel, delivery)).toMatchObject({ unclear: true });
    const afterRestart = await channelTo(api.url);
    const receipt = await afterRestart.perform(again(delivery), unhurried());
    expect(receipt.summary).toBe('found in #bookings, posted by an earlier try');
    expect(receipt.detail).toEqual({ channel: 'C0BOOKINGS', ts: api.posts[0]?.ts });
    expect(api.posts).toHaveLength(1);
  });

  test('a message that was on its way when its process ended is not overtaken by the look for it', async () => {
    const endedAt = Date.now();
    const { api, channel } = await startSlack();
    const before = await channelTo(api.url);
    const delivery = aSlackDelivery();
    const unclear = { startedAt: endedAt - 100, endedAt, note: { posting: true } };
    const looking = channel.perform({ ...delivery, attempt: delivery.attempt + 1, unclear }, unhurried());
    await before.perform(delivery, unhurried());
    expect((await looking).summary).toBe('found in #bookings, posted by an earlier try');
    expect(api.posts).toHaveLength(1);
  });

  test.each([
    ['is tried again', 5],
    ['was overtaken by one that was heard of late', 0],
  ])('a card that was on its way when its process ended is not posted again where it %s', async (_what, minute) => {
    const booking = (at: number) =>
      aWebhook({ created_at: new Date(T0 + at * 60_000).toISOString(), data: { id: 'bk_1' } });
    const { api, store } = await startSlack();
    const delivery = aCardDelivery(booking(5));
    const noted = Promise.withResolvers<void>();
    const ending: typeof store = {
      ...store,
      // It ends when it has noted that it is about to post.
      async saveCard(key, card) {
        await store.saveCard(key, card);
        noted.resolve();
        return new Promise(() => undefined);
      },
    };
    void (await channelTo(api.url, { store: ending })).perform(delivery, unhurried());
    await noted.promise;
    const underWay = await channelTo(api.url);
    let arrived: Promise<unknown> | undefined;
    const sleep = async (): Promise<void> => {
      arrived ??= underWay.perform(delivery, unhurried());
      await arrived;
    };
    const next = await channelTo(api.url, { store, sleep });
    await next.perform(minute === 5 ? delivery : aCardDelivery(booking(minute)), unhurried());
    await sleep();
    expect(rootsIn(api)).toHaveLength(1);
  });

  test('what Slack did not accept is posted, once', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'status', status: 503 });
    const delivery = aSlackDelivery();
    await failureOf(channel, delivery);
    expect(await channel.perform(again(delivery), unhurried())).toMatchObject({ summary: 'posted to #bookings' });
    expect(api.posts).toHaveLength(1);
  });

  test('it is found among hundreds of later posts, and beside others of the same minute', async () => {
    const { api, channel } = await startSlack();
    const delivery = aSlackDelivery();
    await channel.perform(delivery, unhurried());
    await Promise.all(Array.from({ length: 450 }, () => channel.perform(aSlackDelivery(), unhurried())));
    const receipt = await channel.perform(again(delivery), unhurried());
    expect(receipt.detail).toMatchObject({
      ts: api.posts.find((post) => post.metadata?.event_payload.delivery_id === delivery.id)?.ts,
    });
    expect(api.posts).toHaveLength(451);
    expect(methods(api).filter((method) => method === 'conversations.history')).toHaveLength(3);
  });

  test('a channel is looked up by name once, over pages, and not at all after a post', async () => {
    const many = Array.from({ length: 1500 }, (_, n) => ({
      id: `C${String(n).padStart(8, '0')}`,
      name: `c${n}`,
      member: true,
    }));
    const { api, channel } = await startSlack({ channels: many });
    const to = { slack: { channel: '#c1400' } };
    await channel.perform(again(aSlackDelivery(to)), unhurried());
    await channel.perform(again(aSlackDelivery(to)), unhurried());
    expect(methods(api).filter((method) => method === 'conversations.list')).toHaveLength(2);

    await channel.perform(aSlackDelivery({ slack: { channel: '#c7' } }), unhurried());
    await channel.perform(again(aSlackDelivery({ slack: { channel: '#c7' } })), unhurried());
    expect(methods(api).filter((method) => method === 'conversations.list')).toHaveLength(2);
  });

  test('an id needs no looking up', async () => {
    const { api, channel } = await startSlack();
    await channel.perform(again(aSlackDelivery({ slack: { channel: 'C0BOOKINGS' } })), unhurried());
    expect(methods(api)).toEqual(['conversations.history', 'chat.postMessage']);
  });

  test.each([
    ['without the scopes to read', { scopes: ['chat:write'] }, '#bookings', 'missing_scope'],
    [
      'in a channel the bot is not in and may not join',
      { scopes: ALL_SCOPES.filter((scope) => scope !== 'channels:join') },
      '#general',
      'not_in_channel',
    ],
  ])('%s it is posted, and the receipt says that it may be twice', async (_what, options, name, why) => {
    const { api, channel } = await startSlack(options);
    const receipt = await channel.perform(again(aSlackDelivery({ slack: { channel: name } })), unhurried());
    expect(receipt.summary).toContain('an earlier try may have posted it too');
    expect(receipt.summary).toContain(why);
    expect(api.posts).toHaveLength(1);
  });

  test.each(['card', 'plain'] as const)('a public channel is joined to look whether a %s is there', async (as) => {
    const { api, channel } = await startSlack(leapingTime());
    api.behave({ as: 'reset', accept: true });
    const delivery = aSlackDelivery({ slack: { channel: '#general', as } });
    await failureOf(channel, delivery);
    const receipt = await channel.perform(again(delivery), unhurried());
    expect(receipt.summary).toBe('found in #general, posted by an earlier try');
    expect(api.posts).toHaveLength(1);
    expect(methods(api)).toContain('conversations.join');
  });

  test('a public channel is joined to look whether a reply is there, and then no more', async () => {
    const { api, channel } = await startSlack(leapingTime());
    const to = { channel: '#general', as: 'card' } as const;
    const told = (minute: number) =>
      aSlackDelivery({ slack: to, version: minute, webhook: aWebhook({ data: { id: 'bk_1' } }) });
    await channel.perform(told(1), unhurried());
    for (const minute of [2, 3]) {
      const delivery = told(minute);
      api.behaveAfter(1, { as: 'reset', accept: true });
      await failureOf(channel, delivery);
      await channel.perform(again(delivery), unhurried());
    }
    expect(api.posts).toHaveLength(3);
    expect(methods(api).filter((method) => method === 'conversations.join')).toHaveLength(1);
  });

  test('while joining fails in passing nothing is posted, and it stays unclear', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'ratelimit', seconds: 10 }, { method: 'conversations.join' });
    const failure = await failureOf(channel, again(aSlackDelivery({ slack: { channel: '#general' } })));
    expect(failure).toMatchObject({ verdict: 'wait', unclear: true });
    expect(api.posts).toEqual([]);
  });

  test('with the scope for public channels alone, those are looked through', async () => {
    const { channel } = await startSlack({ scopes: ['chat:write', 'channels:read', 'channels:history'] });
    expect((await channel.perform(again(aSlackDelivery()), unhurried())).summary).toBe('posted to #bookings');
  });

  test.each([
    ['fails', { as: 'status', status: 500 } as const, 'retry'],
    ['is rate limited', { as: 'ratelimit', seconds: 10 } as const, 'wait'],
  ])('while looking %s nothing is posted, and it stays unclear', async (_what, misbehaviour, verdict) => {
    const { api, channel } = await startSlack();
    api.behave(misbehaviour, { method: 'conversations.history' });
    const failure = await failureOf(channel, again(aSlackDelivery({ slack: { channel: 'C0BOOKINGS' } })));
    expect(failure).toMatchObject({ verdict, unclear: true });
    expect(api.posts).toEqual([]);
  });
});
