import { createHmac, timingSafeEqual } from 'node:crypto';

export type SignatureCheck = 'valid' | 'missing' | 'malformed' | 'wrong';

const FORM = /^sha256=([0-9a-f]{64})$/;

/** The value of `X-WebKasa-Signature` for these bytes: `sha256=` and the HMAC-SHA256 in lower-case hex. */
export const sign = (body: Uint8Array, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/**
 * Checks the header against the exact bytes and every secret in use, in time that does not depend on which matches or
 * where a forgery differs. Two headers arrive joined by a comma and are malformed. No secrets: nothing is valid; an empty
 * one, which everybody knows, is none.
 */
export const checkSignature = (header: string, body: Uint8Array, secrets: readonly string[]): SignatureCheck => {
  if (header === '') return 'missing';
  const digest = FORM.exec(header)?.[1];
  if (digest === undefined) return 'malformed';
  const given = Buffer.from(digest, 'hex');
  const matches = secrets
    .filter((secret) => secret !== '')
    .map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
  return matches.includes(true) ? 'valid' : 'wrong';
};
