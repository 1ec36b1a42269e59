import { OperatorError } from '../../core/errors.ts';

/** Parses SMTP_URL; throws an OperatorError where it is not the URL of an SMTP server. */
export const requireSmtpUrl = (smtpUrl: string): URL => {
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  if (url && /^smtps?:$/.test(url.protocol) && url.hostname) return url;
  // Not repeated: it may hold a password.
  throw new OperatorError('SMTP_URL is not a URL of an SMTP server.', {
    remedy: 'Write one like smtp://user:password@mail.example.com:587, special characters in the password as %40.',
  });
};
