import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { botEnv, startBot } from '../support/bot.ts';
import { load, signedRequest } from './load.ts';
import { median, startServer } from './processes.ts';
import { aWebhook } from './webhooks.ts';

const RULES = `rules:
  - id: both
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
      - slack: { channel: "#c{{ data.id }}", template: booking }
`;

export type DeliverOptions = {
  readonly rounds: number;
  readonly webhooks: number;
  readonly log: (line: string) => void;
};

/** One webhook to one mail and one post recorded, beside a bare loop that sends the same messages. Messages a second. */
export const benchDeliver = async ({ rounds, webhooks, log }: DeliverOptions): Promise<void> => {
  const folder = await mkdtemp(join(process.cwd(), '.bench-'));
  const bare: number[] = [];
  const bot: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    bare.push(webhooks / (await bareSeconds(webhooks)));
    bot.push(webhooks / (await botSeconds(join(folder, String(round)), webhooks)));
    log(`  round ${round}: bare ${Math.round(bare.at(-1) ?? 0)}/s | bot ${Math.round(bot.at(-1) ?? 0)}/s`);
  }
  await rm(folder, { recursive: true, force: true });
  log(
    `  medians of ${rounds}, ${webhooks} webhooks each: bare ${Math.round(median(bare))}/s, bot ${Math.round(median(bot))}/s`,
  );
  log(`  rate ${(median(bot) / median(bare)).toFixed(2)} × the reference (wanted: at least 0.8)`);
};

const withSinks = async <T>(
  act: (sinks: { smtp: string; slack: string; counts: string }) => Promise<T>,
): Promise<T> => {
  const server = await startServer('sinks');
  const result = await act(JSON.parse(server.line));
  await server.stop();
  return result;
};

const bareSeconds = (webhooks: number): Promise<number> =>
  withSinks(async ({ smtp, slack }) => {
    const loop = await startServer('bare-loop', smtp, slack, String(webhooks));
    await loop.stop();
    return Number(loop.line) / 1000;
  });

const botSeconds = (dataDir: string, webhooks: number): Promise<number> =>
  withSinks(async ({ smtp, slack, counts }) => {
    await mkdir(dataDir, { recursive: true });
    await writeFile(join(dataDir, 'rules.yaml'), RULES);
    const settings = {
      SMTP_URL: smtp,
      MAIL_FROM: 'bookings@example.com',
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_API_URL: slack,
    };
    const bot = await startBot(botEnv(dataDir, settings));
    const requests = Array.from({ length: webhooks }, (_, n) =>
      signedRequest(bot.webhookUrl, 'test-secret', aWebhook(n)),
    );
    const begun = performance.now();
    const { failed } = await load(bot.webhookUrl, requests, { connections: 16, seconds: 60 });
    if (failed > 0) throw new Error(`${failed} webhooks were not accepted`);
    await recorded(bot.webhookUrl);
    const seconds = (performance.now() - begun) / 1000;
    const { mails, posts } = (await (await fetch(counts)).json()) as { mails: number; posts: number };
    if (mails !== webhooks || posts !== webhooks)
      throw new Error(`${mails} mails and ${posts} posts for ${webhooks} webhooks`);
    await bot.end('SIGKILL');
    return seconds;
  });

/** Nothing waits for a decision, and no delivery is pending or running. */
const recorded = async (webhookUrl: string): Promise<void> => {
  for (;;) {
    const ready = (await (await fetch(new URL('/readyz', webhookUrl))).json()) as Record<string, number>;
    if (ready.unrouted === 0 && ready.pending === 0 && ready.running === 0) return;
    await pause(25);
  }
};
