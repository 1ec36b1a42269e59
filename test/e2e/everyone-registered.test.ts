import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ICAL from 'ical.js';
import type { ParsedMail } from 'mailparser';
import { expect, onTestFinished, test, vi } from 'vitest';
import { call } from '../commands/world.ts';
import { botEnv, post, startBot } from '../support/bot.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { startWebKasaApi } from '../support/webkasa-api.ts';

const RULES = `rules:
  - id: registered
    on: registration.created
    actions: [{ email: { to: "{{ data.attendee_email }}", template: registration-created } }]
  - id: event-changed
    on: event.updated
    when: { changed: { $in: [start_date, start_time, location] } }
    actions: [{ email: { to: everyone-registered, template: event-changed, hold: 1 } }]
  - id: event-cancelled
    on: event.cancelled
    actions: [{ email: { to: everyone-registered, template: event-cancelled } }]
`;

const now = Date.now();
const day = new Date(now + 40 * 86_400_000).toISOString().slice(0, 10);

const EVENT = {
  id: 'evt_1',
  title: 'Open day',
  start_date: day,
  start_time: '10:00',
  end_time: '12:00',
  timezone: 'Europe/Berlin',
  location: 'Main hall',
  status: 'published',
};

const person = (number: number, name: string, more: object = {}) => ({
  id: `reg_${number}`,
  event_id: 'evt_1',
  attendee_name: name,
  attendee_email: `${name.toLowerCase()}@example.com`,
  status: 'CONFIRMED',
  ...more,
});

const webhook = (step: number, type: string, data: object) => ({
  id: `wh_evt_${step}`,
  type,
  created_at: new Date(now - 60_000 + step * 1_000).toISOString(),
  data,
});

const startAll = async (env: Readonly<Record<string, string>> = {}) => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const smtp = await startSmtpServer();
  const start = () => startBot(botEnv(dataDir, { SMTP_URL: smtp.url, MAIL_FROM: 'Studio <team@example.com>', ...env }));
  const bot = await start();
  onTestFinished(async () => {
    await bot.end('SIGKILL');
    await smtp.close();
  });
  return { smtp, bot, dataDir };
};

/** What a mail's calendar part says, read by a parser of another's. */
const entryOf = (mail: ParsedMail) => {
  const part = mail.attachments.find(({ contentType }) => contentType === 'text/calendar');
  const calendar = new ICAL.Component(ICAL.parse(part?.content.toString() ?? ''));
  const event = calendar.getFirstSubcomponent('vevent');
  return {
    method: calendar.getFirstPropertyValue('method'),
    uid: event?.getFirstPropertyValue('uid'),
    sequence: event?.getFirstPropertyValue('sequence'),
    start: String(event?.getFirstPropertyValue('dtstart')),
    status: event?.getFirstPropertyValue('status'),
  };
};

const addressOf = (mail: ParsedMail): string => [mail.to].flat()[0]?.value[0]?.address ?? '';

const byAddress = (mails: readonly ParsedMail[]) => new Map(mails.map((mail) => [addressOf(mail), mail]));

