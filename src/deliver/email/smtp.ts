import { Readable } from 'node:stream';
import { createTransport, type NodemailerError, type SendMailOptions } from 'nodemailer';
import { DeliveryError } from '../../core/errors.ts';
import { classifyMailError } from './classify.ts';
import { requireSmtpUrl } from './smtp-url.ts';
import type { MailAddress, MailMessage, MailTransport, RefusedCopy } from './transport.ts';

const seconds = (count: number): number => count * 1000;

/**
 * How long one attempt may take in all. nodemailer's own limits start anew with each byte of the server; RFC 5321
 * §4.5.3.2 would have us wait ten minutes for a verdict, in which the place in the pool could send hundreds.
 */
const LONGEST_ATTEMPT = seconds(120);

/**
 * Mails through an SMTP server over up to five kept connections. `smtpUrl` is nodemailer's: smtp://user:password@host:587,
 * smtps:// for TLS from the start, any option of its SMTP transport in the query (`?socketTimeout=90000`,
 * `?tls.rejectUnauthorized=false`). Connects with the first mail. Throws an OperatorError where it is no such URL.
 */
export const createSmtpTransport = (smtpUrl: string): MailTransport => {
  const url = requireSmtpUrl(smtpUrl);
  const transporter = createTransport({ ...smtpOptions(url), pool: true as const });

  // The error of a lost connection does not say whether it was lost before or after the mail; whether anybody read from
  // the mail's body does. The signal is of one attempt and of nobody else, so it finds the body again. The mail is built
  // as a whole beforehand: it goes over the wire in two writes then, where nodemailer's pieces take a dozen.
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
   * Hands over the copies by themselves, once the recipient's is accepted: were they all in one, a recipient who is put off
   * would cost those who get a copy one of each try. Never rejects.
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

/** The same mail, for some of those it names. */
const toOnly = (message: MailMessage, some: readonly MailAddress[]): SendMailOptions => ({
  ...message,
  envelope: { from: message.from.address, to: some.map(({ address }) => address) },
});

/** What the server said of each, where it refused all of them. */
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

/** nodemailer's options for a URL; what the URL's query says takes the place of what is said here. */
export const smtpOptions = (url: URL) => {
  const cleaned = new URL(url);
  // These would write whole conversations, with attendees' names, to standard output.
  for (const option of ['logger', 'debug', 'transactionLog']) cleaned.searchParams.delete(option);
  const asked = ['requireTLS', 'ignoreTLS', 'opportunisticTLS'].some((option) => url.searchParams.has(option));
  return {
    url: cleaned.href,
    maxConnections: 5,
    connectionTimeout: seconds(15),
    greetingTimeout: seconds(15),
    dnsTimeout: seconds(10),
    // Content filters take their time after the last line; giving up early means sending twice.
    socketTimeout: seconds(60),
    disableFileAccess: true,
    disableUrlAccess: true,
    // Whoever sits in between could strike STARTTLS from the server's offer and read the password.
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
