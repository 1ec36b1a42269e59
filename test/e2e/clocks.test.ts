import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { cli } from '../support/cli.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

// Several processes start, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const RULES = `rules:
  - id: mail
    on: ["booking.confirmed"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
`;
const HOUR = 3_600_000;
const SHIFTED = resolve(import.meta.dirname, '../chaos/shifted-clock.ts');

const inHalfAnHour = (): string => new Date(Date.now() + HOUR / 2).toISOString();

const aBooking = (n: number) =>
  aWebhook({
    id: `wh_${n}`,
    type: 'booking.confirmed',
    created_at: new Date().toISOString(),
    data: { id: `bk_${n}`, attendee_name: 'Anna', attendee_email: 'anna@example.com', start_time: inHalfAnHour() },
  });

test('machines whose clocks are an hour off lose, delay and report nothing', async () => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  await writeFile(join(dataDir, 'ahead'), String(HOUR));
  await writeFile(join(dataDir, 'behind'), String(-HOUR));
  const database = await openTestDatabase();
  onTestFinished(database.close);
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  const env = botEnv(dataDir, {
    DATABASE_URL: database.url,
    SMTP_URL: smtp.url,
    MAIL_FROM: 'bookings@example.com',
  });
  const start = async (role: 'receiver' | 'worker', clock: string) => {
    const shifted = { NODE_OPTIONS: `--import=${SHIFTED}`, CHAOS_CLOCK_FILE: join(dataDir, clock) };
    const bot = await startBot({ ...env, ...shifted }, { role });
    onTestFinished(async () => void (await bot.end('SIGKILL')));
    return bot;
  };
  smtp.setBehaviour({ recipient: { code: 450, text: '4.2.0 Later' } });
  const receiver = await start('receiver', 'behind');
  expect((await post(receiver.webhookUrl, aBooking(1))).status).toBe(200);

  const worker = await start('worker', 'ahead');
  await expect.poll(async () => (await cli(env, 'why', 'bk_1')).out, { timeout: 30_000 }).toContain('4.2.0 Later');
  smtp.setBehaviour({});
  const real = Date.now;
  const there = vi.spyOn(Date, 'now').mockImplementation(() => real() + HOUR);
  const retried = await cli(env, 'retry', 'bk_1');
  there.mockRestore();
  expect([retried.code, retried.err]).toEqual([0, '']);
  // Long before its next try would have come.
  await expect.poll(() => smtp.messages.length, { timeout: 15_000 }).toBe(1);

  expect((await post(receiver.webhookUrl, aBooking(2))).status).toBe(200);
  await expect.poll(() => smtp.messages.length, { timeout: 30_000 }).toBe(2);
  expect(worker.output() + receiver.output()).not.toContain('Work has waited');
});
