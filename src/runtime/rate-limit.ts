/** A token bucket for each key: bursts up to a size, and a steady rate after that. Times are Unix milliseconds. */
export type RateLimit = {
  /**
   * Asks for a place: returns `now` where there is one, and uses it up; else when to ask again. Those who ask at the same
   * time are sent away to different times, so that a long queue does not come back all at once.
   */
  take(key: string, now: number): number;
  /** When the next place is free, whoever was sent away to it; now or earlier where one is free. */
  next(key: string): number;
  /** Gives no place before `until`, and then at the steady rate. */
  block(key: string, until: number): void;
};

/** How far ahead those who have to wait are spread; a place that frees up sooner than expected is found by then. */
const SPREAD = 60_000;
/** Above so many keys, those that are as good as new are forgotten. */
const MANY = 1_000;

export const createRateLimit = (options: { readonly perSecond: number; readonly burst: number }): RateLimit => {
  const interval = 1000 / options.perSecond;
  const tolerance = (options.burst - 1) * interval;
  /**
   * The generic cell rate algorithm (ITU-T I.371): the time at which the bucket is full again says all there is to say of
   * it. `sent` is the latest time that somebody was sent away to.
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
      const place = Math.max(next, bucket.sent + interval);
      bucket.sent = Math.min(place, Math.max(next, now + SPREAD));
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
