/** Google's quotas are per minute; a little longer here, to allow for network latency and its own clock. */
const WINDOW = 62_000;

/** A sliding-window rate limit: never more than a number of requests within any minute. */
export type Minute = {
  /** Takes a place at `now` and returns `now`, or takes none and returns when one is free (Unix milliseconds). */
  take(now: number): number;
};

export const createMinute = (most: number): Minute => {
  /** When the newest requests were made, the oldest first. */
  const times: number[] = [];
  return {
    take(now) {
      const [oldest] = times;
      if (times.length >= most && oldest !== undefined) {
        const left = oldest + WINDOW - now;
        // A clock that was set back must not make the wait longer than it ever is.
        if (left > 0) return now + Math.min(left, WINDOW);
        times.shift();
      }
      times.push(now);
      return now;
    },
  };
};
