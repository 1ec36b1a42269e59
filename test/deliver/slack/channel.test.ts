import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebAPIRequestError } from '@slack/web-api';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import { DeliveryError } from '../../../src/core/errors.ts';
import type { Channel } from '../../../src/deliver/channel.ts';
import { createSlackChannel } from '../../../src/deliver/slack/channel.ts';
import { slackFailure } from '../../../src/deliver/slack/errors.ts';
import { SAMPLES } from '../../../src/samples/index.ts';
import { loadSlackTemplates } from '../../../src/template/slack.ts';
import { viewOf } from '../../../src/template/view.ts';
import { type Misbehaviour, type SlackApi, type SlackApiOptions, startSlackApi } from '../../support/slack-api.ts';
import { aSlackDelivery, unhurried } from '../../support/slack-delivery.ts';

const { templates } = await loadSlackTemplates(fileURLToPath(new URL('../../../templates/slack', import.meta.url)));
const SETTINGS = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost:3000' };

const channelTo = (apiUrl: string, options: { token?: string; timeoutMs?: number } = {}): Channel =>
  createSlackChannel({
    token: options.token ?? 'xoxb-test',
    apiUrl,
    templates: () => templates,
    view: (delivery) => viewOf(delivery.webhook, delivery, SETTINGS),
    now: Date.now,
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  });

const start = async (
  options: SlackApiOptions & { timeoutMs?: number } = {},
): Promise<{ api: SlackApi; channel: Channel }> => {
  const api = await startSlackApi({ unlimited: true, ...options });
  onTestFinished(() => api.close());
  return { api, channel: channelTo(api.url, options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }) };
};

const failureOf = async (channel: Channel, delivery: ClaimedDelivery, signal?: AbortSignal): Promise<DeliveryError> => {
  const error = await channel.perform(delivery, unhurried(signal)).then(
    (receipt) => receipt,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryError)) throw new Error(`no DeliveryError: ${JSON.stringify(error)}`);
  return error;
};

/** Only where nothing else ends a call does a test wait for the timeout. */
const patience = (misbehaviour: Misbehaviour): { timeoutMs?: number } =>
  misbehaviour.as === 'hang' ? { timeoutMs: 200 } : {};

const again = (delivery: ClaimedDelivery): ClaimedDelivery => ({
  ...delivery,
  attempt: delivery.attempt + 1000,
  unclear: { startedAt: Date.now(), note: null },
});

const methods = (api: SlackApi): string[] => api.calls.map(({ method }) => method);

