import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { call } from '../commands/world.ts';
import { botEnv, post, startBot } from '../support/bot.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

const rules = (rest = '') => `rules:
  - id: request
    on: booking.created
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created ${rest} } }]
  - id: news
    on: [booking.confirmed]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-confirmed ${rest} } }]
  - id: end
    on: [booking.cancelled]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-cancelled ${rest} } }]
`;

const start = async (text: string) => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), text);
  const smtp = await startSmtpServer();
  const env = botEnv(dataDir, { SMTP_URL: smtp.url, MAIL_FROM: 'Studio <bookings@example.com>' });
  const bot = await startBot(env);
  onTestFinished(async () => {
    await bot.end('SIGKILL');
    await smtp.close();
  });
  return { smtp, bot, dataDir };
};

const now = Date.now();
const soon = (days: number, hour: number): string =>
  new Date(Math.floor(now / 86_400_000 + days) * 86_400_000 + hour * 3_600_000).toISOString();

/** What WebKasa says of one booking, `step` seconds after the first. */
const webhook = (step: number, type: string, status: string, days = 30): string =>
  JSON.stringify({
    id: `wh_evt_${step}`,
    type,
    created_at: new Date(now - 60_000 + step * 1_000).toISOString(),
    data: {
      id: 'bk_1',
      schedule_id: 'sch_1',
      start_time: soon(days, 10),
      end_time: soon(days, 11),
      status,
      attendee_name: 'John Doe',
      attendee_email: 'john@example.com',
    },
  });

const REQUESTED = webhook(1, 'booking.created', 'PENDING');
const CONFIRMED = webhook(2, 'booking.confirmed', 'CONFIRMED');
const MOVED = webhook(3, 'booking.confirmed', 'CONFIRMED', 31);
const CANCELLED = webhook(4, 'booking.cancelled', 'CANCELLED', 31);

test("a booking's mails are one conversation, and its calendar entry follows from request to cancellation", async () => {
  const { smtp, bot } = await start(rules());
  for (const [index, sent] of [REQUESTED, CONFIRMED, MOVED, CANCELLED].entries()) {
    await post(bot.webhookUrl, sent);
    await vi.waitFor(() => expect(smtp.messages).toHaveLength(index + 1), { timeout: 20_000 });
  }
  const mails = await smtp.parsed();
  const ids = mails.map(({ messageId }) => messageId);
  // What differs is in brackets at the front, which mail programs leave out where they compare subjects.
  expect(new Set(mails.map(({ subject }) => subject?.replace(/^\[[^\]]+\] /, ''))).size).toBe(1);
  expect(mails.map(({ inReplyTo }) => inReplyTo)).toEqual([undefined, ids[0], ids[1], ids[2]]);
  expect(mails.map(({ references }) => [references ?? []].flat()[0])).toEqual([undefined, ids[0], ids[0], ids[0]]);
  expect(smtp.messages.map(({ raw }) => /text\/calendar;[^;]*;\s*method=(\w+)/i.exec(raw.toString())?.[1])).toEqual([
    'REQUEST',
    'REQUEST',
    'REQUEST',
    'CANCEL',
  ]);
});

test('of several states within a hold, the last one is told', async () => {
  const { smtp, bot, dataDir } = await start(rules(', hold: 5'));
  for (const sent of [REQUESTED, CONFIRMED, MOVED]) await post(bot.webhookUrl, sent);
  const store = await openSqliteStore(join(dataDir, 'webkasa-bot.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  await vi.waitFor(
    async () => expect((await store.status()).deliveries).toMatchObject({ done: 1, superseded: 2, pending: 0 }),
    { timeout: 20_000 },
  );
  expect((await smtp.parsed()).map(({ subject }) => subject)).toEqual([expect.stringMatching(/new time|moved/i)]);
});

test('a mail that was put off and no longer makes sense is not sent, and why says so', async () => {
  const { smtp, bot, dataDir } = await start(`rules:
  - id: request
    on: booking.created
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created, hold: 5 } }]
`);
  await post(bot.webhookUrl, REQUESTED);
  await post(bot.webhookUrl, CANCELLED);
  await vi.waitFor(
    async () => {
      const { out } = await call(['why', 'bk_1'], { env: { DATA_DIR: dataDir } });
      expect(out.replace(/\s+/g, ' ')).toContain('it was cancelled meanwhile');
    },
    { timeout: 20_000 },
  );
  expect(smtp.messages).toEqual([]);
});
