import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifestProblems } from '../support/slack-manifest.ts';
import { call } from './world.ts';

const HTTPS = { PUBLIC_URL: 'https://bot.example.com' };

test('prints YAML that Slack takes, and the steps beside it', async () => {
  const { code, out, err } = await call(['slack-manifest'], { env: HTTPS });
  expect(code).toBe(0);
  expect(manifestProblems(parse(out))).toEqual([]);
  expect(out).toContain('url: https://bot.example.com/slack/events');
  for (const step of ['api.slack.com/apps', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', '/invite @webkasa']) {
    expect(err).toContain(step);
    expect(out).not.toContain(step);
  }
  expect(err.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('prints JSON alone, where that is asked for', async () => {
  const { out, err } = await call(['slack-manifest', '--json'], { env: HTTPS });
  expect(manifestProblems(JSON.parse(out))).toEqual([]);
  expect(err).toBe('');
});

describe('which way it is for', () => {
  const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  test.each([
    ['Socket Mode where nothing is set up', [], {}, true],
    ['HTTP where the bot has a public address', [], HTTPS, false],
    ['Socket Mode where there is an app token', [], { ...HTTPS, ...tokens }, true],
    ['Socket Mode where the address is none that Slack can call', [], { PUBLIC_URL: 'http://bot.example.com' }, true],
    ['Socket Mode where asked for', ['--socket'], HTTPS, true],
    ['HTTP where asked for', ['--http'], { ...HTTPS, ...tokens }, false],
    ['HTTP where an address is given', ['--url', 'https://other.example.com'], tokens, false],
  ] as const)('%s', async (_name, args, env, socket) => {
    const { code, out, err } = await call(['slack-manifest', ...args], { env });
    expect(code).toBe(0);
    expect(manifestProblems(parse(out))).toEqual([]);
    expect(parse(out).settings.socket_mode_enabled).toBe(socket);
    expect(err).toContain(socket ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET');
  });
});

test('takes another name', async () => {
  const { out } = await call(['slack-manifest', '--name', 'Front desk: bookings']);
  expect(parse(out).display_information.name).toBe('Front desk: bookings');
});

test.each([
  ['both ways', ['--http', '--socket'], 'not both'],
  ['HTTP at an address that Slack can not call', ['--http'], "Slack can't call http://localhost:3000"],
  ['an address of this machine', ['--url', 'https://127.0.0.1'], "Slack can't call"],
  ['no address', ['--url', 'bot.example.com'], "Slack can't call"],
  ['an address in Socket Mode', ['--socket', '--url', 'https://a.example'], '--url goes with --http'],
  ['a name that is too long', ['--name', 'x'.repeat(36)], '35 characters'],
] as const)('refuses %s', async (_name, args, message) => {
  const { code, out, err } = await call(['slack-manifest', ...args]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});
