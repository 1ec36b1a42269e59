import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { secretValues } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { botEnv, post, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

const RULES = `rules:
  - id: tell-guest
    on: ["booking.created"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
`;

test('what a mail server repeats of its password is kept nowhere', async () => {
  const smtp = await startSmtpServer({ login: { user: 'bot', password: 's3cret-Mail-Pw' } });
  const asTold = Buffer.from('\0bot\0s3cret-Mail-Pw').toString('base64');
  smtp.setBehaviour({ login: { code: 535, text: `5.7.8 s3cret-Mail-Pw is wrong for bot (AUTH PLAIN ${asTold})` } });
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const bot = await startBot(botEnv(folder, { SMTP_URL: smtp.url, MAIL_FROM: 'bookings@example.com' }));
  onTestFinished(async () => {
    await bot.end('SIGKILL');
    await smtp.close();
  });
  await post(bot.webhookUrl, aWebhook({ type: 'booking.created' }));

  await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  await eventually(async () => {
    const { pauses } = await store.status();
    expect(pauses).toMatchObject([{ kind: 'email', message: expect.stringContaining('[secret] is wrong for bot') }]);
  });
  const kept = JSON.stringify([await store.status(), await store.rows('attempt', undefined, 100)]);
  expect(kept).not.toContain('s3cret');
  expect(kept).not.toContain(asTold);
}, 60_000);

test('a password in the parameters of DATABASE_URL is known too', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://db.example.com/webkasa?user=bot&password=p%40ss' });
  expect(secretValues(config)).toEqual(['p%40ss', 'p@ss']);
});

test('a password is known as it is written, as it is meant, and as servers are told it', () => {
  const config = readConfig({ SMTP_URL: 'smtp://b%40t:p%40ss@mail.example.com', MAIL_FROM: 'bookings@example.com' });
  expect(secretValues(config)).toEqual([
    'p%40ss',
    'p@ss',
    Buffer.from('\0b@t\0p@ss').toString('base64'),
    Buffer.from('p@ss').toString('base64'),
  ]);
});
