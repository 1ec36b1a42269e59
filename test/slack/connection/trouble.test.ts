import { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { pauseAfter } from '../../../src/slack/connection/pause.ts';
import { createSeen } from '../../../src/slack/connection/seen.ts';
import { troubleOf } from '../../../src/slack/connection/trouble.ts';
import { type Misbehaviour, startSlackApi } from '../../support/slack-api.ts';

const failing = async (misbehaviour: Misbehaviour): Promise<unknown> => {
  await using api = await startSlackApi();
  api.behave(misbehaviour, { method: 'auth.test' });
  const client = new WebClient(api.token, {
    slackApiUrl: api.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: misbehaviour.as === 'hang' ? 200 : 10_000,
  });
  return await client.auth.test().then(
    () => undefined,
    (error: unknown) => error,
  );
};

describe('what a failed call means', () => {
  test.each([
    ['a token that is none', { as: 'error', error: 'invalid_auth' }, { code: 'invalid_auth', lasting: true }],
    ['a revoked token', { as: 'error', error: 'token_revoked' }, { code: 'token_revoked', lasting: true }],
    ['a bot that was removed', { as: 'error', error: 'account_inactive' }, { code: 'account_inactive', lasting: true }],
    ['the other kind of token', { as: 'error', error: 'not_allowed_token_type' }, { lasting: true }],
    ['a scope that lacks', { as: 'error', error: 'missing_scope' }, { code: 'missing_scope', lasting: true }],
    ['trouble at Slack', { as: 'error', error: 'internal_error' }, { code: 'internal_error', lasting: false }],
    ['no more calls for now', { as: 'ratelimit', seconds: 7 }, { code: 'ratelimited', lasting: false, waitMs: 7_000 }],
    ['a server that fails', { as: 'status', status: 502 }, { code: 'http_502', lasting: false }],
    ['no answer', { as: 'hang' }, { code: 'timeout', lasting: false }],
    ['a broken connection', { as: 'reset' }, { lasting: false }],
    ['the page of a proxy', { as: 'page' }, { lasting: false }],
  ] as const)('%s', async (_name, misbehaviour, expected) => {
    const trouble = troubleOf(await failing(misbehaviour), 'SLACK_BOT_TOKEN');
    expect(trouble).toMatchObject(expected);
    expect(trouble.code).toMatch(/^\w+$/);
    expect(trouble.text).not.toMatch(/john|xoxb|<h1>/i);
  });

  test('nobody listening', async () => {
    const client = new WebClient('xoxb-test', { slackApiUrl: 'http://127.0.0.1:9/api/', retryConfig: { retries: 0 } });
    const error = await client.auth.test().catch((thrown: unknown) => thrown);
    expect(troubleOf(error, 'SLACK_BOT_TOKEN')).toMatchObject({
      lasting: false,
      text: expect.stringContaining('network'),
    });
  });
});

test('the pauses grow from none to five minutes, each a quarter shorter or longer by chance', () => {
  expect([1, 2, 3, 4].map((failures) => pauseAfter(failures, 0.5))).toEqual([0, 1_000, 2_000, 4_000]);
  expect(pauseAfter(1_000, 0.5)).toBe(300_000);
  expect([pauseAfter(3, 0), pauseAfter(3, 1)]).toEqual([1_500, 2_500]);
});

describe('what was seen', () => {
  test('is known for a while, and then no more', () => {
    let time = 0;
    const seen = createSeen<string>({ forMs: 100, most: 10, now: () => time });
    seen.keep('a', 'first');
    time = 99;
    expect(seen.get('a')).toBe('first');
    time = 100;
    expect(seen.get('a')).toBeUndefined();
  });

  test('makes room for what comes, the oldest first', () => {
    const seen = createSeen<number>({ forMs: 100, most: 3, now: () => 0 });
    for (const [index, key] of ['a', 'b', 'a', 'c', 'd'].entries()) seen.keep(key, index);
    expect(['a', 'b', 'c', 'd'].map(seen.get)).toEqual([2, undefined, 3, 4]);
    seen.forget('c');
    expect(seen.get('c')).toBeUndefined();
  });
});
