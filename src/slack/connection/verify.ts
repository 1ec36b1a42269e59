import { createHmac, timingSafeEqual } from 'node:crypto';

/** What Slack sends along with a request's body. */
export type SlackSignature = {
  /** `X-Slack-Signature`. */
  readonly signature: string;
  /** `X-Slack-Request-Timestamp`: Unix seconds. */
  readonly timestamp: string;
};

/** `stale`: signed with the secret, but more than five minutes ago, or for a time that is more than five minutes ahead. */
export type SlackCheck = 'valid' | 'missing' | 'malformed' | 'wrong' | 'stale';

/** How far, in milliseconds, a timestamp may be from the clock, either way. */
export const TOLERANCE = 5 * 60_000;

// One spelling only: a digest in capital letters would be a second signature for the same request.
const SIGNATURE = /^v0=([0-9a-f]{64})$/;
const TIMESTAMP = /^\d{1,11}$/;

/** The signature of these bytes at a time (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
export const slackSign = (body: Uint8Array, timestamp: string, secret: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;

/**
 * Checks the exact bytes of a request, in time that does not depend on where a forgery differs. An empty secret, which
 * everybody knows, fits nothing.
 */
export const checkSlackSignature = (
  { signature, timestamp }: SlackSignature,
  body: Uint8Array,
  secret: string,
  now: number,
): SlackCheck => {
  if (signature === '' || timestamp === '') return 'missing';
  if (!SIGNATURE.test(signature) || !TIMESTAMP.test(timestamp)) return 'malformed';
  const right = timingSafeEqual(Buffer.from(slackSign(body, timestamp, secret)), Buffer.from(signature));
  if (!right || secret === '') return 'wrong';
  return Math.abs(now - Number(timestamp) * 1000) > TOLERANCE ? 'stale' : 'valid';
};

export type ReplayGuard = {
  /** Notes a valid signature; false where it was seen before, while its timestamp is still accepted. */
  fresh(given: SlackSignature, now: number): boolean;
};

/** Many times what a busy workspace sends in ten minutes. Only what Slack signed counts: nobody else can fill it. */
const MOST = 20_000;

/** Remembers the signatures that could still be used again. */
export const createReplayGuard = (most = MOST): ReplayGuard => {
  const usable = new Map<string, number>();
  return {
    fresh({ signature, timestamp }, now) {
      // Slack's requests come roughly in the order of their timestamps, so the first are the first to be of no more use.
      for (const [old, until] of usable) {
        if (until >= now && usable.size < most) break;
        usable.delete(old);
      }
      if (usable.has(signature)) return false;
      usable.set(signature, Number(timestamp) * 1000 + TOLERANCE);
      return true;
    },
  };
};
