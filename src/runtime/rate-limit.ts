/** A token bucket per key: allows bursts up to a size, and a steady rate after that. Times are Unix milliseconds. */
export type RateLimit = {
  /**
   * Takes a token and returns `now`, or returns when to ask again where there is none. Callers that ask at the same time are
   * given different times, so that a long queue does not come back all at once.
   */
  take(key: string, now: number): number;
  /** When the next token is available, whoever was told to come back for it; now or earlier where there is one. */
  next(key: string): number;
  /** Gives no token before `until`, and only at the steady rate from then on. */
  block(key: string, until: number): void;
};

/** How far ahead callers are told to come back at the latest, so that tokens which become free earlier are found. */
const SPREAD = 60_000;
/** Above so many keys, those whose bucket is full again are forgotten. */
const MANY = 1_000;

export const createRateLimit = (options: { readonly perSecond: number; readonly burst: number }): RateLimit => {
  const interval = 1000 / options.perSecond;
  const tolerance = (options.burst - 1) * interval;
  /**
   * The generic cell rate algorithm (ITU-T I.371): the time at which a bucket is full again is its whole state. `sent` is the
   * latest time that a caller was told to come back at.
   */
  const buckets = new Map<string, { fullAt: number; sent: number }>();

  const bucketOf = (key: string): { fullAt: number; sent: number } => {
    const bucket = buckets.get(key) ?? { fullAt: 0, sent: 0 };
    buckets.set(key, bucket);
    return bucket;
  };

  const forgetIdle = (now: number): void => {
    for (const [key, { fullAt, sent }] of buckets) if (Math.max(fullAt, sent) <= now) buckets.delete(key);
  };

  return {
    take(key, now) {
      if (buckets.size >= MANY && !buckets.has(key)) forgetIdle(now);
      const bucket = bucketOf(key);
      const next = bucket.fullAt - tolerance;
      if (next <= now) {
        bucket.fullAt = Math.max(bucket.fullAt, now) + interval;
        return now;
      }
      const free = Math.max(next, bucket.sent + interval);
      bucket.sent = Math.min(free, Math.max(next, now + SPREAD));
      return Math.ceil(bucket.sent);
    },
    next: (key) => Math.ceil((buckets.get(key)?.fullAt ?? 0) - tolerance),
    block(key, until) {
      const bucket = bucketOf(key);
      bucket.fullAt = Math.max(bucket.fullAt, until + tolerance);
      bucket.sent = 0;
    },
  };
};
