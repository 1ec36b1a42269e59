import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { DeliveryError, messageOf } from '../../core/errors.ts';
import type { MailTransport, OutgoingMail } from '../email/transport.ts';

/**
 * Writes each mail, as it would have been sent, to `folder` as an .eml file that mail programs open. The name is made of
 * when it happened and the delivery, so that files sort by time and a mail written twice is one file. Synced to disk
 * before it counts as written.
 */
export const createMailOutbox = (folder: string): MailTransport => {
  const composer = createTransport({
    streamTransport: true as const,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send(mail, signal) {
      if (signal.aborted) throw stopped();
      const { message } = await composer.sendMail(mail.message);
      if (!Buffer.isBuffer(message)) throw new TypeError('the composer gave a stream in place of a buffer');
      const path = join(folder, fileName(mail));
      await writeDurably(folder, path, message).catch((cause: unknown) => {
        throw unwritable(folder, cause);
      });
      return { summary: `written to ${path}` };
    },
    async close() {},
  };
};

const fileName = ({ id, at }: OutgoingMail): string => {
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${id.replace(/[^\w.-]/g, '_')}.eml`;
};

const writeDurably = async (folder: string, path: string, content: Buffer): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `.${randomUUID()}.tmp`);
  try {
    await writeSynced(unfinished, content);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  // The new name is only on disk once the folder is.
  await using handle = await open(folder, 'r');
  await handle.sync();
};

const writeSynced = async (path: string, content: Buffer): Promise<void> => {
  await using file = await open(path, 'wx');
  await file.writeFile(content);
  await file.sync();
};

const unwritable = (folder: string, cause: unknown): DeliveryError =>
  new DeliveryError(
    'outbox_unwritable',
    `The outbox ${folder} can't be written (${messageOf(cause)}). Make room or give the bot the right to write there; ` +
      'or set SMTP_URL to send mails for real. Mail waits until then.',
    { verdict: 'channel', cause },
  );

const stopped = (): DeliveryError =>
  new DeliveryError('stopped', 'The bot was stopped before it wrote the mail. It goes on after the next start.', {
    verdict: 'retry',
  });