describe('a post', () => {
  test('is made once, and its receipt says where', async () => {
    const { api, channel } = await start();
    const delivery = aSlackDelivery({ slack: { template: 'booking' }, webhook: SAMPLES['booking.created'] });
    const receipt = await channel.perform(delivery, unhurried());
    expect(receipt).toEqual({
      summary: 'posted to #bookings',
      detail: { channel: 'C0BOOKINGS', ts: api.posts[0]?.ts },
    });
    expect(api.posts).toHaveLength(1);
    expect(api.posts[0]?.text).toContain('New booking, waiting for approval: John Doe');
    expect(api.posts[0]?.blocks).toHaveLength(3);
  });

  test.each(Object.values(SAMPLES))('of $type is accepted as its template made it', async (webhook) => {
    const { api, channel } = await start();
    await channel.perform(
      aSlackDelivery({ slack: { template: webhook.type.split('.')[0] ?? '' }, webhook }),
      unhurried(),
    );
    expect(api.posts).toHaveLength(1);
  });

  test('carries only the id of its delivery as metadata, and unfurls nothing', async () => {
    const { api, channel } = await start();
    const delivery = aSlackDelivery();
    await channel.perform(delivery, unhurried());
    expect(api.posts[0]?.metadata).toEqual({
      event_type: 'webkasa_delivery',
      event_payload: { delivery_id: delivery.id },
    });
    expect(api.calls[0]?.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false', link_names: 'false' });
  });

  test('by a template that is not there ends at once, and says which', async () => {
    const { api, channel } = await start();
    const failure = await failureOf(channel, aSlackDelivery({ slack: { template: 'bokking' } }));
    expect(failure).toMatchObject({ code: 'unknown_template', verdict: 'permanent', unclear: false });
    expect(failure.message).toContain('"bokking"');
    expect(api.calls).toEqual([]);
  });
});

describe('what Slack refuses', () => {
  test.each([
    ['#nowhere', 'channel_not_found', /\/invite/],
    ['#secrets', 'channel_not_found', /#secrets/],
    ['#archived', 'is_archived', /unarchive/],
  ])('a post to %s can not succeed: %s', async (name, code, remedy) => {
    const { channel } = await start();
    const failure = await failureOf(channel, aSlackDelivery({ slack: { channel: name } }));
    expect(failure).toMatchObject({ code, verdict: 'permanent', unclear: false });
    expect(failure.message).toMatch(remedy);
  });

  test('a public channel that the bot is not in, without the scope for that', async () => {
    const { channel } = await start({ scopes: ['chat:write'] });
    expect(await failureOf(channel, aSlackDelivery({ slack: { channel: '#general' } }))).toMatchObject({
      code: 'not_in_channel',
      verdict: 'permanent',
    });
  });

  test('a token that is wrong pauses the whole channel', async () => {
    const { api } = await start();
    const failure = await failureOf(channelTo(api.url, { token: 'xoxb-old' }), aSlackDelivery());
    expect(failure).toMatchObject({ code: 'invalid_auth', verdict: 'channel', unclear: false });
    expect(failure.message).toContain('SLACK_BOT_TOKEN');
    expect(failure.message).not.toContain('xoxb-old');
  });

  test('a missing scope pauses the whole channel and is named', async () => {
    const { channel } = await start({ scopes: ['channels:read'] });
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ code: 'missing_scope', verdict: 'channel' });
    expect(failure.message).toContain('chat:write');
  });

  test.each([
    ['invalid_blocks', 'permanent', false],
    ['restricted_action_read_only_channel', 'permanent', false],
    ['token_revoked', 'channel', false],
    ['service_unavailable', 'retry', false],
    ['internal_error', 'retry', true],
    ['fatal_error', 'retry', true],
    ['an_error_of_tomorrow', 'retry', false],
    ['ratelimited', 'wait', false],
  ])('%s means %s', async (error, verdict, unclear) => {
    const { api, channel } = await start();
    api.behave({ as: 'error', error });
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ code: error, verdict, unclear });
    if (error !== 'ratelimited') expect(failure.message).toContain(error);
  });

  test("a proxy's page is no answer, and is not repeated to anyone", async () => {
    const { api, channel } = await start();
    api.behave({ as: 'page' });
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ code: 'unexpected_answer', verdict: 'retry', unclear: true });
    expect(failure.message).not.toContain('John');
  });
});

describe('the rate', () => {
  test('a burst goes, then each channel waits for itself', async () => {
    const { channel } = await start();
    const now = Date.now();
    const ask = (name: string): number => channel.admit?.(name, now) ?? 0;
    expect([1, 2, 3, 4, 5].map(() => ask('slack:#bookings'))).toEqual([now, now, now, now, now]);
    expect(ask('slack:#bookings')).toBe(now + 1000);
    expect(ask('slack:#managers')).toBe(now);
  });

  test('where Slack asks to wait, only that channel does, and for as long', async () => {
    const { api, channel } = await start();
    api.behave({ as: 'ratelimit', seconds: 30 });
    const before = Date.now();
    expect(await failureOf(channel, aSlackDelivery())).toMatchObject({
      code: 'ratelimited',
      verdict: 'wait',
      retryAfterMs: 30_000,
      unclear: false,
    });
    const now = Date.now();
    expect(channel.admit?.('slack:#bookings', now)).toBeGreaterThanOrEqual(before + 30_000);
    expect(channel.admit?.('slack:#managers', now)).toBe(now);
    expect(api.calls).toHaveLength(1);
  });

  test("keeps within Slack's own limit", async () => {
    const { api, channel } = await start({ unlimited: false });
    for (let count = 0; count < 12; count += 1) {
      const now = Date.now();
      if ((channel.admit?.('slack:#bookings', now) ?? 0) <= now) await channel.perform(aSlackDelivery(), unhurried());
    }
    expect(api.posts.length).toBeGreaterThanOrEqual(5);
    expect(api.posts).toHaveLength(api.calls.length);
  });
});

