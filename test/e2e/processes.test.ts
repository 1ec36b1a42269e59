import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EVENTS_PATH } from '../../src/slack/manifest.ts';
import { BUTTONS } from '../../src/template/slack-buttons.ts';
import { type BotOptions, type BotProcess, botEnv, post, spawnBot, startBot } from '../support/bot.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { type SlackApiOptions, startSlackApi } from '../support/slack-api.ts';
import { startSlackApp } from '../support/slack-app.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { cardsIn, read, SIGNING_SECRET } from './slack-world.ts';

/* Real processes of the real program on one real PostgreSQL, with a mail server and a Slack to tell. */

// Several processes start at once, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const SAMPLES = resolve(import.meta.dirname, '../../src/samples');
const samples = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readFileSync(join(SAMPLES, name), 'utf8').replaceAll('2027-02-15', '2099-02-15'))
  .sort((a, b) => (JSON.parse(a).id < JSON.parse(b).id ? -1 : 1));

type SystemOptions = {
  readonly rules?: string;
  readonly slack?: SlackApiOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** A database of the test's own making. */
  readonly databaseUrl?: string;
};

const aSystem = async (options: SystemOptions = {}) => {
  const dataDir = await tempFolder();
  if (options.rules) await writeFile(join(dataDir, 'rules.yaml'), options.rules);
  const [database, smtp, slack] = await Promise.all([
    options.databaseUrl === undefined ? openTestDatabase() : { url: options.databaseUrl, close: async () => {} },
    startSmtpServer(),
    startSlackApi(options.slack),
  ]);
  const env = botEnv(dataDir, {
    DATABASE_URL: database.url,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Team <bookings@example.com>',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.url,
    ...options.env,
  });
  const started: BotProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((bot) => bot.end('SIGKILL')));
    await Promise.all([smtp.close(), slack.close(), database.close()]);
  });
  const start = async (role: NonNullable<BotOptions['role']>): Promise<BotProcess> => {
    const bot = await startBot(env, { role });
    started.push(bot);
    return bot;
  };
  return { dataDir, env, database, smtp, slack, start };
};

const rowsOf = async (dataDir: string, file: string): Promise<Record<string, string>[]> =>
  parse(await readFile(join(dataDir, 'sheets', file)), { columns: true });

