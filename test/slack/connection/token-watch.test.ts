import { WebClient } from '@slack/web-api';
import { expect, test, vi } from 'vitest';
import { watchToken } from '../../../src/slack/connection/token-watch.ts';
import { keptLog } from '../../support/receiver.ts';
import { startSlackApp } from '../../support/slack-app.ts';
import { connect } from './connected.ts';

const nothing = (): void => undefined;

test('says which workspace and bot the token is for', async () => {
  const { connection, logged, recovered } = await connect('http', nothing);
  await vi.waitFor(() => expect(connection.identity()).toMatchObject({ teamId: 'T0EXAMPLE', userId: 'U0WEBKASA' }), {
    timeout: 10_000,
  });
  expect(logged.join('')).toContain('the bot is @webkasa in the workspace Example');
  expect(recovered()).toBe(0);
});

test('a token that Slack refuses is told once, with what to do, and found to work again by itself', async () => {
  const { slack, connection, logged, recovered } = await connect('http', nothing, {
    prepare: (app) => app.refuse('bot', 'token_revoked'),
  });
  await vi.waitFor(() => expect(slack.api.calls.length).toBeGreaterThan(1), { timeout: 10_000 });
  await vi.waitFor(() => expect(connection.state().problem).toContain('SLACK_BOT_TOKEN (token_revoked)'), {
    timeout: 10_000,
  });
  const told = logged.filter((line) => line.includes('SLACK_BOT_TOKEN'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('Bot User OAuth Token');
  expect(told[0]).toContain('Webhooks are received all the same');
  expect(logged.join('')).not.toContain(slack.api.token);

  expect(recovered()).toBe(0);
  slack.refuse('bot', undefined);
  await vi.waitFor(() => expect(connection.state().problem).toBeUndefined(), { timeout: 10_000 });
  expect(recovered()).toBe(1);
  expect(connection.identity()?.user).toBe('webkasa');
});

test('a token that worked is looked at again, and missed when it is revoked', async () => {
  await using slack = await startSlackApp();
  const client = new WebClient(slack.api.token, { slackApiUrl: slack.api.url, retryConfig: { retries: 0 } });
  const { log, lines } = keptLog();
  await using watch = watchToken({ client, scopes: [], onRecovered: nothing, random: () => 0, log, every: 20 });
  await vi.waitFor(() => expect(watch.identity()).toBeDefined(), { timeout: 10_000 });
  slack.refuse('bot', 'account_inactive');
  await vi.waitFor(() => expect(watch.trouble()).toMatchObject({ code: 'account_inactive', lasting: true }), {
    timeout: 10_000,
  });
  expect(lines.filter((line) => line.includes('account_inactive'))).toHaveLength(1);
});

test('a Slack that can not be reached keeps nothing from starting, and is asked again', async () => {
  const { connection } = await connect('http', nothing, {
    prepare: (app) => app.api.behave({ as: 'reset' }, { method: 'auth.test', times: 2 }),
  });
  expect(connection.state()).toMatchObject({ connected: 'unknown', identity: undefined, problem: undefined });
  await vi.waitFor(() => expect(connection.identity()).toBeDefined(), { timeout: 10_000 });
});

test('where Slack asks to wait, it is not asked again before that, not even after the first time', async () => {
  const { slack, connection } = await connect('http', nothing, {
    prepare: (app) => app.api.behave({ as: 'ratelimit', seconds: 1 }, { method: 'auth.test' }),
  });
  await vi.waitFor(() => expect(connection.identity()).toBeDefined(), { timeout: 10_000 });
  const [refused, answered] = slack.api.calls.filter(({ method }) => method === 'auth.test');
  expect(Number(answered?.at) - Number(refused?.at)).toBeGreaterThanOrEqual(990);
});

test('scopes that the app lacks are named', async () => {
  const { logged } = await connect('http', nothing, { scopes: ['chat:write', 'commands', 'channels:read'] });
  await vi.waitFor(() => expect(logged.join('')).toContain('the app lacks chat:write.public, groups:read'), {
    timeout: 10_000,
  });
});
