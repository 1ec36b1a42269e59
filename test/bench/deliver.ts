import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { load, signedRequest } from './load.ts';
import { median, startServer } from './processes.ts';
import { nameOf, type Setting, type Stores, startBots } from './settings.ts';
import { aWebhook } from './webhooks.ts';

// Each to a channel of its own, as Slack lets through one message a second and channel; by its id, since a name is looked
// for once and then known.
const RULES = `rules:
  - id: both
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
      - slack: { channel: "C{{ data.id | remove: 'bk_' }}", template: booking }
`;

export type DeliverOptions = {
  readonly rounds: number;
  readonly webhooks: number;
  readonly settings: readonly Setting[];
  readonly stores: Stores;
  readonly folder: string;
  readonly log: (line: string) => void;
};

/** One webhook to one mail and one post recorded, beside a bare loop that sends the same messages. Webhooks a second. */
export const benchDeliver = async (options: DeliverOptions): Promise<void> => {
  const { rounds, webhooks, settings, stores, folder, log } = options;
  const bare: number[] = [];
  const bots = new Map<Setting, number[]>(settings.map((setting) => [setting, []]));
  for (let round = 1; round <= rounds; round += 1) {
    bare.push(webhooks / (await bareSeconds(webhooks)));
    for (const [index, setting] of settings.entries()) {
      const own = join(folder, `deliver-${round}-${index}`);
      bots.get(setting)?.push(webhooks / (await botSeconds(setting, own, stores, webhooks)));
    }
    const told = settings.map((setting) => rate((bots.get(setting) ?? []).slice(-1))).join(' | ');
    log(`  round ${round}: bare ${rate(bare.slice(-1))} | ${told}`);
  }
  log(`  medians of ${rounds}, ${webhooks} webhooks each; wanted: at least 0.8 of the bare loop's rate`);
  log(`    ${'bare loop'.padEnd(46)} ${rate(bare)}`);
  for (const setting of settings) {
    const own = bots.get(setting) ?? [];
    log(`    ${nameOf(setting).padEnd(46)} ${rate(own)}: ${(median(own) / median(bare)).toFixed(2)}`);
  }
};

const rate = (values: readonly number[]): string => `${Math.round(median(values))}/s`;

const withSinks = async <T>(
  act: (sinks: { smtp: string; slack: string; counts: string }) => Promise<T>,
): Promise<T> => {
  const server = await startServer('sinks');
  try {
    return await act(JSON.parse(server.line));
  } finally {
    await server.stop();
  }
};

const bareSeconds = (webhooks: number): Promise<number> =>
  withSinks(async ({ smtp, slack }) => {
    const loop = await startServer('bare-loop', smtp, slack, String(webhooks));
    await loop.stop();
    return Number(loop.line) / 1000;
  });

/** Ids that no other round has used: a database keeps what the rounds before have stored. */
let round = 0;

const botSeconds = (setting: Setting, folder: string, stores: Stores, webhooks: number): Promise<number> =>
  withSinks(async ({ smtp, slack, counts }) => {
    const env = {
      SMTP_URL: smtp,
      MAIL_FROM: 'bookings@example.com',
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_API_URL: slack,
    };
    const bots = await startBots(setting, folder, stores, { rules: RULES, env });
    const [url = ''] = bots.urls;
    round += 1;
    const requests = Array.from({ length: webhooks }, (_, n) =>
      signedRequest(url, 'test-secret', aWebhook(round * 10_000_000 + n)),
    );
    const begun = performance.now();
    const { failed } = await load(bots.urls, requests, { connections: 16, seconds: 60 });
    if (failed > 0) throw new Error(`${failed} webhooks were not accepted`);
    await recorded(url);
    const seconds = (performance.now() - begun) / 1000;
    const { mails, posts } = (await (await fetch(counts)).json()) as { mails: number; posts: number };
    if (mails !== webhooks || posts !== webhooks)
      throw new Error(`${mails} mails and ${posts} posts for ${webhooks} webhooks`);
    await bots.kill();
    return seconds;
  });

/** Nothing waits for a decision, and no delivery is pending or running. Not asked often, since the answer costs too. */
const recorded = async (webhookUrl: string): Promise<void> => {
  for (;;) {
    const ready = (await (await fetch(new URL('/readyz', webhookUrl))).json()) as Record<string, number>;
    if (ready.unrouted === 0 && ready.pending === 0 && ready.running === 0) return;
    await pause(100);
  }
};
