import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { cli } from '../support/cli.ts';
import { type GoogleStandIn, startGoogle } from '../support/google.ts';
import { tempFolder } from '../support/temp.ts';

const TIME = { timeout: 40_000, interval: 100 };
vi.setConfig({ testTimeout: 150_000 });
const HERE = join(import.meta.dirname, '../support/google-here.ts');

/** A row for each booking, and a post beside it. */
const rules = (sheet: string): string => `rules:
  - id: rows
    on: "booking.*"
    actions:
      - sheet: { ${sheet}, key: Booking, columns: { Booking: "{{ data.id }}", Status: "{{ data.status }}", Start: "{{ data.start_time }}" } }
  - id: posts
    on: "booking.*"
    actions: [{ slack: { template: booking } }]
`;

const start = async (sheet: string, google?: GoogleStandIn) => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), rules(sheet));
  if (google) await writeFile(join(dataDir, 'key.json'), google.keyFile);
  const env = botEnv(dataDir, {
    ...(google && {
      GOOGLE_SERVICE_ACCOUNT_FILE: join(dataDir, 'key.json'),
      GOOGLE_STAND_IN: google.url,
      NODE_OPTIONS: `--import=${HERE}`,
    }),
  });
  const run = async () => {
    const bot = await startBot(env);
    onTestFinished(async () => void (await bot.end('SIGKILL')));
    return bot;
  };
  return { env, bot: await run(), again: run, file: join(dataDir, 'sheets', 'bookings.csv') };
};

const begun = Date.now();

/** The stages of a booking, `step` seconds after one another: made, confirmed, moved by a day, cancelled. */
const STAGES = [
  ['booking.created', 'PENDING', '2030-02-15T10:00:00Z'],
  ['booking.confirmed', 'CONFIRMED', '2030-02-15T10:00:00Z'],
  ['booking.confirmed', 'CONFIRMED', '2030-02-16T10:00:00Z'],
  ['booking.cancelled', 'CANCELLED', '2030-02-16T10:00:00Z'],
] as const;

const webhook = (booking: string, step: number) => {
  const [type, status, start_time] = STAGES[step] ?? STAGES[0];
  return {
    id: `wh_${booking}_${step}`,
    type,
    created_at: new Date(begun - 60_000 + step * 1_000).toISOString(),
    data: { id: booking, status, start_time, attendee_name: '=cmd()', attendee_email: 'john@example.com' },
  };
};

/** All orders in which the stages can come. */
const orders = (steps: readonly number[]): number[][] =>
  steps.length < 2
    ? [[...steps]]
    : steps.flatMap((first) => orders(steps.filter((step) => step !== first)).map((rest) => [first, ...rest]));
const ORDERS = orders([0, 1, 2, 3]).map((order) => [`bk_${order.join('')}`, order] as const);

const cellsOf = async (file: string): Promise<string[][]> => parse(await readFile(file));

const settled = (env: Readonly<Record<string, string>>) =>
  vi.waitFor(async () => {
    const answer = JSON.parse((await cli(env, 'failed', '--json')).out);
    expect(answer).toMatchObject({ dead: 0, waiting: 0 });
  }, TIME);

/** What `why` tells, once it tells these words. */
const whySays = (env: Readonly<Record<string, string>>, id: string, ...words: readonly string[]) =>
  vi.waitFor(async () => {
    const told = (await cli(env, 'why', id)).out.replace(/\s+/g, ' ');
    for (const word of words) expect(told).toContain(word);
  }, TIME);

