import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { botEnv, post, startBot } from '../support/bot.ts';
import { cli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';
import { startWebKasaApi } from '../support/webkasa-api.ts';

/** Each is found in a log by itself, whatever stands around it. */
const DATA = ['Markedname', 'markedlocal', 'marked-note', 'markeddomain', '+49 30 5550123'];
const SECRETS = [
  'marked-webhook-secret',
  'marked-smtp-password',
  'xoxb-marked-token',
  'wk_live_marked-key',
  'marked-signing',
];

const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-created } }]
  - id: post
    on: ["booking.*"]
    actions: [{ slack: { text: "{{ data.attendee_name }}" } }]
  - id: row
    on: ["*"]
    actions: [{ sheet: { file: all.csv, columns: { Who: "{{ data.attendee_name }}" } } }]
`;

const aBooking = (id: string) => ({
  id: `wh_${id}`,
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data: {
    id: `bk_${id}`,
    start_time: '2099-02-15T10:00:00Z',
    status: 'CONFIRMED',
    attendee_name: 'Markedname Roe',
    attendee_email: 'markedlocal@markeddomain.example',
    attendee_phone: '+49 30 5550123',
    notes: 'marked-note',
  },
});

test.each(['production', 'development'])(
  'in %s, at its loudest and while everything fails, the log holds no secret and nothing of an attendee',
  async (mode) => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'rules.yaml'), RULES);
    const smtp = await startSmtpServer({ login: { user: 'bot', password: 'marked-smtp-password' } });
    const slack = await startSlackApi({ token: 'xoxb-marked-token', unlimited: true });
    const webkasa = await startWebKasaApi();
    onTestFinished(() => Promise.all([smtp.close(), slack.close(), webkasa.close()]).then(() => {}));
    const bot = await startBot(
      botEnv(folder, {
        NODE_ENV: mode,
        LOG_LEVEL: 'trace',
        WEBKASA_WEBHOOK_SECRET: 'marked-webhook-secret',
        SMTP_URL: smtp.url,
        MAIL_FROM: 'bookings@studio.example',
        ALERT_EMAIL: 'office@studio.example',
        SLACK_BOT_TOKEN: 'xoxb-marked-token',
        SLACK_SIGNING_SECRET: 'marked-signing',
        SLACK_API_URL: slack.url,
        WEBKASA_API_KEY: 'wk_live_marked-key',
        WEBKASA_API_URL: webkasa.url,
      }),
    );
    onTestFinished(async () => void (await bot.end('SIGKILL')));
    const send = async (id: string): Promise<void> => {
      const { status } = await post(bot.webhookUrl, aBooking(id), 'marked-webhook-secret');
      expect(status).toBe(200);
    };
    const failedCodes = async (): Promise<string> => (await cli(botEnv(folder), 'failed', '--json')).out;

    // Refusals whose answers repeat the address, a Slack that says what it was sent, a page in the place of an answer.
    smtp.setBehaviour({
      recipient: (address) =>
        address.includes('markedlocal') ? { code: 550, text: `5.1.1 <${address}> is unknown` } : undefined,
    });
    slack.behave({ as: 'error', error: 'Markedname Roe is not_allowed' });
    await send('1');
    await eventually(async () => expect(await failedCodes()).toContain('bk_1'));
    smtp.setBehaviour({ data: { code: 451, text: '4.3.0 mail for markedlocal@markeddomain.example is put off' } });
    slack.behave({ as: 'page' }, { times: 2 });
    await send('2');
    smtp.setBehaviour({
      login: { code: 535, text: '5.7.8 markedlocal@markeddomain.example: marked-smtp-password is wrong' },
    });
    await send('3');
    await post(bot.webhookUrl, aBooking('4'), 'another secret');
    await post(bot.webhookUrl, '{"id":"Markedname', 'marked-webhook-secret');
    await fetch(new URL('/slack/events', bot.webhookUrl), {
      method: 'POST',
      body: 'text=Markedname&token=marked-signing',
    });
    await fetch(new URL('/webhooks/Markedname-not', bot.webhookUrl));
    await eventually(() => expect(bot.output()).toMatch(/try.*again|attempt failed|is paused/));
    await eventually(() => expect(bot.output()).toContain('wh_3'));
    await bot.end('SIGTERM');

    const output = bot.output();
    expect(output).toContain('stopped');
    for (const mark of [...DATA, ...SECRETS]) expect(output.toLowerCase()).not.toContain(mark.toLowerCase());
    if (mode === 'production') {
      for (const line of output.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ msg: expect.any(String) });
    }
  },
);
