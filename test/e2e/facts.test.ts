import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { startWebKasaApi, type WebKasaApiOptions } from '../support/webkasa-api.ts';

const RULES = `
rules:
  - id: confirm
    on: booking.created
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
  - id: registered
    on: registration.created
    actions:
      - email: { to: "{{ data.attendee_email }}", template: registration-created }
`;

const startAll = async (options: WebKasaApiOptions) => {
  const dataDir = await tempFolder();
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const [smtp, api] = await Promise.all([startSmtpServer(), startWebKasaApi(options)]);
  const bot = await startBot(
    botEnv(dataDir, {
      SMTP_URL: smtp.url,
      MAIL_FROM: 'Team <bookings@example.com>',
      WEBKASA_API_KEY: api.key,
      WEBKASA_API_URL: api.url,
      TIMEZONE: 'America/New_York',
    }),
  );
  onTestFinished(async () => {
    await bot.end('SIGKILL');
    await Promise.all([smtp.close(), api.close()]);
  });
  return { smtp, api, bot };
};

const BOOKING = { id: 'bk_1', schedule_id: 'sch_1', title: 'First consultation', location: 'Rua Augusta 1' };
/** The bot's clock is the real one, and nobody is told of what has begun. */
const FAR_AWAY = { start_time: '2099-02-16T10:00:00Z', end_time: '2099-02-16T11:00:00Z' };
const SCHEDULE = { id: 'sch_1', name: 'Lisbon office', timezone: 'Europe/Lisbon' };

test("a mail carries the title, the place and the zone that only WebKasa's API knows", async () => {
  const { smtp, api, bot } = await startAll({ bookings: [BOOKING], schedules: [SCHEDULE] });
  const { id, schedule_id } = BOOKING;
  await post(bot.webhookUrl, aWebhook({ data: { id, schedule_id, ...FAR_AWAY } }));
  await smtp.received(1);

  const [mail] = await smtp.parsed();
  expect(mail?.subject).toContain('First consultation');
  for (const body of [mail?.text, mail?.html || '']) {
    expect(body).toContain('Rua Augusta 1');
    expect(body).toContain('Monday, February 16, 2099, 10:00 AM – 11:00 AM (GMT+0, Europe/Lisbon)');
  }
  expect(api.requests).toHaveLength(2);
  expect(bot.output()).not.toContain(api.key);
});

test("a mail to who registered carries the event's title, place and zone, which no webhook told", async () => {
  const event = {
    id: 'evt_1',
    title: 'Open day',
    start_date: '2099-03-21',
    start_time: '10:00',
    end_time: '12:00',
    timezone: 'Asia/Tokyo',
    location: 'Main hall',
  };
  const { smtp, api, bot } = await startAll({ events: [event] });
  const data = { id: 'reg_1', event_id: 'evt_1', attendee_name: 'Jane Roe', attendee_email: 'jane@example.com' };
  await post(bot.webhookUrl, { ...aWebhook({ type: 'registration.created' }), data });
  await smtp.received(1);

  const [mail] = await smtp.parsed();
  expect(mail?.subject).toContain('Open day');
  for (const body of [mail?.text, mail?.html || '']) {
    expect(body).toContain('Main hall');
    expect(body).toContain('Saturday, March 21, 2099, 10:00 AM – 12:00 PM (GMT+9, Asia/Tokyo)');
  }
  expect(api.requests).toEqual(['events/evt_1']);
});

test('a mail waits while the API fails and goes out right when it is back, and stopping meanwhile is quick', async () => {
  const { smtp, api, bot } = await startAll({ bookings: [BOOKING], schedules: [SCHEDULE] });
  api.setBehaviour({ as: 'status', status: 500 });
  const { id, schedule_id } = BOOKING;
  await post(bot.webhookUrl, aWebhook({ data: { id, schedule_id, ...FAR_AWAY } }));
  await vi.waitFor(() => expect(api.requests.length).toBeGreaterThan(0), { timeout: 10_000 });
  expect(smtp.messages).toHaveLength(0);
  api.setBehaviour(undefined);
  await vi.waitFor(() => expect(smtp.messages).toHaveLength(1), { timeout: 40_000 });
  expect((await smtp.parsed())[0]?.text).toContain('Europe/Lisbon');

  api.setBehaviour({ as: 'hang' });
  const asked = api.requests.length;
  await post(bot.webhookUrl, aWebhook({ data: { id: 'bk_2', schedule_id, ...FAR_AWAY } }));
  await vi.waitFor(() => expect(api.requests.length).toBeGreaterThan(asked), { timeout: 10_000 });
  const before = Date.now();
  expect(await bot.end('SIGTERM')).toBe(0);
  expect(Date.now() - before).toBeLessThan(9_000);
}, 60_000);
