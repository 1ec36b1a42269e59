import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/app.ts';
import { examine, ok } from '../../src/watch/doctor/check.ts';
import { createClockWatch } from '../../src/watch/doctor/clock.ts';
import { senderFinding } from '../../src/watch/doctor/mail.ts';
import { secretFindings } from '../../src/watch/doctor/settings.ts';
import { webkasaCheck } from '../../src/watch/doctor/web.ts';
import { botEnv, startBot } from '../support/bot.ts';
import { cli } from '../support/cli.ts';
import { lastingPort } from '../support/port.ts';
import { ALL_SCOPES, startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { startWebKasaApi } from '../support/webkasa-api.ts';

const rulesFor = (...channels: string[]): string =>
  `rules:\n${channels
    .map(
      (channel, index) =>
        `  - id: post-${index}\n    on: ["*"]\n    actions: [{ slack: { channel: "${channel}", text: hi } }]\n`,
    )
    .join('')}`;

/** A channel that was deleted since it was subscribed. */
const SUBSCRIBED = JSON.stringify({
  version: 1,
  subscriptions: [
    {
      id: 'sub_1a2b3c4d',
      channel: 'C0GONE1234',
      channelName: '#front-desk',
      types: ['booking.*'],
      filters: [],
      by: { id: 'U0ANNA', name: 'Anna', via: 'slack' },
      at: '2027-01-15T10:30:00Z',
    },
  ],
});

/** The findings by check, and what stands in the terminal. */
const examined = async (env: Readonly<Record<string, string>>) => {
  const asJson = await cli(env, 'doctor', '--json');
  const { findings } = JSON.parse(asJson.out) as { findings: Finding[] };
  const of = (check: string) => findings.filter((finding) => finding.check === check);
  return { code: asJson.code, findings, of, text: JSON.stringify(findings) };
};

const SECRETS = {
  WEBKASA_WEBHOOK_SECRET: 'whsec_f93jd02kf83hd72ksu',
  SLACK_APP_TOKEN: 'xapp-1-A93KD-73jd83hd',
};

describe('beside a running bot where all is in order', () => {
  test('every check is ok, and the exit code is 0', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'rules.yaml'), rulesFor('#bookings', '#general', '#managers'));
    const connections = { 'apps.connections.open': () => ({ url: 'wss://127.0.0.1/' }) };
    const slack = await startSlackApi({ methods: connections, refusal: () => undefined });
    const smtp = await startSmtpServer({ login: { user: 'bot', password: 'k3d9f83hd7' } });
    onTestFinished(() => Promise.all([slack.close(), smtp.close()]).then(() => {}));
    const port = String(await lastingPort());
    const env = botEnv(folder, {
      ...SECRETS,
      PORT: port,
      SLACK_BOT_TOKEN: 'xoxb-83hd73hd72',
      SLACK_API_URL: slack.url,
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Studio <bookings@studio-lindenhof.de>',
    });
    const { SLACK_APP_TOKEN: _, ...running } = env;
    const bot = await startBot(running);
    onTestFinished(async () => void (await bot.end('SIGKILL')));

    const { code, findings, of } = await examined(env);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(code).toBe(0);
    expect(of('Slack channels')).toMatchObject([{ says: 'all 3 that are named can be told' }]);
    expect(of('mail server')).toMatchObject([{ says: expect.stringContaining('takes the login of bot') }]);
    expect(of('address')[0]).toMatchObject({ says: `a bot runs at http://127.0.0.1:${port}` });
    expect(of('clock')[0]?.says).toMatch(/^within \d+ s of /);
    expect(of('database file')).toMatchObject([{ says: expect.stringContaining('whole') }]);
    expect(smtp.messages).toEqual([]);
    expect(slack.posts).toEqual([]);
  }, 90_000);
});

test('a bot that serves HTTPS itself is found, whatever name its certificate is for', async () => {
  const fixtures = resolve(import.meta.dirname, '../fixtures/tls');
  const env = botEnv(await tempFolder(), {
    PORT: String(await lastingPort()),
    TLS_CERT_FILE: join(fixtures, 'localhost.crt'),
    TLS_KEY_FILE: join(fixtures, 'localhost.key'),
  });
  const bot = await startBot(env);
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  const { of } = await examined(env);
  expect(of('address')[0]).toMatchObject({ state: 'ok', says: `a bot runs at https://127.0.0.1:${env.PORT}` });
});

