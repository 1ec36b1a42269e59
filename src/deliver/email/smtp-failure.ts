import { oneLine, shorten } from '../../template/filters.ts';

/** What nodemailer reports about a failed send, read from an error of any shape. */
export type SmtpFailure = {
  readonly message: string;
  /** nodemailer's code, `EENVELOPE` say; empty for an error that is not its own. */
  readonly code: string;
  /** The code of the system or of TLS beneath it, `ECONNREFUSED` say. */
  readonly cause: string;
  /** The SMTP command that was answered: `MAIL FROM`, `RCPT TO`, `DATA`, `AUTH PLAIN`, `CONN`, … */
  readonly command: string;
  /** The server's reply code, 0 where it gave none. */
  readonly status: number;
  /** The server's reply on one line, shortened. */
  readonly reply: string;
};

const LONGEST_REPLY = 300;

export const readSmtpFailure = (error: unknown): SmtpFailure => {
  const fields = typeof error === 'object' && error !== null ? (error as Readonly<Record<string, unknown>>) : {};
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
  return {
    message: shorten(oneLine(error instanceof Error ? error.message : String(error)), LONGEST_REPLY),
    code: text('code'),
    cause: text('originalCode'),
    command: text('command'),
    status: typeof fields.responseCode === 'number' ? fields.responseCode : 0,
    reply: shorten(oneLine(text('response')), LONGEST_REPLY),
  };
};

/** Whether TLS failed because of settings, ours or the server's, and not the connection: retrying changes nothing. */
export const isTlsFault = ({ code, cause, message }: SmtpFailure): boolean =>
  code === 'EREQUIRETLS' ||
  (code === 'ETLS' && !/closed unexpectedly|timed out/i.test(message)) ||
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO$|HOSTNAME_MISMATCH$)/.test(cause);
