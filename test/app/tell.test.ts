import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Role } from '../../src/app/role.ts';
import { tellWhatIsOn } from '../../src/app/tell.ts';
import { readConfig } from '../../src/config.ts';
import { botEnv } from '../support/bot.ts';

const told = (role: Role, slack: Readonly<Record<string, string>>): string => {
  const config = readConfig(
    botEnv('/data', {
      DATABASE_URL: 'postgres://bot@db/bot',
      SMTP_URL: 'smtp://mail.example.com',
      MAIL_FROM: 'bookings@example.com',
      SLACK_BOT_TOKEN: 'xoxb-1-a',
      ...slack,
    }),
  );
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  const url = 'http://localhost:3000';
  tellWhatIsOn(config, { role, store: 'PostgreSQL', url, webhookUrl: `${url}/webhooks/webkasa`, secrets: [] }, log);
  return lines.join('\n');
};

const HTTP = { SLACK_SIGNING_SECRET: 'a'.repeat(32) };
const SOCKET = { SLACK_APP_TOKEN: 'xapp-1-A1-1-a' };
const PERFORMS = /mail: by SMTP[\s\S]*sheets: \//;

test.each([
  ['all', HTTP, /Slack: \/webkasa at http\S+\/slack\/events/],
  ['all', SOCKET, /Slack: \/webkasa by Socket Mode/],
  ['worker', HTTP, /Slack: posts; \/webkasa and buttons are answered by receivers/],
  ['worker', SOCKET, /Slack: \/webkasa by Socket Mode/],
] as const)('%s says what it tells, and how Slack reaches it or who else is asked', (role, slack, words) => {
  expect(told(role, slack)).toMatch(PERFORMS);
  expect(told(role, slack)).toMatch(words);
});

test.each([
  [HTTP, /Slack: \/webkasa at http\S+\/slack\/events/],
  [SOCKET, /Slack: \/webkasa is answered by workers/],
] as const)('a receiver claims neither to mail nor to write sheets', (slack, words) => {
  expect(told('receiver', slack)).not.toMatch(/mail: |sheets: /);
  expect(told('receiver', slack)).toMatch(/delivered by workers/);
  expect(told('receiver', slack)).toMatch(words);
});

test('names the address that Slack has to reach below the path of PUBLIC_URL, as the manifest does', () => {
  for (const url of ['https://example.com/bot', 'https://example.com/bot/']) {
    expect(told('all', { ...HTTP, PUBLIC_URL: url })).toContain('/webkasa at https://example.com/bot/slack/events,');
  }
});
