import { onTestFinished } from 'vitest';
import { createSmtpTransport } from '../../../src/deliver/email/smtp.ts';
import type { MailTransport, OutgoingMail } from '../../../src/deliver/email/transport.ts';
import { type SmtpServerOptions, type SmtpStandIn, startSmtpServer } from '../../support/smtp.ts';

/** A server for the test that runs. */
export const serve = async (options: SmtpServerOptions = {}): Promise<SmtpStandIn> => {
  const server = await startSmtpServer(options);
  onTestFinished(() => server.close());
  return server;
};

/** A transport for the test that runs. */
export const connect = (url: string): MailTransport => {
  const transport = createSmtpTransport(url);
  onTestFinished(() => transport.close());
  return transport;
};

export const aMail = (id = 'dl_1'): OutgoingMail => ({
  id,
  at: Date.parse('2027-01-15T10:30:00Z'),
  message: {
    from: { name: 'Studio', address: 'bookings@example.com' },
    to: { name: 'John', address: 'john@example.com' },
    subject: 'You are booked',
    text: 'Hello\n',
    html: '<p>Hello</p>',
    messageId: `<${id}@example.com>`,
  },
});

export const never = new AbortController().signal;

/** What a promise rejects with. */
export const failureOf = async (doing: Promise<unknown>): Promise<unknown> => {
  try {
    await doing;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};
