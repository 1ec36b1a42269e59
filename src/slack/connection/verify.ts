import { createHmac, timingSafeEqual } from 'node:crypto';

/** The headers with which Slack signs a request. */
export type SlackSignature = {
  /** `X-Slack-Signature`. */
  readonly signature: string;
  /** `X-Slack-Request-Timestamp`: Unix seconds. */
  readonly timestamp: string;
};

/** `stale`: correctly signed, but with a timestamp more than five minutes in the past or the future. */
export type SlackCheck = 'valid' | 'missing' | 'malformed' | 'wrong' | 'stale';

/** How many milliseconds a timestamp may differ from the clock, in either direction. */
export const TOLERANCE = 5 * 60_000;

// Lower case only: a digest in upper case would be a second valid signature, which the replay guard would not know.
const SIGNATURE = /^v0=([0-9a-f]{64})$/;
const TIMESTAMP = /^\d{1,11}$/;

/** The signature of a body at a timestamp (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
export const slackSign = (body: Uint8Array, timestamp: string, secret: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;

/** Verifies the exact bytes of a request, in constant time. An empty secret, which everybody knows, matches nothing. */
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
  /** Records a valid signature; false if it was seen before while its timestamp is still accepted. */
  fresh(given: SlackSignature, now: number): boolean;
};

/** Many times what a busy workspace sends in ten minutes. Only valid signatures count, so nobody but Slack can fill it. */
const MOST = 20_000;

/** Remembers signatures for as long as they could be replayed. */
export const createReplayGuard = (most = MOST): ReplayGuard => {
  const usable = new Map<string, number>();
  return {
    fresh({ signature, timestamp }, now) {
      // Requests come roughly in the order of their timestamps, so the oldest entries expire first.
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
