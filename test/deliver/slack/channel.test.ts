import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../../../src/samples/index.ts';
import { channelTo, failureOf, startSlack } from '../../support/slack-channel.ts';
import { aSlackDelivery, unhurried } from '../../support/slack-delivery.ts';

describe('a post', () => {
  test('is made once, and its receipt says where', async () => {
    const { api, channel } = await startSlack();
    const delivery = aSlackDelivery({ slack: { template: 'booking' }, webhook: SAMPLES['booking.created'] });
    const receipt = await channel.perform(delivery, unhurried());
    expect(receipt).toEqual({
      summary: 'posted to #bookings',
      detail: { channel: 'C0BOOKINGS', ts: api.posts[0]?.ts },
      fingerprint: channel.fingerprint(delivery),
    });
    expect(api.posts).toHaveLength(1);
    expect(api.posts[0]?.text).toContain('New booking, waiting for approval: John Doe');
    expect(api.posts[0]?.blocks).toHaveLength(4);
  });

  test.each(Object.values(SAMPLES))('of $type is accepted as its template made it', async (webhook) => {
    const { api, channel } = await startSlack();
    await channel.perform(
      aSlackDelivery({ slack: { template: webhook.type.split('.')[0] ?? '' }, webhook }),
      unhurried(),
    );
    expect(api.posts).toHaveLength(1);
  });

  test('carries only the id of its delivery as metadata, and unfurls nothing', async () => {
    const { api, channel } = await startSlack();
    const delivery = aSlackDelivery();
    await channel.perform(delivery, unhurried());
    expect(api.posts[0]?.metadata).toEqual({
      event_type: 'webkasa_delivery',
      event_payload: { delivery_id: delivery.id },
    });
    expect(api.calls[0]?.args).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false', link_names: 'false' });
  });

  test('by a template that is not there ends at once, and says which', async () => {
    const { api, channel } = await startSlack();
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
    const { channel } = await startSlack();
    const failure = await failureOf(channel, aSlackDelivery({ slack: { channel: name } }));
    expect(failure).toMatchObject({ code, verdict: 'permanent', unclear: false });
    expect(failure.message).toMatch(remedy);
  });

  test('a public channel that the bot is not in, without the scope for that', async () => {
    const { channel } = await startSlack({ scopes: ['chat:write'] });
    expect(await failureOf(channel, aSlackDelivery({ slack: { channel: '#general' } }))).toMatchObject({
      code: 'not_in_channel',
      verdict: 'permanent',
    });
  });

  test('a token that is wrong pauses the whole channel', async () => {
    const { api } = await startSlack();
    const failure = await failureOf(await channelTo(api.url, { token: 'xoxb-old' }), aSlackDelivery());
    expect(failure).toMatchObject({ code: 'invalid_auth', verdict: 'channel', unclear: false });
    expect(failure.message).toContain('SLACK_BOT_TOKEN');
    expect(failure.message).not.toContain('xoxb-old');
  });

  test('a missing scope pauses the whole channel and is named', async () => {
    const { channel } = await startSlack({ scopes: ['channels:read'] });
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
    const { api, channel } = await startSlack();
    api.behave({ as: 'error', error });
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ code: error, verdict, unclear });
    if (error !== 'ratelimited') expect(failure.message).toContain(error);
  });

  test("a proxy's page is no answer, and is not repeated to anyone", async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'page' });
    const failure = await failureOf(channel, aSlackDelivery());
    expect(failure).toMatchObject({ code: 'unexpected_answer', verdict: 'retry', unclear: true });
    expect(failure.message).not.toContain('John');
  });
});

describe('the rate', () => {
  test('a burst goes, then each channel waits for itself', async () => {
    const { channel } = await startSlack();
    const now = Date.now();
    const ask = (destination: string): number => channel.admit?.([{ id: 'dl', destination }], now)[0] ?? 0;
    expect([1, 2, 3, 4, 5].map(() => ask('slack:#bookings'))).toEqual([now, now, now, now, now]);
    expect(ask('slack:#bookings')).toBe(now + 1000);
    expect(ask('slack:#managers')).toBe(now);
  });

  test('where Slack asks to wait, only that channel does, and for as long', async () => {
    const { api, channel } = await startSlack();
    api.behave({ as: 'ratelimit', seconds: 30 });
    const before = Date.now();
    expect(await failureOf(channel, aSlackDelivery())).toMatchObject({
      code: 'ratelimited',
      verdict: 'wait',
      retryAfterMs: 30_000,
      unclear: false,
    });
    const now = Date.now();
    const ask = (destination: string): number => channel.admit?.([{ id: 'dl', destination }], now)[0] ?? 0;
    expect(ask('slack:#bookings')).toBeGreaterThanOrEqual(before + 30_000);
    expect(ask('slack:#managers')).toBe(now);
    expect(api.calls).toHaveLength(1);
  });

  test("keeps within Slack's own limit", async () => {
    const { api, channel } = await startSlack({ unlimited: false });
    for (let count = 0; count < 12; count += 1) {
      const now = Date.now();
      const [until = 0] = channel.admit?.([{ id: 'dl', destination: 'slack:#bookings' }], now) ?? [];
      if (until <= now) await channel.perform(aSlackDelivery(), unhurried());
    }
    expect(api.posts.length).toBeGreaterThanOrEqual(5);
    expect(api.posts).toHaveLength(api.calls.length);
  });
});

test('what attendees typed and the token are in no error', async () => {
  const { api, channel } = await startSlack({ timeoutMs: 500 });
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
