import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import { syncFolder } from '../../runtime/sync-folder.ts';

export type OutboxFile = {
  readonly folder: string;
  /** When the webhook's change happened, in Unix milliseconds: files sort by it. */
  readonly at: number;
  /** The delivery's id, so that an attempt that is repeated replaces its file. */
  readonly id: string;
  /** `.eml` or `.json`. */
  readonly ending: string;
  readonly content: string | Uint8Array;
};

/**
 * Writes `20270115T103000Z-dl_….eml` and the like atomically, synced to disk; returns its path. Rejects with a DeliveryError
 * that pauses the channel. `instead` is the setting that would send for real.
 */
export const writeOutboxFile = async (file: OutboxFile, instead: string): Promise<string> => {
  const time = new Date(file.at).toISOString().replace(/[-:]|\.\d+/g, '');
  const path = join(file.folder, `${time}-${file.id.replace(/[^\w.-]/g, '_')}${file.ending}`);
  try {
    await mkdir(file.folder, { recursive: true });
    await writeWhole(file.folder, path, file.content);
  } catch (cause) {
    throw new DeliveryError(
      'outbox_unwritable',
      `The outbox ${file.folder} can't be written (${messageOf(cause)}). Make room or give the bot the right to write ` +
        `there; or set ${instead} to send for real. What is to be sent waits until then.`,
      { verdict: 'channel', cause },
    );
  }
  return path;
};

const writeWhole = async (folder: string, path: string, content: string | Uint8Array): Promise<void> => {
  const unfinished = join(folder, `.${randomUUID()}.tmp`);
  try {
    await using file = await open(unfinished, 'wx');
    await file.writeFile(content);
    await file.sync();
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  // The rename is durable only once the folder is synced.
  await syncFolder(folder);
};
