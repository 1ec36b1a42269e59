import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import { createdAt } from '../../core/webhook.ts';
import type { Channel } from '../channel.ts';
import { type MessageDeps, slackMessage } from '../slack/message.ts';

/**
 * Stands in for Slack where no token is set: each post becomes a JSON file of the arguments chat.postMessage would have
 * got. The name is made from the webhook's time and the delivery, so that a repeat replaces its file. A file is either
 * not there or whole, and synced to disk before its receipt.
 */
export const createSlackOutbox = (deps: MessageDeps & { readonly folder: string }): Channel => {
  let made: Promise<unknown> | undefined;
  return {
    kind: 'slack',
    concurrency: 8,
    async perform(delivery) {
      const message = slackMessage(delivery, deps);
      const time = new Date(createdAt(delivery.webhook, delivery.receivedAt)).toISOString().replaceAll(':', '-');
      const file = join(deps.folder, `${time}-${delivery.id.replace(/[^\w-]/g, '_')}.json`);
      try {
        made ??= mkdir(deps.folder, { recursive: true });
        await made;
        await writeWhole(file, `${JSON.stringify(message, undefined, 2)}\n`, delivery.attempt);
      } catch (error) {
        // The folder may have been removed meanwhile: the next try makes it again.
        made = undefined;
        throw new DeliveryError('outbox_failed', `The post can't be written to ${file}: ${messageOf(error)}`, {
          verdict: 'retry',
          cause: error,
        });
      }
      return { summary: `written to the outbox for ${message.channel}`, detail: { file } };
    },
  };
};

const writeWhole = async (file: string, content: string, attempt: number): Promise<void> => {
  const draft = `${file}.${attempt}.tmp`;
  const handle = await open(draft, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  await syncFolder(file);
};

/** Makes the name itself last, which fsync of the file does not. */
const syncFolder = async (file: string): Promise<void> => {
  const folder = await open(join(file, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
