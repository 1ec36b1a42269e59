import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { openStore, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Store } from '../../src/store/ports.ts';
import { botEnv, post } from './bot.ts';
import { startSlackApi } from './slack-api.ts';
import type { Shown } from './slack-picture.ts';

/** What stands in the channel after these webhooks went through the whole bot: messages, each with its thread. */
export const channelAfter = async (webhooks: readonly unknown[]): Promise<Shown[]> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'slack-card-'));
  await using slack = await startSlackApi({ unlimited: true });
  try {
    const config = readConfig({
      ...botEnv(dataDir),
      TIMEZONE: 'Europe/Berlin',
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: 'nobody types here',
      SLACK_API_URL: slack.url,
    });
    const app = await startApp(config, pino({ level: 'silent' }));
    try {
      await using store = await openStore(config);
      // One after the other, as they come over a day: each is told before the next arrives.
      for (const webhook of webhooks) {
        await post(app.webhookUrl, webhook);
        await settled(store);
      }
    } finally {
      await app.stop();
    }
    const shown = (thread: string | undefined): Shown[] =>
      slack.posts
        .filter((message) => message.thread === thread)
        .map(({ text, blocks, ts }) => ({ text, blocks, thread: thread === undefined ? shown(ts) : [] }));
    return shown(undefined);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};

const settled = async (store: Store): Promise<void> => {
  for (;;) {
    const { unrouted, deliveries } = await store.status();
    if (unrouted + deliveries.pending + deliveries.running === 0) return;
    await pause(50);
  }
};
