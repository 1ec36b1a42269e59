import { DeliveryError } from '../../core/errors.ts';
import type { MailTransport } from '../email/transport.ts';
import { writeOutboxFile } from './file.ts';

/** Writes each mail, as it would have been sent, to `folder` as an .eml file that mail programs open. */
export const createMailOutbox = (folder: string): MailTransport => {
  let composing: ReturnType<typeof createComposer> | undefined;

  return {
    async send({ message: mail, at, id }, signal) {
      if (signal.aborted) throw stopped();
      composing ??= createComposer();
      const { message } = await (await composing).sendMail(mail);
      if (!Buffer.isBuffer(message)) throw new TypeError('the composer gave a stream in place of a buffer');
      const path = await writeOutboxFile({ folder, at, id, ending: '.eml', content: message }, 'SMTP_URL');
      return { summary: `written to ${path}` };
    },
    async close() {},
  };
};

/** nodemailer is loaded with the first mail only: a bot with an SMTP server never needs it in this thread. */
const createComposer = async () => {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    streamTransport: true as const,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
};

const stopped = (): DeliveryError =>
  new DeliveryError('stopped', 'The bot was stopped before it wrote the mail. It goes on after the next start.', {
    verdict: 'retry',
  });