describe('where nothing is in order', () => {
  test('each check names what is wrong and what to do, repeats no secret, and the exit code is 1', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'rules.yaml'), rulesFor('#archived', '#secrets', '#general'));
    await writeFile(join(folder, 'team.json'), SUBSCRIBED);
    const slack = await startSlackApi({ scopes: ALL_SCOPES.filter((scope) => scope !== 'chat:write.public') });
    const smtp = await startSmtpServer({ login: { user: 'bot', password: 'right' } });
    const webkasa = await startWebKasaApi();
    const elsewhere = createServer((_, response) => response.end('<h1>It works!</h1>')).listen(0, '127.0.0.2');
    onTestFinished(() =>
      Promise.all([slack.close(), smtp.close(), webkasa.close()]).then(() => void elsewhere.close()),
    );
    const env = botEnv(folder, {
      PORT: String(await lastingPort()),
      WEBKASA_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_APP_TOKEN: 'xapp-marked-secret',
      SLACK_API_URL: slack.url,
      SMTP_URL: smtp.url.replace('right', 'marked-password'),
      MAIL_FROM: 'bookings@localhost',
      WEBKASA_API_KEY: 'wk_live_marked-key',
      WEBKASA_API_URL: webkasa.url,
    });

    const { code, findings, of, text } = await examined(env);
    expect(code).toBe(1);
    expect(of('settings')).toMatchObject([{ state: 'problem', says: 'WEBKASA_WEBHOOK_SECRET still is the example.' }]);
    expect(of('Slack token')).toMatchObject([{ state: 'warning', says: expect.stringContaining('chat:write.public') }]);
    expect(of('Slack channels').map(({ says }) => says)).toEqual([
      '#front-desk (a subscription) is not found.',
      '#archived (rule post-0) is archived.',
      '#secrets (rule post-1) is not found.',
      'The bot is not in #general (rule post-2).',
    ]);
    expect(of('Slack app token')).toMatchObject([
      { state: 'problem', says: 'Slack refuses SLACK_APP_TOKEN: invalid_auth.' },
    ]);
    expect(of('mail server')).toMatchObject([{ state: 'problem', says: expect.stringMatching(/login/i) }]);
    expect(of('sender')).toMatchObject([{ state: 'problem' }]);
    expect(of('WebKasa API')).toMatchObject([{ state: 'problem', says: expect.stringContaining('WEBKASA_API_KEY') }]);
    expect(of('store')).toMatchObject([{ state: 'warning', says: expect.stringContaining('no data') }]);
    for (const { state, remedy } of findings) if (state !== 'ok') expect(remedy).toBeTruthy();
    expect(text).not.toContain('marked');
    expect(text).not.toContain(slack.token);
  });

  test('an address that is not the bot is told apart from one that is not there', async () => {
    const folder = await tempFolder();
    // Not loopback by name, so that it is taken for an address of the world.
    const other = createServer((_, response) => response.end('<h1>It works!</h1>'));
    await new Promise<void>((resolve) => other.listen(0, resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const unused = await lastingPort();
    const at = async (url: string) =>
      (await examined(botEnv(folder, { PORT: String(unused), PUBLIC_URL: url }))).of('address')[1];
    expect(await at(`http://[::ffff:127.0.0.1]:${port}`)).toMatchObject({
      state: 'problem',
      says: expect.stringContaining('not as a webkasa-bot'),
    });
    expect(await at(`http://[::ffff:127.0.0.1]:${unused}`)).toMatchObject({
      state: 'problem',
      says: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a bot is looked for below the path of PUBLIC_URL, as a proxy may have it', async () => {
    const proxy = createServer(({ url }, response) => {
      response.writeHead(url === '/bot/healthz' ? 200 : 404).end('{"status":"ok"}');
    });
    await new Promise<void>((resolve) => proxy.listen(0, resolve));
    onTestFinished(() => void proxy.close());
    const url = `http://[::ffff:127.0.0.1]:${(proxy.address() as AddressInfo).port}/bot/`;
    const { of } = await examined(botEnv(await tempFolder(), { PORT: String(await lastingPort()), PUBLIC_URL: url }));
    expect(of('address')[1]).toMatchObject({ state: 'warning', says: `${url} is reached, without HTTPS.` });
  });

  test('a folder that can not be written to, and a damaged database, are found', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'webkasa-bot.db'), 'SQLite format 3\0 no, it is not'.repeat(200));
    expect((await examined(botEnv(folder))).of('store')[0]).toMatchObject({ state: 'problem' });
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect((await examined(botEnv(join(file, 'data')))).of('data folder')[0]).toMatchObject({ state: 'problem' });
    await mkdir(join(folder, 'fine'));
    expect((await examined(botEnv(join(folder, 'fine')))).of('data folder')[0]).toMatchObject({ state: 'ok' });
  });
});

