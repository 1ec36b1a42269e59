import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BotProcess, botEnv, post, startBot } from '../support/bot.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { type SlackApiOptions, startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

const SAMPLES = resolve(import.meta.dirname, '../../src/samples');
const samples = readdirSync(SAMPLES)
  .filter((name) => name.endsWith('.json'))
  // The bot's clock is the real one, and nobody is told of what has begun.
  .map((name) => readFileSync(join(SAMPLES, name), 'utf8').replaceAll('2027-02-15', '2099-02-15'))
  .sort((a, b) => (JSON.parse(a).id < JSON.parse(b).id ? -1 : 1));

type Kept = 'SQLite' | 'PostgreSQL';

/** The real program, connected to a real SMTP server and a Slack as strict as Slack. */
const startAll = async (kept: Kept, options: { rules?: string; slack?: SlackApiOptions } = {}) => {
  const dataDir = await tempFolder();
  const database = kept === 'PostgreSQL' ? await openTestDatabase() : undefined;
  if (options.rules) await writeFile(join(dataDir, 'rules.yaml'), options.rules);
  const smtp = await startSmtpServer();
  const slack = await startSlackApi(options.slack);
  const env = botEnv(dataDir, {
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Team <bookings@example.com>',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.url,
    ...(database && { DATABASE_URL: database.url }),
  });
  const bot: BotProcess = await startBot(env);
  onTestFinished(async () => {
    await bot.end('SIGKILL');
    await Promise.all([smtp.close(), slack.close(), database?.close()]);
  });
  return { dataDir, smtp, slack, bot };
};

const rowsOf = async (dataDir: string, file: string): Promise<Record<string, string>[]> =>
  parse(await readFile(join(dataDir, 'sheets', file)), { columns: true });

const STORES: readonly Kept[] = ['SQLite', 'PostgreSQL'];

describe.each(STORES)('the whole way on %s, with the starter rules', (kept) => {
  test('each of the nine webhooks ends in its mail, its post and its row, and stopping is quiet', async () => {
    const { dataDir, smtp, slack, bot } = await startAll(kept);
    let mailed = 0;
    for (const [index, sample] of samples.entries()) {
      expect(await post(bot.webhookUrl, sample)).toEqual({ status: 200, text: '{"received":true}' });
      if (/"type": "(?:booking.(?!completed)|registration)/.test(sample)) mailed += 1;
      // A mail that the next webhook contradicts would rightly not be sent.
      await vi.waitFor(() => expect(smtp.messages).toHaveLength(mailed), { timeout: 20_000 });
      await vi.waitFor(() => expect(slack.posts).toHaveLength(index + 1), { timeout: 20_000 });
    }
    expect(mailed).toBe(5);
    await vi.waitFor(async () => expect(await rowsOf(dataDir, 'webkasa.csv')).toHaveLength(9), { timeout: 20_000 });

    const mails = await smtp.parsed();
    expect(mails.map(({ envelope }) => envelope.to)).toEqual(Array(5).fill(['john@example.com']));
    expect(mails.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\[Requested for .*\] Your booking$/),
      expect.stringMatching(/^\[Confirmed for .*\] Your booking$/),
      '[Cancelled] Your booking',
      // The event was cancelled before somebody registered for it.
      '[Event cancelled] Your registration: Monthly Meditation',
      '[Cancelled] Your registration: Monthly Meditation',
    ]);
    expect(mails.every(({ headers }) => headers.get('auto-submitted') === 'auto-generated')).toBe(true);

    const texts = slack.posts.map(({ text }) => text).join('\n');
    expect(texts).toContain('John Doe');
    expect(texts).toContain('Monthly Meditation');

    const rows = await rowsOf(dataDir, 'webkasa.csv');
    expect(rows.map(({ Webhook }) => Webhook).sort()).toEqual(samples.map((sample) => JSON.parse(sample).id).sort());
    expect(rows.find(({ Webhook }) => Webhook === 'wh_evt_008')).toMatchObject({
      Type: 'registration.created',
      Id: 'reg_abc123',
      Name: 'John Doe',
      Email: 'john@example.com',
      Phone: "'+1234567890",
      Title: 'Monthly Meditation',
      Guests: '2',
    });
    expect(await bot.end('SIGTERM')).toBe(0);
  });

  test('a webhook sent twice is told once', async () => {
    const { dataDir, smtp, slack, bot } = await startAll(kept);
    const [created = ''] = samples;
    expect((await post(bot.webhookUrl, created)).text).toBe('{"received":true}');
    expect((await post(bot.webhookUrl, created)).text).toBe('{"received":true,"duplicate":true}');
    await post(bot.webhookUrl, samples[4] ?? '');
    await vi.waitFor(() => expect(slack.posts).toHaveLength(2), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await rowsOf(dataDir, 'webkasa.csv')).toHaveLength(2), { timeout: 10_000 });
    await vi.waitFor(() => expect(smtp.messages).toHaveLength(1), { timeout: 10_000 });
    // Stopping ends all that is under way; nothing may come after it.
    expect(await bot.end('SIGTERM')).toBe(0);
    expect(smtp.messages).toHaveLength(1);
    expect(slack.posts).toHaveLength(2);
  });
});

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));

