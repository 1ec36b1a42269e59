import { DeliveryError } from '../../core/errors.ts';
import { isTlsFault, readSmtpFailure, type SmtpFailure } from './smtp-failure.ts';

type Meaning = Pick<DeliveryError, 'code' | 'verdict'> & {
  readonly unclear?: boolean;
  readonly what: string;
  readonly next: string;
};

/**
 * What a failed send means. A server's reply decides. Without one, the server may have accepted the mail if it was `begun`:
 * if any of the message itself had been handed to the connection.
 */
export const classifyMailError = (error: unknown, { begun }: { begun: boolean } = { begun: true }): DeliveryError => {
  if (error instanceof DeliveryError) return error;
  const failure = readSmtpFailure(error);
  const { code, verdict, unclear, what, next } =
    failure.status > 0 ? meaningOfReply(failure, begun) : meaningOfSilence(failure, begun);
  const said = failure.reply && ` The server said: ${failure.reply.replace(/\.$/, '')}.`;
  return new DeliveryError(code, `${what}.${said} ${next}`, { verdict, unclear: unclear ?? false, cause: error });
};

/** The code of a refusal that makes trying this address again pointless. */
export const UNKNOWN_ADDRESS = 'unknown_address';

// RFC 3463 §3.2, RFC 7505: no such mailbox or host, a mailbox that has moved or is disabled, a domain that takes no mail.
// Policy, spam and relaying (5.7) or a full mailbox (5.2.2) say nothing about the address.
const GONE = /^55\d[ -]5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b/;
const ENHANCED = /^5\d\d[ -]\d\.\d+\.\d+\b/;
const SAYS_GONE =
  /\b(?:no such (?:user|mailbox|recipient|address)|(?:user|recipient|mailbox|address) (?:unknown|not found|does(?: not|n't) exist)|unknown (?:user|recipient|mailbox|address))\b/i;

/** Whether a refusal says that there is no such address; an enhanced status code takes precedence over the words. */
const saysUnknown = (reply: string): boolean =>
  GONE.test(reply) || (/^55[0134]\b/.test(reply) && !ENHANCED.test(reply) && SAYS_GONE.test(reply));

const AGAIN = 'It is tried again by itself.';
const WAITS = 'Mail waits until then, nothing is lost.';

const LOGIN: Meaning = {
  code: 'login_refused',
  verdict: 'channel',
  what: 'The mail server refused the login',
  next: `Check user and password in SMTP_URL (special characters written as %40 and the like), then restart. ${WAITS}`,
};

const TLS: Meaning = {
  code: 'tls_failed',
  verdict: 'channel',
  what: 'No secure connection to the mail server could be made',
  next:
    'Check in SMTP_URL that the host is the name on its certificate, and the port: smtps:// is for 465, smtp:// for ' +
    `587. ${WAITS}`,
};

const OVER_QUOTA: Meaning = {
  code: 'over_quota',
  verdict: 'retry',
  what: 'The mail account may not send more at present',
  next: `${AGAIN} If this happens often, raise the limit with your mail provider.`,
};

const DEFERRED: Meaning = {
  code: 'deferred',
  verdict: 'retry',
  what: 'The mail server does not take the mail at present',
  next: AGAIN,
};

const MESSAGE_REFUSED: Meaning = {
  code: 'message_refused',
  verdict: 'permanent',
  what: 'The mail server refused the message',
  next: 'Mend what it names, in the template or with your mail provider, then retry.',
};

const MAILBOX_FULL: Meaning = {
  code: 'mailbox_full',
  verdict: 'permanent',
  what: "The recipient's mailbox is full",
  next: 'Retry later, when there is space in it again.',
};

const REFUSED_BY_POLICY: Meaning = {
  code: 'refused_by_policy',
  verdict: 'permanent',
  what: "The recipient's mail server does not take this mail, by rules of its own",
  next: "Look at SPF, DKIM and the reputation of the sender's domain, then retry.",
};

/** RFC 4954 §6: the server requires a (stronger) login, whichever command it says so at. */
const WANTS_LOGIN = [530, 534, 535, 538];

const meaningOfReply = (failure: SmtpFailure, begun: boolean): Meaning => {
  const { code, status, command, reply } = failure;
  // Gmail reports its daily limit as a 550, though it ends the next day (RFC 3463: 5.4.5).
  if (/^5\d\d[ -]5\.4\.5\b/.test(reply)) return OVER_QUOTA;
  // A 503 from nodemailer is about the session, not about this mail.
  if (status < 500 || status === 503) return DEFERRED;
  if (code === 'EAUTH' || WANTS_LOGIN.includes(status)) return LOGIN;
  if (code === 'ETLS') return TLS;
  if (command === 'RCPT TO') return recipientRefused(reply);
  if (command === 'MAIL FROM') return isAboutMessage(status, reply) ? MESSAGE_REFUSED : senderRefused;
  if (code === 'EMESSAGE' || command === 'DATA') return aboutRecipient(reply) ?? MESSAGE_REFUSED;
  return begun ? DEFERRED : turnedAway;
};

/** Refused for its size or content, although already at MAIL FROM, which announces the size. */
const isAboutMessage = (status: number, reply: string): boolean =>
  status === 552 || /^5\d\d[ -]5\.(?:2\.3|3\.4|6\.\d+)\b/.test(reply);

const senderRefused: Meaning = {
  code: 'sender_refused',
  verdict: 'channel',
  what: 'The mail server refused the sender',
  next: `Set MAIL_FROM to an address that this account may send from, then restart. ${WAITS}`,
};

const turnedAway: Meaning = {
  code: 'server_refused',
  verdict: 'channel',
  what: 'The mail server refused to talk to the bot at all',
  next: `Ask your mail provider why, or name another server in SMTP_URL. ${WAITS}`,
};

/**
 * Always about this one recipient, whatever the reply says: it can come from the recipient's own server, which must not be
 * able to pause the mail of everybody else.
 */
const recipientRefused = (reply: string): Meaning => {
  const refused = aboutRecipient(reply);
  if (refused) return refused;
  const relay = /\brelay/i.test(reply);
  return {
    code: saysUnknown(reply) ? UNKNOWN_ADDRESS : relay ? 'relay_refused' : 'recipient_refused',
    verdict: 'permanent',
    what: 'The mail server refused the recipient',
    next: relay
      ? 'It seems to relay only after a login: check user and password in SMTP_URL, then retry.'
      : 'Check that the address exists and is written correctly, then retry.',
  };
};

/** A refusal whose enhanced code (RFC 3463 §3.3, §3.8) says that the address is not to blame. */
const aboutRecipient = (reply: string): Meaning | undefined => {
  if (/^5\d\d[ -]5\.2\.2\b/.test(reply)) return MAILBOX_FULL;
  return /^5\d\d[ -]5\.7\.\d+\b/.test(reply) && !/\brelay/i.test(reply) ? REFUSED_BY_POLICY : undefined;
};

const meaningOfSilence = (failure: SmtpFailure, begun: boolean): Meaning => {
  const { code, cause, message } = failure;
  if (code === 'EABORT') {
    const what = `The bot was stopped ${begun ? 'while it sent the mail, which may have been accepted' : 'before it sent the mail'}`;
    return { code: 'stopped', verdict: 'retry', unclear: begun, what, next: 'It goes on after the next start.' };
  }
  if (isTlsFault(failure)) return { ...TLS, what: `${TLS.what} (${message.replace(/\.$/, '')})` };
  if (['EAUTH', 'ENOAUTH', 'EOAUTH2'].includes(code)) return { ...LOGIN, what: `The login failed (${message})` };
  if (code === 'EENVELOPE') return /sender/i.test(message) ? senderRefused : recipientRefused('');
  if (code === 'EMESSAGE') return { ...MESSAGE_REFUSED, what: `The message can't be sent (${message})` };
  if (begun) return lost(failure);
  if (code === 'ETIMEDOUT' || cause === 'ETIMEDOUT') return unreachable('timeout', 'did not answer in time');
  if (code === 'EDNS') return unreachable('unknown_host', `has a name that can't be looked up (${message})`);
  return unreachable('unreachable', `can't be reached (${cause || message})`);
};

const lost = ({ code, message }: SmtpFailure): Meaning => ({
  code: code === 'ETIMEDOUT' ? 'timeout' : 'connection_lost',
  verdict: 'retry',
  unclear: true,
  what: `The connection was lost while the mail was sent (${message}), so it may have been accepted`,
  next: 'It is sent again by itself with the same Message-ID, by which mail programs can tell that it is the same.',
});

const unreachable = (code: string, what: string): Meaning => ({
  code,
  verdict: 'retry',
  what: `The mail server ${what}`,
  next: `${AGAIN} If this lasts, check host and port in SMTP_URL.`,
});
