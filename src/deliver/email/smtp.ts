import { Readable } from 'node:stream';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';
import { DeliveryError } from '../../core/errors.ts';
import { classifyMailError } from './classify.ts';
import { requireSmtpUrl } from './smtp-url.ts';
import type { MailAddress, MailMessage, MailTransport, RefusedCopy } from './transport.ts';

const seconds = (count: number): number => count * 1000;

/**
 * How long one attempt may take in all. nodemailer's own timeouts start over with each byte from the server; RFC 5321
 * §4.5.3.2 would have us wait ten minutes for a reply, in which the pooled connection could send hundreds of mails.
 */
const LONGEST_ATTEMPT = seconds(120);

/**
 * Sends through an SMTP server over up to five pooled connections. `smtpUrl` is nodemailer's: smtp://user:password@host:587,
 * smtps:// for TLS from the start, any option of its SMTP transport in the query (`?socketTimeout=90000`,
 * `?tls.rejectUnauthorized=false`). Connects with the first mail. Throws an OperatorError where it is no such URL.
 */
export const createSmtpTransport = (smtpUrl: string): MailTransport => {
  const url = requireSmtpUrl(smtpUrl);
  const transporter = createTransport({ ...smtpOptions(url), pool: true as const });

  // The error of a lost connection does not say whether it was lost before or after the message was sent; whether anything
  // read from the body stream does. Each attempt has its own signal, by which its body is found again. The message is built
  // as a whole beforehand: it takes two writes to the socket then, where nodemailer's chunks take a dozen.
  const bodies = new WeakMap<AbortSignal, Readable>();
  transporter.use('stream', ({ data, message }, done) => {
    message.build((error, built) => {
      if (error) return done(error);
      message.createReadStream = () => {
        const body = whole(built);
        if (data.signal) bodies.set(data.signal, body);
        return body;
      };
      done();
    });
  });

  const sendWithin = async (message: SendMailOptions, signal: AbortSignal) => {
    try {
      return await transporter.sendMail({ ...message, signal });
    } catch (error) {
      throw classifyMailError(error, { begun: bodies.get(signal)?.readableDidRead ?? false });
    }
  };

  /**
   * Sends the copies separately, after the recipient's mail was accepted. In one transaction, each retry for a deferred
   * recipient would send those who get a copy another one. Never rejects.
   */
  const sendCopies = async (
    message: MailMessage,
    copies: readonly MailAddress[],
    signal: AbortSignal,
  ): Promise<RefusedCopy[]> => {
    try {
      const { rejectedErrors = [] } = await sendWithin(toOnly(message, copies), signal);
      return rejectedErrors.map((error) => refusedCopy(error.recipient ?? '', error));
    } catch (error) {
      const each = rejectionsIn(error);
      return copies.map(({ address }) => refusedCopy(address, each.find((one) => one.recipient === address) ?? error));
    }
  };

  return {
    async send({ message }, stop) {
      const attempt = new AbortController();
      const letGo = () => attempt.abort();
      const timer = setTimeout(letGo, LONGEST_ATTEMPT);
      stop.addEventListener('abort', letGo, { once: true });
      if (stop.aborted) letGo();
      try {
        const copies = copiesOf(message);
        const { accepted, response, ...info } = await sendWithin(
          copies.length === 0 ? message : toOnly(message, [message.to]),
          attempt.signal,
        );
        if (accepted.length !== 1) throw notAccepted(response);
        const refused = copies.length === 0 ? [] : await sendCopies(message, copies, attempt.signal);
        return {
          summary: `accepted by ${url.hostname}: ${response}`,
          response,
          ...(info.serverMessageId && { messageId: info.serverMessageId }),
          ...(refused.length > 0 && { refused }),
        };
      } catch (error) {
        throw error instanceof DeliveryError && error.code === 'stopped' && !stop.aborted ? tooLong(error) : error;
      } finally {
        clearTimeout(timer);
        stop.removeEventListener('abort', letGo);
      }
    },
    async close() {
      transporter.close();
    },
  };
};

const copiesOf = ({ cc = [], bcc = [] }: MailMessage): MailAddress[] => [...cc, ...bcc];

/** The same mail with an envelope for some of its recipients only. */
const toOnly = (message: MailMessage, some: readonly MailAddress[]): SendMailOptions => ({
  ...message,
  envelope: { from: message.from.address, to: some.map(({ address }) => address) },
});

/** The error of each recipient, where the server refused all of them. */
const rejectionsIn = (error: unknown): readonly NodemailerError[] =>
  (error instanceof DeliveryError && (error.cause as Partial<NodemailerError> | undefined)?.rejectedErrors) || [];

const refusedCopy = (address: string, error: unknown): RefusedCopy => ({ address, error: classifyMailError(error) });

/** A stream of one piece. */
const whole = (bytes: Buffer | undefined): Readable =>
  new Readable({
    read() {
      this.push(bytes);
      this.push(null);
    },
  });

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** nodemailer's options for a URL; options in its query take precedence. */
export const smtpOptions = (url: URL) => {
  const cleaned = new URL(url);
  // These would write whole SMTP conversations, with attendees' data, to standard output.
  for (const option of ['logger', 'debug', 'transactionLog']) cleaned.searchParams.delete(option);
  const asked = ['requireTLS', 'ignoreTLS', 'opportunisticTLS'].some((option) => url.searchParams.has(option));
  return {
    url: cleaned.href,
    maxConnections: 5,
    connectionTimeout: seconds(15),
    greetingTimeout: seconds(15),
    dnsTimeout: seconds(10),
    // Content filters may run after the last line; timing out early would send the mail twice.
    socketTimeout: seconds(60),
    disableFileAccess: true,
    disableUrlAccess: true,
    // Otherwise a man in the middle could strip STARTTLS from the server's offer and read the password.
    ...(url.password && !asked && !LOOPBACK.test(url.hostname) && { requireTLS: true }),
  };
};

const notAccepted = (response: string): DeliveryError =>
  new DeliveryError('recipient_refused', `The mail server took the mail, but not for its recipient: ${response}.`, {
    verdict: 'permanent',
  });

const tooLong = (stopped: DeliveryError): DeliveryError =>
  new DeliveryError(
    'timeout',
    `The mail server took longer than ${LONGEST_ATTEMPT / seconds(1)} seconds. It is tried again by itself.`,
    { verdict: 'retry', unclear: stopped.unclear, cause: stopped },
  );