describe('an outage', () => {
  test('nobody listens: tried again, and certain that nothing was posted', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const failure = await failureOf(channelTo(`http://127.0.0.1:${port}/api/`), aSlackDelivery());
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
    const { api, channel } = await start(patience(misbehaviour));
    api.behave(misbehaviour);
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ verdict: 'retry', unclear });
    expect(failure.code).toMatch(code);
    expect(api.calls).toHaveLength(1);
  });

  test('stopping lets go of a call under way, and leaves it unclear', async () => {
    const { api, channel } = await start();
    api.behave({ as: 'hang', accept: true });
    const stop = new AbortController();
    const failure = failureOf(channel, aSlackDelivery(), stop.signal);
    await vi.waitFor(() => expect(api.posts).toHaveLength(1));
    stop.abort();
    expect(await failure).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: true });
  });

  test('after stopping nothing is begun', async () => {
    const { api, channel } = await start();
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
    const { api, channel } = await start(patience(misbehaviour));
    api.behave(misbehaviour);
    const delivery = aSlackDelivery();
    expect(await failureOf(channel, delivery)).toMatchObject({ unclear: true });
    const receipt = await channelTo(api.url).perform(again(delivery), unhurried());
    expect(receipt.summary).toBe('found in #bookings, posted by an earlier try');
    expect(receipt.detail).toEqual({ channel: 'C0BOOKINGS', ts: api.posts[0]?.ts });
    expect(api.posts).toHaveLength(1);
  });

  test('what Slack did not accept is posted, once', async () => {
    const { api, channel } = await start();
    api.behave({ as: 'status', status: 503 });
    const delivery = aSlackDelivery();
    await failureOf(channel, delivery);
    expect(await channel.perform(again(delivery), unhurried())).toMatchObject({ summary: 'posted to #bookings' });
    expect(api.posts).toHaveLength(1);
  });

  test('it is found among hundreds of later posts, and beside others of the same minute', async () => {
    const { api, channel } = await start();
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
    const { api, channel } = await start({ channels: many });
    const to = { slack: { channel: '#c1400' } };
    await channel.perform(again(aSlackDelivery(to)), unhurried());
    await channel.perform(again(aSlackDelivery(to)), unhurried());
    expect(methods(api).filter((method) => method === 'conversations.list')).toHaveLength(2);

    await channel.perform(aSlackDelivery({ slack: { channel: '#c7' } }), unhurried());
    await channel.perform(again(aSlackDelivery({ slack: { channel: '#c7' } })), unhurried());
    expect(methods(api).filter((method) => method === 'conversations.list')).toHaveLength(2);
  });

  test('an id needs no looking up', async () => {
    const { api, channel } = await start();
    await channel.perform(again(aSlackDelivery({ slack: { channel: 'C0BOOKINGS' } })), unhurried());
    expect(methods(api)).toEqual(['conversations.history', 'chat.postMessage']);
  });

  test.each([
    ['without the scopes to read', { scopes: ['chat:write'] }, '#bookings', 'missing_scope'],
    ['in a channel the bot is not in', {}, '#general', 'not_in_channel'],
  ])('%s it is posted, and the receipt says that it may be twice', async (_what, options, name, why) => {
    const { api, channel } = await start(options);
    const receipt = await channel.perform(again(aSlackDelivery({ slack: { channel: name } })), unhurried());
    expect(receipt.summary).toContain('an earlier try may have posted it too');
    expect(receipt.summary).toContain(why);
    expect(api.posts).toHaveLength(1);
  });

  test('with the scope for public channels alone, those are looked through', async () => {
    const { channel } = await start({ scopes: ['chat:write', 'channels:read', 'channels:history'] });
    expect((await channel.perform(again(aSlackDelivery()), unhurried())).summary).toBe('posted to #bookings');
  });

  test.each([
    ['fails', { as: 'status', status: 500 } as const, 'retry'],
    ['is rate limited', { as: 'ratelimit', seconds: 10 } as const, 'wait'],
  ])('while looking %s nothing is posted, and it stays unclear', async (_what, misbehaviour, verdict) => {
    const { api, channel } = await start();
    api.behave(misbehaviour, { method: 'conversations.history' });
    const failure = await failureOf(channel, again(aSlackDelivery({ slack: { channel: 'C0BOOKINGS' } })));
    expect(failure).toMatchObject({ verdict, unclear: true });
    expect(api.posts).toEqual([]);
  });
});

test('what attendees typed and the token are in no error', async () => {
  const { api, channel } = await start({ timeoutMs: 500 });
  const webhook = {
    ...SAMPLES['booking.created'],
    data: { attendee_name: 'Zebedee', attendee_email: 'zeb@x.example' },
  };
  for (const misbehaviour of [
    { as: 'status', status: 500 },
    { as: 'reset' },
    { as: 'hang' },
    { as: 'page' },
    { as: 'error', error: 'invalid_blocks' },
  ] as const) {
    api.behave(misbehaviour);
    const failure = await failureOf(channel, aSlackDelivery({ slack: { template: 'booking' }, webhook }));
    expect(failure.message).not.toMatch(/Zebedee|zeb@|xoxb/);
  }
});
