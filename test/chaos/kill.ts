import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import type { StoryWebhook } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { botEnv, post, spawnBot, startBot } from '../support/bot.ts';
import { lastingPort } from '../support/port.ts';
import { startSlackApi } from '../support/slack-api.ts';
import { startSmtpServer } from '../support/smtp.ts';
import { cardFaults, outOfOrder } from './faults.ts';

const CHANNELS = 40;
/** Fewer have cards: Slack takes some fifty updates of messages a minute. */
const CARD_CHANNELS = 5;

const RULES = `rules:
  - id: mail
    on: ["booking.*"]
    actions: [{ email: { to: "{{ data.attendee_email }}", template: booking-confirmed } }]
  - id: post
    on: ["booking.*"]
    actions: [{ slack: { channel: "#c{{ data.schedule_id }}", template: booking, as: plain } }]
  - id: card
    on: ["booking.*"]
    when: { data.schedule_id: { $in: [${Array.from({ length: CARD_CHANNELS }, (_, n) => `"${n}"`)}] } }
    actions: [{ slack: { channel: "#d{{ data.schedule_id }}", template: booking } }]
  - id: row
    on: ["*"]
    actions: [{ sheet: { file: all.csv, columns: { Webhook: "{{ id }}", Booking: "{{ data.id }}" } } }]
`;

export type KillCounts = {
  readonly seed: number;
  readonly kills: number;
  /** Webhooks that were answered 200, and those of them sent twice on purpose. */
  readonly accepted: number;
  readonly duplicatesSent: number;
  readonly deliveries: number;
  readonly done: number;
  readonly dead: number;
  readonly superseded: number;
  /** Attempts that a kill cut short: no sink may have more repeats than of these. */
  readonly underWayAtKills: Readonly<Record<'email' | 'slack' | 'sheet', number>>;
  readonly repeats: Readonly<Record<'email' | 'slack' | 'sheet', number>>;
  /** What must not be: each entry names the webhook or delivery. */
  readonly faults: readonly string[];
};

/** Numbers from [0, 1) that are the same for the same seed (a linear congruential generator of modulus 2^32). */
const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

/**
 * Runs the real program under load, ends it with SIGKILL again and again at moments the seed decides, lets it come to
 * rest, and compares all that was accepted with the store and with what arrived at the mail server, Slack and the sheet.
 */
export const killAndAudit = async ({
  kills,
  seed,
  log,
}: {
  kills: number;
  seed: number;
  log: (line: string) => void;
}): Promise<KillCounts> => {
  const random = seeded(seed);
  const dataDir = await mkdtemp(join(tmpdir(), 'webkasa-bot-kill-'));
  await writeFile(join(dataDir, 'rules.yaml'), RULES);
  const smtp = await startSmtpServer();
  const slack = await startSlackApi({
    unlimited: true,
    channels: ['c', 'd'].flatMap((kind) =>
      Array.from({ length: CHANNELS }, (_, n) => ({
        id: `C0KILL${kind.toUpperCase()}${n}`,
        name: `${kind}${n}`,
        member: true,
      })),
    ),
  });
  const env = botEnv(dataDir, {
    SMTP_URL: smtp.url,
    MAIL_FROM: 'bookings@example.com',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_API_URL: slack.url,
    LOG_LEVEL: 'warn',
  });
  // The URL is printed at info; the port stays the same through all restarts.
  const settings = { ...env, LOG_LEVEL: 'info', PORT: String(await lastingPort()) };

  const accepted = new Set<string>();
  let duplicatesSent = 0;
  let url = `http://127.0.0.1:${settings.PORT}/webhooks/webkasa`;
  let sending = true;
  let next = 0;

  const deliver = async (webhook: { id: string }): Promise<void> => {
    for (;;) {
      const { status } = await post(url, webhook);
      if (status === 200) break;
      if (status >= 400 && status < 500) throw new Error(`refused with ${status}`);
      await pause(10);
    }
    accepted.add(webhook.id);
  };

  const sender = async (): Promise<void> => {
    while (sending) {
      const n = next++;
      for (const [step, verb] of ['created', 'confirmed', 'cancelled'].entries()) {
        const webhook = aBooking(n, step, verb);
        await deliver(webhook);
        if (random() < 0.1) {
          duplicatesSent += 1;
          await deliver(webhook);
        }
      }
      await pause(15);
    }
  };

  const senders = Promise.all([sender(), sender(), sender()]);
  for (let kill = 1; kill <= kills; kill += 1) {
    const bot = spawnBot(settings);
    const early = random() < 0.2;
    if (early) await pause(100 + random() * 500);
    else {
      url = await bot.listening;
      await pause(20 + random() * 350);
    }
    const gone = new Promise((resolve) => bot.child.once('exit', resolve));
    bot.child.kill('SIGKILL');
    await gone;
    log(
      `kill ${kill} of ${kills}${early ? ' (while starting)' : ''}: ${accepted.size} accepted, ${smtp.messages.length} mails, ${slack.posts.length} posts`,
    );
  }
  const quiet = await startBot(settings);
  sending = false;
  await senders;
  await settled(dataDir);
  await quiet.end('SIGTERM');
  const counts = await audit({ dataDir, accepted, smtp, slack });
  await Promise.all([smtp.close(), slack.close()]);
  return { seed, kills, accepted: accepted.size, duplicatesSent, ...counts };
};