test('everyone registered is told that an event was moved, and then cancelled, in their own conversation and calendar', async () => {
  const { smtp, bot, dataDir } = await startAll();
  const send = async (step: number, type: string, data: object) =>
    expect((await post(bot.webhookUrl, webhook(step, type, data))).status).toBe(200);
  await send(1, 'event.created', EVENT);
  for (const [index, name] of ['Anna', 'Bela', 'Cleo'].entries()) {
    await send(2 + index, 'registration.created', person(index + 1, name));
  }
  await smtp.received(3);
  const first = byAddress(await smtp.parsed());
  smtp.clear();
  await send(6, 'registration.cancelled', person(3, 'Cleo', { status: 'CANCELLED' }));
  // Saved twice within the hold: one mail, which tells what came of both.
  await send(7, 'event.updated', { ...EVENT, start_time: '13:00', end_time: '15:00' });
  await send(8, 'event.updated', { ...EVENT, start_time: '14:00', end_time: '16:00' });
  await smtp.received(2);

  const moved = byAddress(await smtp.parsed());
  expect([...moved.keys()].sort()).toEqual(['anna@example.com', 'bela@example.com']);
  for (const [address, mail] of moved) {
    const before = first.get(address);
    expect(mail.inReplyTo).toBe(before?.messageId);
    expect(mail.text).toContain('2:00 PM');
    expect(mail.text).toContain(address === 'anna@example.com' ? 'Anna' : 'Bela');
    const [invited, again] = [before && entryOf(before), entryOf(mail)];
    expect(again).toMatchObject({ method: 'REQUEST', uid: invited?.uid, status: 'CONFIRMED' });
    expect(Number(again.sequence)).toBeGreaterThan(Number(invited?.sequence));
    expect(again.start).not.toBe(invited?.start);
  }

  smtp.clear();
  await send(9, 'event.cancelled', { ...EVENT, status: 'cancelled' });
  await smtp.received(2);
  for (const mail of await smtp.parsed()) {
    const before = moved.get(addressOf(mail));
    expect(mail.inReplyTo).toBe(before?.messageId);
    expect(entryOf(mail)).toMatchObject({
      method: 'CANCEL',
      status: 'CANCELLED',
      uid: before && entryOf(before).uid,
    });
  }

  await vi.waitFor(
    async () => {
      const { out } = await call(['why', 'evt_1'], { env: { DATA_DIR: dataDir } });
      const words = out.replace(/\s+/g, ' ');
      expect(words).toContain('2 registered: a mail to each; 1 left out: 1 cancelled');
      expect(words.match(/→ 2 sent/g)).toHaveLength(2);
    },
    { timeout: 20_000 },
  );
  expect(bot.output()).not.toContain('anna@example.com');
});

test("who is registered only as WebKasa's API knows is told too, and who is cancelled there is not", async () => {
  const registrations = [
    person(1, 'Anna', { status: 'CANCELLED' }),
    person(2, 'Bela', { attendee_email: 'bela.new@example.com' }),
    person(9, 'Zoe'),
  ];
  const api = await startWebKasaApi({ events: [EVENT], registrations: { evt_1: registrations } });
  onTestFinished(() => api.close());
  const { smtp, bot } = await startAll({ WEBKASA_API_KEY: api.key, WEBKASA_API_URL: api.url });
  await post(bot.webhookUrl, webhook(1, 'event.created', EVENT));
  await post(bot.webhookUrl, webhook(2, 'registration.created', person(1, 'Anna')));
  await post(bot.webhookUrl, webhook(3, 'registration.created', person(2, 'Bela')));
  await smtp.received(2);
  smtp.clear();

  await post(bot.webhookUrl, webhook(4, 'event.updated', { ...EVENT, location: 'Town Hall' }));
  await smtp.received(2);

  const mails = byAddress(await smtp.parsed());
  expect([...mails.keys()].sort()).toEqual(['bela.new@example.com', 'zoe@example.com']);
  for (const mail of mails.values()) {
    expect(mail.text).toContain('Town Hall');
    expect(entryOf(mail)).toMatchObject({ method: 'REQUEST', status: 'CONFIRMED' });
  }
});

test('a process that is killed while it plans hundreds of mails plans each once', async () => {
  const { smtp, bot, dataDir } = await startAll();
  await post(bot.webhookUrl, webhook(1, 'event.created', EVENT));
  const people = Array.from({ length: 20 }, (_, index) =>
    person(100 + index, `P${index}`, { attendee_email: `p${index}@example.com` }),
  );
  await Promise.all(
    people.map((each, index) => post(bot.webhookUrl, webhook(2 + index, 'registration.created', each))),
  );
  await smtp.received(people.length);
  smtp.clear();
  // Killed at some moment of planning and sending, and started anew until all are told.
  await post(bot.webhookUrl, webhook(50, 'event.cancelled', { ...EVENT, status: 'cancelled' }));
  await smtp.received(5);
  await bot.end('SIGKILL');
  const again = await startBot(botEnv(dataDir, { SMTP_URL: smtp.url, MAIL_FROM: 'Studio <team@example.com>' }));
  onTestFinished(async () => void (await again.end('SIGKILL')));

  const ids = async () => new Set((await smtp.parsed()).map(({ messageId }) => messageId));
  await vi.waitFor(async () => expect((await ids()).size).toBe(people.length), { timeout: 20_000, interval: 200 });
  const mails = await smtp.parsed();
  expect(new Set(mails.map(addressOf)).size).toBe(people.length);
  // A mail that was under way when the process died may come twice, under the same Message-ID.
  expect(mails.length).toBeLessThanOrEqual(people.length + 5);
}, 60_000);
