import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { cli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
  - id: post
    on: ["booking.*"]
    actions: [{ slack: { template: booking } }]
  - id: row
    on: ["*"]
    actions: [{ sheet: { file: all.csv, columns: { Id: "{{ id }}" } } }]
`;

const aBooking = (id: string) => ({
  id: `wh_${id}`,
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: `bk_${id}`,
    // The bot's clock is the real one, and nobody is told of what has begun.
    start_time: '2099-02-15T10:00:00Z',
    status: 'PENDING',
    attendee_name: 'John Doe',
    attendee_email: 'john@example.com',
  },
});

/** The real program with its rules; Slack and mail as the test wants them. */
const start = async (settings: Readonly<Record<string, string>>, options: { wrap?: string } = {}) => {
  const dataDir = settings.DATA_DIR ?? (await tempFolder());
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const env = botEnv(dataDir, settings);
  const bot = await startBot(env, options);
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  return { bot, env };
};

const withSlack = async () => {
  const slack = await startSlackApi();
  onTestFinished(() => slack.close());
  return { slack, settings: { SLACK_BOT_TOKEN: slack.token, SLACK_API_URL: slack.url } };
};

/** What `why` tells, once it tells what is waited for. */
const whySays = (env: Readonly<Record<string, string>>, id: string, ...words: (string | RegExp)[]) =>
  vi.waitFor(
    async () => {
      const { out } = await cli(env, 'why', id);
      for (const word of words) expect(out).toMatch(word);
      return out;
    },
    { timeout: 15_000, interval: 100 },
  );

describe('while the mail server is down', () => {
  test('Slack and the sheet are served, the mail waits and says why, and goes out when the server is back', async () => {
    const { slack, settings } = await withSlack();
    const gone = await startSmtpServer();
    await gone.close();
    const { bot, env } = await start({ ...settings, SMTP_URL: gone.url, MAIL_FROM: 'bookings@example.com' });
    expect((await post(bot.webhookUrl, aBooking('1'))).status).toBe(200);
    await vi.waitFor(() => expect(slack.posts).toHaveLength(1), { timeout: 10_000 });
    await whySays(env, 'bk_1', /refused/i, /next try/i);
    expect((await cli(env, 'failed')).out).toMatch(/waiting/i);

    const back = await startSmtpServer({ port: gone.port });
    onTestFinished(() => back.close());
    expect((await cli(env, 'retry', 'bk_1')).code).toBe(0);
    await back.received(1);
    await whySays(env, 'bk_1', /accepted/i);
    expect(slack.posts).toHaveLength(1);
    expect((await cli(env, 'failed')).out).toMatch(/nothing/i);
  });

  test('a login that is refused pauses mail as a whole and uses nothing up', async () => {
    const smtp = await startSmtpServer({ login: { user: 'bot', password: 'right' } });
    onTestFinished(() => smtp.close());
    const wrong = smtp.url.replace('right', 'wrong');
    expect(wrong).not.toBe(smtp.url);
    const { bot, env } = await start({ SMTP_URL: wrong, MAIL_FROM: 'bookings@example.com' });
    for (const id of ['1', '2', '3']) await post(bot.webhookUrl, aBooking(id));
    await vi.waitFor(async () => expect((await cli(env, 'failed')).out).toMatch(/paused/i), { timeout: 10_000 });
    await eventually(async () =>
      expect(JSON.parse((await cli(env, 'failed', '--json')).out)).toMatchObject({ dead: 0, waiting: 3 }),
    );
    await bot.end('SIGTERM');

    const mended = await start({ ...env, SMTP_URL: smtp.url, MAIL_FROM: 'bookings@example.com' });
    await smtp.received(3);
    await whySays(mended.env, 'bk_3', /accepted/i);
  });
});

describe('while Slack has trouble', () => {
  test('a 429 is waited out as long as Slack asks, and the post is made once', async () => {
    const { slack, settings } = await withSlack();
    slack.behave({ as: 'ratelimit', seconds: 2 });
    const { bot, env } = await start(settings);
    const begun = Date.now();
    await post(bot.webhookUrl, aBooking('1'));
    await vi.waitFor(() => expect(slack.posts).toHaveLength(1), { timeout: 15_000 });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(2_000);
    await whySays(env, 'bk_1', /posted to/i);
  });

  test.each([
    ['500 after it had accepted', { as: 'status', status: 500, accept: true } as const],
    ['a reset after it had accepted', { as: 'reset', accept: true } as const],
    ['a reset before it accepted', { as: 'reset' } as const],
    ['500 before it accepted', { as: 'status', status: 500 } as const],
  ])('%s ends in exactly one post', async (_, misbehaviour) => {
    const { slack, settings } = await withSlack();
    slack.behave(misbehaviour, { method: 'chat.postMessage' });
    const { bot, env } = await start(settings);
    await post(bot.webhookUrl, aBooking('1'));
    await whySays(env, 'bk_1', /next try/i);
    await cli(env, 'retry', 'bk_1');
    await whySays(env, 'bk_1', /posted to|found in/);
    expect(slack.posts).toHaveLength(1);
  });

  test('a channel that does not exist ends as a dead letter at once, with what to do, and a retry later succeeds', async () => {
    const { slack, settings } = await withSlack();
    slack.behave({ as: 'error', error: 'channel_not_found' });
    const { bot, env } = await start(settings);
    await post(bot.webhookUrl, aBooking('1'));
    const story = await whySays(env, 'bk_1', /channel_not_found/, /dead/i);
    expect(story).toMatch(/invite/);
    expect((await cli(env, 'failed')).out).toMatch(/channel_not_found/);
    await cli(env, 'retry', 'bk_1');
    await vi.waitFor(() => expect(slack.posts).toHaveLength(1), { timeout: 10_000 });
  });
});

describe('when the disk is full', () => {
  test('webhooks are answered 503 and none is half-kept; with space again, all that was answered 200 is there', async () => {
    const dataDir = await tempFolder();
    const { bot } = await start({ DATA_DIR: dataDir }, { wrap: 'ulimit -f 3000' });
    const accepted: string[] = [];
    const filler = 'x'.repeat(200_000);
    let answer = { status: 200, text: '' };
    for (let n = 0; n < 200 && answer.status === 200; n += 1) {
      answer = await post(bot.webhookUrl, { id: `wh_${n}`, type: 'note.made', data: { filler } });
      if (answer.status === 200) accepted.push(`wh_${n}`);
    }
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'unavailable' } });
    expect(accepted.length).toBeGreaterThan(0);
    await bot.end('SIGKILL');

    const again = await start({ DATA_DIR: dataDir });
    const refused = `wh_${accepted.length}`;
    expect((await post(again.bot.webhookUrl, { id: refused, type: 'note.made', data: {} })).text).toBe(
      '{"received":true}',
    );
    await vi.waitFor(
      async () => {
        for (const id of [...accepted, refused]) {
          const story = JSON.parse((await cli(again.env, 'why', id, '--json')).out);
          expect(JSON.stringify(story)).toMatch(/"status":"done"/);
        }
        expect(JSON.parse((await cli(again.env, 'failed', '--json')).out)).toMatchObject({ dead: 0, waiting: 0 });
      },
      { timeout: 20_000, interval: 250 },
    );
  });
});