test('what can not be used hides nothing that can be checked without it', async () => {
  const slack = await startSlackApi();
  onTestFinished(() => slack.close());
  const { code, of } = await examined(
    botEnv(await tempFolder(), {
      PORT: '99999',
      TIMEZONE: 'Mars/X',
      DATABASE_URL: 'mysql://bot:marked@db/x',
      WEBKASA_API_KEY_FILE: '/nonexistent',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_API_URL: slack.url,
      SLACK_CHANNEL: '#nope',
    }),
  );
  expect(code).toBe(1);
  const [settings] = of('settings');
  for (const name of ['PORT', 'TIMEZONE', 'DATABASE_URL', 'WEBKASA_API_KEY_FILE']) {
    expect(settings?.says).toContain(`- ${name} `);
  }
  expect(settings?.says).not.toContain('marked');
  expect(of('Slack token')).toHaveLength(1);
  // There are no rules yet: the first start copies the starter rules, and those name it.
  expect(of('Slack channels').map(({ says }) => says)).toContainEqual(
    expect.stringMatching(/^#nope \(rule .* is not found/),
  );
  expect(of('data folder')).toMatchObject([{ state: 'ok' }]);
  for (const check of ['store', 'database file', 'address']) expect(of(check)).toEqual([]);
});

test('a certificate that can not be used is told, and a clock that nobody compared is not called right', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'cert.pem'), 'none');
  const files = { TLS_CERT_FILE: join(folder, 'cert.pem'), TLS_KEY_FILE: join(folder, 'cert.pem') };
  const { of } = await examined(botEnv(folder, files));
  expect(of('certificate')).toMatchObject([{ state: 'problem', says: expect.stringContaining('TLS_CERT_FILE') }]);
  expect(of('clock')).toMatchObject([{ state: 'unchecked' }]);
  const shown = await cli(botEnv(folder, files), 'doctor');
  expect(shown.out).toContain('– clock');
});

test('a key for WebKasa that lacks a scope is told by the scope', async () => {
  const whole = await startWebKasaApi();
  const part = await startWebKasaApi({ scopes: ['bookings:read'] });
  onTestFinished(() => Promise.all([whole.close(), part.close()]).then(() => {}));
  const checks = [whole, part].map(({ url, key }) => webkasaCheck({ url, key }));
  expect(await examine(checks, { clock: () => {} })).toMatchObject([
    { state: 'ok' },
    { state: 'warning', says: 'The key lacks events:read.' },
  ]);
});

test('a check that never ends is given up, and holds up no other', async () => {
  const hanging = { name: 'slow', run: () => new Promise<never>(() => {}) };
  const failing = { name: 'bad', run: async () => Promise.reject(new Error('it broke')) };
  const fine = { name: 'fine', run: async () => [ok('yes')] };
  expect(await examine([hanging, failing, fine], { clock: () => {} }, 50)).toMatchObject([
    { check: 'slow', state: 'problem', says: expect.stringContaining('no answer') },
    { check: 'bad', state: 'problem', says: 'it broke' },
    { check: 'fine', state: 'ok' },
  ]);
});

test.each([
  [2, 'ok'],
  [30, 'warning'],
  [-3_600, 'problem'],
])('a clock that is %i s off is %s; who agrees best is believed', async (seconds, state) => {
  const now = Date.UTC(2027, 0, 15);
  const watch = createClockWatch(() => now + seconds * 1000);
  watch.note('a server with a wrong clock', now - 90_000_000);
  watch.note('Slack', new Date(now).toUTCString());
  watch.note('nobody', 'nonsense');
  expect(await watch.check.run()).toMatchObject([{ state, says: expect.stringContaining('Slack') }]);
});

test.each([
  ['bookings@studio-lindenhof.de', 'ok'],
  ['bookings@example.com', 'problem'],
  ['bookings@localhost', 'problem'],
  ['bookings@10.0.0.1', 'problem'],
  ['studio@gmail.com', 'warning'],
])('mails from %s are %s', (address, state) => {
  expect(senderFinding(address).state).toBe(state);
});

test('a secret that is short or an example is found without being repeated', () => {
  const found = secretFindings({
    WEBKASA_WEBHOOK_SECRET: ['short-one'],
    SMTP_URL: ['smtp://user:password@mail.example.com'],
  });
  expect(found.map(({ state }) => state)).toEqual(['warning', 'problem']);
  expect(JSON.stringify(found)).not.toMatch(/short-one|password@/);
});
