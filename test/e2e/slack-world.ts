import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, vi } from 'vitest';
import { openStore, pathsOf, type RunningApp, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { EVENTS_PATH } from '../../src/slack/manifest.ts';
import type { Store } from '../../src/store/ports.ts';
import { botEnv, post } from '../support/bot.ts';
import { keptLog } from '../support/receiver.ts';
import { startSlackApp } from '../support/slack-app.ts';
import type { SeenMessage, SlackApp, SlackAppOptions } from '../support/slack-app-types.ts';
import { type SmtpStandIn, startSmtpServer } from '../support/smtp.ts';
import { tempFolder } from '../support/temp.ts';

export const SIGNING_SECRET = 'signing-secret-of-the-tests';
/** The only operator, where a test says so: `user: ANNA` may, everybody else may not. */
export const ANNA_ALONE = { SLACK_OPERATORS: 'U0ANNA' };

export type World = {
  readonly slack: SlackApp;
  readonly smtp: SmtpStandIn;
  readonly dataDir: string;
  readonly webhookUrl: () => string;
  /** The bot's own store, through a connection beside it. */
  readonly store: Store;
  /** The log, a JSON line each. */
  readonly logged: readonly string[];
  /** Sends a webhook as WebKasa does; throws where it is not accepted. */
  send(webhook: unknown): Promise<void>;
  /** Resolves once nothing waits to be routed or sent any more. */
  settled(): Promise<void>;
  /** Keeps the bot from writing to its store, until the function it returns is called or the test ends. */
  lock(): () => void;
  stop(): Promise<void>;
  /** Starts the bot anew over the same data. */
  restart(): Promise<void>;
};

export type WorldOptions = {
  readonly rules?: string;
  readonly by?: 'http' | 'socket';
  readonly env?: Readonly<Record<string, string>>;
  readonly slack?: SlackAppOptions;
  /** Before the bot starts. */
  readonly prepare?: (slack: SlackApp) => void;
};

/** The whole bot, with a real SMTP server and a Slack in which people type and click. */
export const startWorld = async (options: WorldOptions = {}): Promise<World> => {
  const { rules, by = 'http', env = {}, prepare } = options;
  const dataDir = await tempFolder();
  if (rules) await writeFile(join(dataDir, 'rules.yaml'), rules);
  const slack = await startSlackApp({ unlimited: true, ...options.slack });
  onTestFinished(() => slack[Symbol.asyncDispose]());
  const smtp = await startSmtpServer();
  onTestFinished(() => smtp.close());
  prepare?.(slack);
  const config = readConfig({
    ...botEnv(dataDir),
    SMTP_URL: smtp.url,
    MAIL_FROM: 'Team <bookings@example.com>',
    SLACK_BOT_TOKEN: slack.api.token,
    SLACK_API_URL: slack.api.url,
    ...(by === 'http' ? { SLACK_SIGNING_SECRET: SIGNING_SECRET } : { SLACK_APP_TOKEN: slack.appToken }),
    ...env,
  });
  const { log, lines } = keptLog();

  let app: RunningApp | undefined;
  const start = async (): Promise<void> => {
    app = await startApp(config, log);
    slack.reach(
      by === 'http' ? { by, url: new URL(EVENTS_PATH, app.webhookUrl).href, signingSecret: SIGNING_SECRET } : { by },
    );
    // Before that nobody could reach it.
    if (by === 'socket') await vi.waitFor(() => expect(slack.socket.open()).toBe(1), { timeout: 10_000 });
  };
  const stop = async (): Promise<void> => {
    const running = app;
    app = undefined;
    await running?.stop();
  };
  await start();
  onTestFinished(stop);
  const store = await openStore(config);
  onTestFinished(() => store[Symbol.asyncDispose]());

  const webhookUrl = (): string => app?.webhookUrl ?? '';
  return {
    slack,
    smtp,
    dataDir,
    webhookUrl,
    store,
    logged: lines,
    send: async (webhook) => {
      const answer = await post(webhookUrl(), webhook);
      if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}: ${answer.text}`);
    },
    settled: () =>
      vi.waitFor(
        async () => {
          const { unrouted, deliveries } = await store.status();
          expect({ unrouted, pending: deliveries.pending, running: deliveries.running }).toEqual({
            unrouted: 0,
            pending: 0,
            running: 0,
          });
        },
        { timeout: 15_000, interval: 20 },
      ),
    lock: () => {
      const other = new DatabaseSync(pathsOf(config).database);
      onTestFinished(() => other.close());
      other.exec('BEGIN IMMEDIATE');
      return () => other.exec('ROLLBACK');
    },
    stop,
    restart: async () => {
      await stop();
      await start();
    },
  };
};

/** All words of a message or dialog, as somebody would read them. */
export const wordsOf = (part: unknown): string => {
  if (Array.isArray(part)) return part.map(wordsOf).filter(Boolean).join('\n');
  if (typeof part !== 'object' || part === null) return '';
  return Object.entries(part)
    .map(([key, value]) => (key === 'text' && typeof value === 'string' ? value : wordsOf(value)))
    .filter(Boolean)
    .join('\n');
};

/** What stands on the screen: the blocks, which are what people see. */
export const read = (message: Pick<SeenMessage, 'blocks' | 'text'>): string =>
  message.blocks.length > 0 ? wordsOf(message.blocks) : message.text;

/** The posts of a channel that are there now, without replies. */
export const cardsIn = (slack: SlackApp, channel: string) =>
  slack.api.posts.filter((each) => each.channel === channel && each.thread === undefined);

/** All action ids on a message. */
export const buttonsOn = (part: unknown): string[] => {
  if (Array.isArray(part)) return part.flatMap(buttonsOn);
  if (typeof part !== 'object' || part === null) return [];
  const own = 'action_id' in part && typeof part.action_id === 'string' ? [part.action_id] : [];
  return [...own, ...Object.values(part).flatMap(buttonsOn)];
};