describe('a rule with a key', () => {
  test('keeps one row a booking in its file, the newest, in whatever order its webhooks come', async () => {
    const { bot, file } = await start('file: bookings.csv');
    await Promise.all(
      ORDERS.map(async ([booking, order]) => {
        for (const step of order) await post(bot.webhookUrl, webhook(booking, step));
      }),
    );
    await vi.waitFor(async () => {
      const [header, ...rows] = await cellsOf(file);
      expect(header).toEqual(['Booking', 'Status', 'Start']);
      expect(rows.toSorted()).toEqual(
        ORDERS.map(([booking]) => [booking, 'CANCELLED', '2030-02-16T10:00:00Z']).toSorted(),
      );
    }, TIME);
  });

  test('keeps one row a booking in Google Sheets, the newest, through quota errors, failures and lost answers', async () => {
    const google = await startGoogle();
    google.quota = 0;
    google.retryAfter = 1;
    google.troubles.push('error-before', 'lost-answer', 'error-after');
    const { bot, env } = await start(`google: ${google.id}, tab: Bookings`, google);
    const some = ORDERS.filter((_, index) => index % 6 === 0);
    for (const [booking, order] of some) for (const step of order) await post(bot.webhookUrl, webhook(booking, step));
    await vi.waitFor(() => expect(google.counts.refused).toBeGreaterThan(0), TIME);
    google.quota = 1_000;
    // What failed is tried again soon; the bot's own share of Google's minute can take that long to come back.
    await vi.waitFor(
      async () => {
        const rows = google.rows('Bookings').slice(1);
        const told = (booking: string) => rows.find(([id]) => id === booking)?.[1];
        for (const [booking] of some) if (told(booking) !== 'CANCELLED') await cli(env, 'retry', booking);
        expect(rows.toSorted()).toEqual(
          some.map(([booking]) => [booking, 'CANCELLED', '2030-02-16T10:00:00Z']).toSorted(),
        );
      },
      { timeout: 100_000, interval: 3_000 },
    );
    expect(google.troubles).toEqual([]);
    await settled(env);
  });

  test('doubles no row when the bot is killed after Google took it and before that is known', async () => {
    const google = await startGoogle();
    google.troubles.push('silence');
    const { bot, env, again } = await start(`google: ${google.id}, tab: Bookings`, google);
    await post(bot.webhookUrl, webhook('bk_1', 0));
    await vi.waitFor(() => expect(google.counts.writes).toBe(1), TIME);
    await bot.end('SIGKILL');
    const next = await again();
    await whySays(env, 'bk_1', 'written by the attempt before');
    await post(next.webhookUrl, webhook('bk_1', 1));
    await vi.waitFor(
      () =>
        expect(google.rows('Bookings')).toEqual([
          ['Booking', 'Status', 'Start'],
          ['bk_1', 'CONFIRMED', '2030-02-15T10:00:00Z'],
        ]),
      TIME,
    );
  });
});

describe('a column that somebody renamed', () => {
  const onFile = async () => {
    const bot = await start('file: bookings.csv');
    const rename = async (from: string, to: string) =>
      writeFile(bot.file, (await readFile(bot.file, 'utf8')).replace(`"${from}"`, `"${to}"`));
    return { ...bot, rename, rows: () => cellsOf(bot.file) };
  };
  const onGoogle = async () => {
    const google = await startGoogle();
    const bot = await start(`google: ${google.id}, tab: Bookings`, google);
    const rename = async (from: string, to: string) => {
      const [header = [], ...rows] = google.rows('Bookings');
      google.setTab('Bookings', [header.map((name) => (name === from ? to : name)), ...rows]);
    };
    return { ...bot, rename, rows: async () => google.rows('Bookings') };
  };

  test.each([
    ['a file', onFile],
    ['Google Sheets', onGoogle],
  ])('stops %s and says so, all else goes on, and what waited is written once it is mended', async (_, on) => {
    const { bot, env, rename, rows } = await on();
    await post(bot.webhookUrl, webhook('bk_1', 0));
    await vi.waitFor(async () => expect(await rows()).toHaveLength(2), TIME);
    await rename('Status', 'State');
    const before = await rows();

    expect((await post(bot.webhookUrl, webhook('bk_2', 0))).status).toBe(200);
    await whySays(env, 'bk_2', '"Status"', 'renamed or removed', 'slack #bookings: done');
    const failed = (await cli(env, 'failed')).out.replace(/\s+/g, ' ');
    expect(failed).toContain('"Status"');
    expect(await rows()).toEqual(before);

    await rename('State', 'Status');
    expect((await cli(env, 'retry', 'bk_2')).code).toBe(0);
    await vi.waitFor(async () => expect((await rows())[2]?.slice(0, 2)).toEqual(['bk_2', 'PENDING']), TIME);
    await settled(env);
  });
});