describe('two receivers and two workers', () => {
  test('tell each of the nine webhooks once, whichever takes it, and stop quietly', async () => {
    const { dataDir, smtp, slack, start } = await aSystem();
    // All at once: whoever is first makes the tables.
    const bots = await Promise.all([start('receiver'), start('receiver'), start('worker'), start('worker')]);
    const [one, other, worker] = bots;
    let mailed = 0;
    for (const [index, sample] of samples.entries()) {
      const urls = [one?.webhookUrl ?? '', other?.webhookUrl ?? ''];
      const answers = await Promise.all(urls.map((url) => post(url, sample)));
      expect(answers.map(({ text }) => text).sort()).toEqual([
        '{"received":true,"duplicate":true}',
        '{"received":true}',
      ]);
      if (/"type": "(?:booking.(?!completed)|registration)/.test(sample)) mailed += 1;
      await expect.poll(() => smtp.messages.length).toBe(mailed);
      await expect.poll(() => slack.posts.length).toBe(index + 1);
    }
    await expect.poll(() => rowsOf(dataDir, 'webkasa.csv').catch(() => [])).toHaveLength(9);
    expect((await rowsOf(dataDir, 'webkasa.csv')).map(({ Webhook }) => Webhook).sort()).toEqual(
      samples.map((sample) => JSON.parse(sample).id).sort(),
    );

    const refused = await post(worker?.webhookUrl.replace('/healthz', '/webhooks/webkasa') ?? '', samples[0]);
    expect(refused.status).toBe(404);
    expect(JSON.parse(refused.text)).toEqual({
      error: { code: 'no_webhooks_here', message: expect.stringContaining('--role worker') },
    });
    for (const bot of bots) expect((await fetch(new URL('/readyz', bot.webhookUrl))).status).toBe(200);
    expect(await Promise.all(bots.map((bot) => bot.end('SIGTERM')))).toEqual([0, 0, 0, 0]);
    expect([smtp.messages.length, slack.posts.length]).toEqual([5, 9]);
  });

  test('answer Slack alike: what one is asked to subscribe holds in all of them', async () => {
    const app = await startSlackApp({ unlimited: true });
    onTestFinished(() => app[Symbol.asyncDispose]());
    const { start } = await aSystem({
      rules: 'rules: []',
      env: {
        SLACK_BOT_TOKEN: app.api.token,
        SLACK_API_URL: app.api.url,
        SLACK_SIGNING_SECRET: SIGNING_SECRET,
      },
    });
    const [one, other] = await Promise.all([start('receiver'), start('receiver'), start('worker'), start('worker')]);
    const through = (bot: BotProcess): void =>
      app.reach({ by: 'http', url: new URL(EVENTS_PATH, bot.webhookUrl).href, signingSecret: SIGNING_SECRET });

    through(one);
    expect(read(await app.ask('subscribe booking', { channel: 'C0GENERAL1' }))).toMatch(/#general is subscribed/);
    through(other);
    await expect.poll(async () => read(await app.ask('rules'))).toMatch(/sub_\w+/);
    let sent = 0;
    // One that is decided on in the moment before its worker hears of it is told to nobody, and rightly so.
    await expect
      .poll(async () => {
        sent += 1;
        await post(other.webhookUrl, aBooking(sent));
        return cardsIn(app, 'C0GENERAL1').length;
      })
      .toBeGreaterThan(1);
    through(one);
    await expect.poll(async () => read(await app.ask(`why bk_${sent}`))).toMatch(/sub_\w+/);
  });
});

test('two workers in Socket Mode: what Slack sends to one, and again to the other, is done once', async () => {
  // A connection that breaks is found, and its envelope sent again, well within that.
  const app = await startSlackApp({ unlimited: true, patience: 15_000 });
  onTestFinished(() => app[Symbol.asyncDispose]());
  app.reach({ by: 'socket' });
  const { smtp, start } = await aSystem({
    rules: `rules:
  - id: mail-guest
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
`,
    env: { SLACK_BOT_TOKEN: app.api.token, SLACK_API_URL: app.api.url, SLACK_APP_TOKEN: app.appToken },
  });
  smtp.setBehaviour({ recipient: { code: 550, text: '5.1.1 No such user' } });
  const [receiver, ...workers] = await Promise.all([start('receiver'), start('worker'), start('worker')]);
  await expect.poll(() => app.socket.open()).toBe(2);
  await post(receiver.webhookUrl, aBooking(1));
  await expect.poll(async () => read(await app.ask('failed'))).toMatch(/1 failed for good/);
  smtp.setBehaviour({});
  const failed = await app.ask('failed');

  // Each acknowledgement is lost with its connection, and the other worker has the envelope then, too.
  app.socket.dropOnEnvelope(1);
  const clicked = await app.click(failed, BUTTONS.retryAll);
  expect(clicked.acked.status).toBe(200);
  await expect.poll(() => clicked.messages().map(read).sort()).toHaveLength(2);
  await smtp.received(1);
  await expect.poll(() => app.socket.open()).toBe(2);
  app.socket.dropOnEnvelope(1);
  const asked = await app.command('subscribe event', { channel: 'C0GENERAL1' });
  await expect.poll(() => asked.messages().filter((message) => /#general/.test(read(message)))).toHaveLength(2);
  expect(cardsIn(app, 'C0GENERAL1')).toHaveLength(1);
  await expect.poll(async () => read(await app.ask('rules'))).toMatch(/1 subscription\b/);

  // One that goes leaves its connections, and the other answers.
  await expect.poll(() => app.socket.open()).toBe(2);
  expect(await workers[0]?.end('SIGTERM')).toBe(0);
  expect(read(await app.ask('why bk_1'))).toMatch(/1 of 1 delivery done/);
  expect(await workers[1]?.end('SIGTERM')).toBe(0);
  expect(smtp.messages).toHaveLength(1);
  expect(workers.map((worker) => /unhandled|could not be answered/.test(worker.output()))).toEqual([false, false]);
});

const aBooking = (n: number | string, overrides: Record<string, unknown> = {}) => ({
  id: `wh_${n}`,
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: `bk_${n}`,
    schedule_id: 'sch_1',
    start_time: '2099-02-15T10:00:00Z',
    status: 'CREATED',
    attendee_name: 'John Doe',
    attendee_email: `john.${n}@example.com`,
    ...overrides,
  },
});

describe('a worker that goes', () => {
  const RULES = `rules:
  - id: tell
    on: ["booking.*"]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
      - sheet: { file: log.csv, columns: { Id: "{{ data.id }}" } }
  # Slack takes about one message a second.
  - id: post
    on: ["booking.*"]
    when: { data.schedule_id: sch_told }
    actions:
      - slack: { channel: "#bookings", text: "{{ data.id }}", as: plain }
`;
  const COUNT = 30;
  const TOLD = 6;

  test.each(['SIGTERM', 'SIGKILL'] as const)('by %s leaves what it was about to the other', async (signal) => {
    const { dataDir, smtp, slack, start } = await aSystem({
      rules: RULES,
      slack: { unlimited: true, channels: [{ id: 'C0BOOKINGS', name: 'bookings', member: true }] },
    });
    const [receiver, goes] = await Promise.all([start('receiver'), start('worker'), start('worker')]);
    const sending = Promise.all(
      Array.from({ length: COUNT }, (_, n) =>
        post(receiver.webhookUrl, aBooking(n, { schedule_id: n < TOLD ? 'sch_told' : 'sch_1' })),
      ),
    );
    await expect.poll(() => smtp.messages.length).toBeGreaterThan(0);
    const code = await goes.end(signal);
    expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
    expect((await sending).every(({ status }) => status === 200)).toBe(true);

    const ids = Array.from({ length: COUNT }, (_, n) => `bk_${n}`).sort();
    const rows = async () => (await rowsOf(dataDir, 'log.csv').catch(() => [])).map(({ Id }) => Id).sort();
    await expect.poll(rows, { timeout: 25_000 }).toEqual(ids);
    const mailed = async () => new Set((await smtp.parsed()).map(({ envelope }) => envelope.to[0]));
    await expect.poll(async () => (await mailed()).size, { timeout: 25_000 }).toBe(COUNT);
    const posted = () => new Set(slack.posts.map(({ text }) => text));
    await expect.poll(() => posted().size).toBe(TOLD);
    // In order, a stop repeats nothing. After a kill, what was under way may be mailed twice; Slack is asked first.
    if (signal === 'SIGTERM') expect(smtp.messages).toHaveLength(COUNT);
    expect(slack.posts).toHaveLength(TOLD);
  });
});

test('PostgreSQL killed and started again: 503 meanwhile, then everything goes on by itself', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const { smtp, slack, start, dataDir } = await aSystem({ databaseUrl: await server.createDatabase('bot') });
  const [receiver, worker] = await Promise.all([start('receiver'), start('worker')]);
  const sent = (n: number) => post(receiver.webhookUrl, aBooking(n, { start_time: `2099-02-${10 + n}T10:00:00Z` }));
  expect((await sent(1)).status).toBe(200);
  await expect.poll(() => slack.posts.length).toBe(1);

  await server.kill();
  expect((await sent(2)).status).toBe(503);
  await server.start();
  await expect.poll(async () => (await sent(2)).status).toBe(200);
  await expect.poll(() => slack.posts.length).toBe(2);
  await expect.poll(() => rowsOf(dataDir, 'webkasa.csv')).toHaveLength(2);
  await expect.poll(() => smtp.messages.length).toBe(2);
  expect([receiver, worker].map(({ child }) => child.exitCode)).toEqual([null, null]);
  expect(worker.output()).toContain('the database answers again');
  expect(await Promise.all([receiver.end('SIGTERM'), worker.end('SIGTERM')])).toEqual([0, 0]);
});

test('a worker alone is refused on SQLite, with what to set', async () => {
  const { child, output } = spawnBot(botEnv(await tempFolder()), { role: 'worker' });
  expect(await new Promise((done) => child.once('exit', done))).toBe(1);
  expect(output()).toContain('A worker alone needs a store that processes can share');
  expect(output()).toContain('Set DATABASE_URL');
});

test('an unknown role is refused with the ones there are', async () => {
  const { child, output } = spawnBot(botEnv(await tempFolder()), { role: 'workre' as 'worker' });
  expect(await new Promise((done) => child.once('exit', done))).toBe(2);
  expect(output()).toMatch(/There is no role "workre"; did you mean "worker"\?\s+Roles are receiver, worker, all\./);
});