describe.each(STORES)('webhooks of one booking in every order, on %s', (kept) => {
  const VERBS = ['created', 'confirmed', 'completed', 'cancelled'];
  const ORDERS = permutations([0, 1, 2, 3]);
  const RULES = `rules:
  - id: tell
    on: ["booking.*"]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created, subject: "{{ data.id }} {{ data.status }}" }
      - slack: { channel: "#plain{{ data.schedule_id }}", text: "{{ data.id }} {{ data.status }}", as: plain }
      - sheet: { file: log.csv, columns: { Id: "{{ data.id }}", Status: "{{ data.status }}" } }
  # Slack lets cards be changed fifty times a minute, so there are a few only.
  - id: cards
    on: ["booking.*"]
    when: { data.schedule_id: { $in: ["0", "10", "23"] } }
    actions:
      - slack: { channel: "#cards", text: "{{ data.id }} {{ data.status }}" }
`;

  test('the last thing told to each destination is the newest, and every webhook has its row', async () => {
    const { dataDir, smtp, slack, bot } = await startAll(kept, {
      rules: RULES,
      slack: {
        unlimited: true,
        channels: [
          { id: 'C0CARDS', name: 'cards', member: true },
          ...ORDERS.map((_, n) => ({ id: `C0PLAIN${n}`, name: `plain${n}`, member: true })),
        ],
      },
    });
    await Promise.all(
      ORDERS.map(async (order, n) => {
        for (const step of order) {
          const verb = VERBS[step] ?? '';
          await post(bot.webhookUrl, {
            id: `wh_${n}_${step}`,
            type: `booking.${verb}`,
            created_at: `2027-01-15T10:3${step}:00Z`,
            data: {
              id: `bk_${n}`,
              schedule_id: String(n),
              start_time: `2099-02-15T1${step}:00:00Z`,
              status: verb.toUpperCase(),
              attendee_name: 'John Doe',
              attendee_email: `john.${n}@example.com`,
            },
          });
        }
      }),
    );
    await vi.waitFor(async () => expect(await rowsOf(dataDir, 'log.csv')).toHaveLength(ORDERS.length * 4), {
      timeout: 20_000,
    });

    const lastOf = (told: readonly string[]): Map<string, string> =>
      new Map(told.map((line) => line.split(' ') as [string, string]));
    const newest = new Map(ORDERS.map((_, n) => [`bk_${n}`, 'CANCELLED']));
    await vi.waitFor(
      async () => expect(lastOf((await smtp.parsed()).map(({ subject = '' }) => subject))).toEqual(newest),
      { timeout: 20_000 },
    );
    const textsIn = (kind: RegExp): string[] =>
      slack.posts.filter(({ channel, thread }) => kind.test(channel) && !thread).map(({ text }) => text);
    await vi.waitFor(() => expect(lastOf(textsIn(/PLAIN/))).toEqual(newest), { timeout: 20_000 });
    // One card for each, however often it had to be changed.
    await vi.waitFor(
      () => expect(textsIn(/CARDS/).sort()).toEqual(['bk_0 CANCELLED', 'bk_10 CANCELLED', 'bk_23 CANCELLED']),
      { timeout: 20_000 },
    );
    const answer = await fetch(new URL('/readyz', bot.webhookUrl));
    expect(await answer.json()).toMatchObject({ status: 'ready', unrouted: 0, dead: 0 });
  });
});