const aBooking = (n: number, step: number, verb: string) => ({
  id: `wh_${n}_${step}`,
  type: `booking.${verb}`,
  created_at: new Date(Date.UTC(2027, 0, 15, 10, step)).toISOString(),
  data: {
    id: `bk_${n}`,
    schedule_id: String(n % CHANNELS),
    start_time: '2099-02-15T10:00:00Z',
    end_time: '2099-02-15T11:00:00Z',
    status: verb.toUpperCase(),
    attendee_name: `Person ${n}`,
    attendee_email: `person.${n}@example.com`,
  },
});

const settled = async (dataDir: string): Promise<void> => {
  const store = await openSqliteStore(join(dataDir, 'webkasa-bot.db'));
  const until = Date.now() + 120_000;
  for (;;) {
    const { unrouted, deliveries } = await store.status();
    if (unrouted + deliveries.pending + deliveries.running === 0) break;
    if (Date.now() > until)
      throw new Error(`not at rest after two minutes: ${JSON.stringify({ unrouted, deliveries })}`);
    await pause(100);
  }
  await store[Symbol.asyncDispose]();
};

type Sinks = {
  readonly dataDir: string;
  readonly accepted: ReadonlySet<string>;
  readonly smtp: Awaited<ReturnType<typeof startSmtpServer>>;
  readonly slack: Awaited<ReturnType<typeof startSlackApi>>;
};

const audit = async ({ dataDir, accepted, smtp, slack }: Sinks) => {
  const store = await openSqliteStore(join(dataDir, 'webkasa-bot.db'));
  const stories: StoryWebhook[] = [];
  for (const id of accepted) stories.push(...(await store.story(id)).webhooks);
  await store[Symbol.asyncDispose]();

  const faults: string[] = [];
  const known = new Set(stories.map(({ id }) => id));
  for (const id of accepted) if (!known.has(id)) faults.push(`${id} was answered 200 and is not in the store`);
  for (const { id, decidedAt, decisions } of stories) {
    if (decidedAt === null || decisions.length !== 4) faults.push(`${id} has ${decisions.length} of 4 decisions`);
  }
  const deliveries = stories.flatMap((story) => story.deliveries);
  for (const { id, status } of deliveries) {
    if (!['done', 'dead', 'superseded'].includes(status)) faults.push(`${id} is ${status}`);
  }

  const rows = parse(await readFile(join(dataDir, 'sheets/all.csv')), { columns: true }) as { Webhook: string }[];
  const arrived = {
    email: (await smtp.parsed()).map(({ messageId = '' }) => messageId.slice(1).split('@')[0] ?? ''),
    slack: slack.posts.map((entry) => String(entry.metadata?.event_payload.delivery_id)),
    sheet: rows.map(
      ({ Webhook }) => deliveries.find((one) => one.kind === 'sheet' && one.webhookId === Webhook)?.id ?? Webhook,
    ),
  };
  const repeats = { email: 0, slack: 0, sheet: 0 };
  const underWayAtKills = { email: 0, slack: 0, sheet: 0 };
  for (const kind of ['email', 'slack', 'sheet'] as const) {
    const ofKind = deliveries.filter((delivery) => delivery.kind === kind);
    const seen = new Set(arrived[kind]);
    repeats[kind] = arrived[kind].length - seen.size;
    underWayAtKills[kind] = ofKind
      .flatMap(({ attempts }) => attempts)
      .filter(({ outcome }) => outcome === 'unclear').length;
    for (const { id, status, together } of ofKind) {
      if (status === 'done' && !seen.has(id) && !together) faults.push(`${kind} ${id} is done and did not arrive`);
    }
    if (repeats[kind] > underWayAtKills[kind])
      faults.push(`${kind}: ${repeats[kind]} repeats, ${underWayAtKills[kind]} under way at kills`);
  }
  faults.push(...cardFaults(slack.posts, deliveries));
  faults.push(...outOfOrder(deliveries, arrived.email, 'email'), ...outOfOrder(deliveries, arrived.slack, 'slack'));
  const count = (status: string): number => deliveries.filter((delivery) => delivery.status === status).length;
  return {
    deliveries: deliveries.length,
    done: count('done'),
    dead: count('dead'),
    superseded: count('superseded'),
    underWayAtKills,
    repeats,
    faults,
  };
};
