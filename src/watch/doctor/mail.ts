import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { DeliveryError } from '../../core/errors.ts';
import { classifyMailError } from '../../deliver/email/classify.ts';
import { smtpOptions } from '../../deliver/email/smtp.ts';
import { type Check, type Found, ok, problem, warning } from './check.ts';

/** Logs in to the mail server, with TLS if it is offered. Sends nothing. */
export const smtpCheck = (smtpUrl: string): Check => ({
  name: 'mail server',
  async run({ signal }) {
    const url = new URL(smtpUrl);
    const transport = createTransport({ ...smtpOptions(url), pool: false });
    const stop = (): void => transport.close();
    signal.addEventListener('abort', stop);
    try {
      await transport.verify();
      const login = url.username
        ? `takes the login of ${decodeURIComponent(url.username)}`
        : 'answers, without a login';
      return [ok(`${url.host} ${login}`)];
    } catch (error) {
      const failure = classifyMailError(error, { begun: false });
      return [problem(wordsOf(failure), 'Mend SMTP_URL: .env.example explains how it is written.')];
    } finally {
      signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
});

const wordsOf = (error: unknown): string =>
  error instanceof DeliveryError
    ? error.message.replace(/ It is tried again by itself\.$/, '')
    : 'The mail server refused.';

/** Whether mails from the domain of an address can pass as genuine, as far as the domain's name shows. */
export const senderFinding = (address: string): Found => {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const remedy =
    'Set MAIL_FROM to an address of a domain that is yours, with SPF, DKIM and DMARC for this mail server.';
  if (/(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test|localhost)$/.test(domain)) {
    return problem(`MAIL_FROM is of ${domain}, which is no domain that mails come from.`, remedy);
  }
  if (!domain.includes('.') || isIP(domain.replace(/^\[|\]$/g, '')) !== 0) {
    return problem(`MAIL_FROM is of ${domain}, which is no domain of the internet.`, remedy);
  }
  if (/^(?:gmail|googlemail|outlook|hotmail|yahoo|icloud|gmx|web)\.[a-z.]+$/.test(domain)) {
    return warning(`MAIL_FROM is of ${domain}: sent by any other server, its mails end among the junk.`, remedy);
  }
  return ok(`mails come from ${domain}`);
};
