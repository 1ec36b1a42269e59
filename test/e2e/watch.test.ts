import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { eventually } from '../support/eventually.ts';
import { startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
`;

const aBooking = (id: string) => ({
  id: `wh_${id}`,
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: `bk_${id}`,
    start_time: '2099-02-15T10:00:00Z',
    status: 'CONFIRMED',
    attendee_name: 'John Doe',
    attendee_email: 'john@example.com',
  },
});

test('a running bot tells Prometheus what it does, and the team what fails, once, over a restart too', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const slack = await startSlackApi({ unlimited: true });
  const smtp = await startSmtpServer();
  onTestFinished(() => Promise.all([slack.close(), smtp.close()]).then(() => {}));
  smtp.setBehaviour({
    recipient: (to) => (to === 'john@example.com' ? { code: 550, text: '5.1.1 unknown' } : undefined),
  });
  const env = botEnv(folder, {
    SMTP_URL: smtp.url,
    MAIL_FROM: 'bookings@studio.example',
    ALERT_EMAIL: 'Office <office@studio.example>, boss@studio.example',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.url,
    SLACK_CHANNEL: '#bookings',
  });
  const first = await startBot(env);
  onTestFinished(async () => void (await first.end('SIGKILL')));
  expect((await post(first.webhookUrl, aBooking('1'))).status).toBe(200);
  expect((await post(first.webhookUrl, aBooking('1'))).text).toContain('duplicate');
  const metrics = async (): Promise<string> => (await fetch(new URL('/metrics', first.webhookUrl))).text();
  await eventually(async () =>
    expect(await metrics()).toContain('webkasa_bot_deliveries_ended_total{channel="email",status="dead"} 1'),
  );
  // What the store says is asked for once a second.
  const all = [
    'webkasa_bot_webhooks_total{outcome="stored"} 1',
    'webkasa_bot_webhooks_total{outcome="duplicate"} 1',
    'webkasa_bot_deliveries{status="dead"} 1',
    'webkasa_bot_attempt_duration_seconds_count{channel="email",result="permanent"} 1',
    'webkasa_bot_rules_ok 1',
    'webkasa_bot_store_up 1',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
  ];
  await eventually(async () => {
    const text = await metrics();
    for (const series of all) expect(text).toContain(series);
  });
  expect((await fetch(new URL('/readyz', first.webhookUrl))).status).toBe(200);

  // Whichever of the two processes comes to it: it is told, and it is told once.
  await first.end('SIGTERM');
  const second = await startBot(env);
  onTestFinished(async () => void (await second.end('SIGKILL')));
  await smtp.received(1);
  await eventually(() => expect(slack.posts).toHaveLength(1));
  const [mail] = await smtp.parsed();
  expect(mail?.subject).toBe('[webkasa-bot] 1 delivery failed for good');
  expect(mail?.text).toContain('bk_1');
  expect(slack.posts[0]?.text).toContain('john@example.com');
  await rm(join(folder, 'rules.yaml'));
  await eventually(async () =>
    expect(await (await fetch(new URL('/metrics', second.webhookUrl))).text()).toContain('webkasa_bot_rules_ok 0'),
  );
  expect(slack.posts.length).toBeLessThanOrEqual(2);
  expect(slack.posts.filter(({ text }) => text.includes('failed for good'))).toHaveLength(1);
}, 90_000);

test('that nobody can ask the bot in Slack is told there, since messages still can be posted', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const slack = await startSlackApi({ unlimited: true });
  onTestFinished(() => slack.close());
  const env = botEnv(folder, {
    SLACK_BOT_TOKEN: slack.token,
    SLACK_APP_TOKEN: 'xapp-1-not-this-one',
    SLACK_API_URL: slack.url,
    SLACK_CHANNEL: '#bookings',
  });
  const bot = await startBot(env);
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  await eventually(() => expect(slack.posts).toHaveLength(1));
  expect(slack.posts[0]?.text).toContain('Nobody can ask the bot in Slack');
  expect(JSON.stringify(slack.posts[0]?.blocks)).toContain('SLACK_APP_TOKEN (invalid_auth)');
  expect(JSON.stringify(slack.posts[0])).not.toContain('not-this-one');
}, 90_000);
