import { DeliveryError } from '../../core/errors.ts';
import { createRateLimit, type RateLimit } from '../../runtime/rate-limit.ts';

/** The rates Slack allows (https://docs.slack.dev/apis/web-api/rate-limits). */
export type Pace = {
  /** About one message a second for each destination. */
  readonly posts: RateLimit;
  /** Takes a place for a message; throws a `wait` where there is none now. */
  takePost(destination: string): void;
  /** The same for chat.update, which has one limit for the whole workspace. */
  takeUpdate(): void;
  /**
   * Waits for a place for a message, ahead of deliveries that were put off; throws a `wait` where that takes more than a few
   * seconds.
   */
  post(destination: string): Promise<void>;
  update(): Promise<void>;
  blockPosts(destination: string, forMs: number): void;
  blockUpdates(forMs: number): void;
};

/** Tier 3 allows at least 50 a minute, with bursts; where Slack wants fewer, its answer says for how long. */
const UPDATES = { perSecond: 50 / 60, burst: 50 };
const ALL = 'chat.update';
const MOST_PATIENCE = 5_000;

export const createPace = (now: () => number, sleep: (milliseconds: number) => Promise<void>): Pace => {
  const posts = createRateLimit({ perSecond: 1, burst: 5 });
  const updates = createRateLimit(UPDATES);

  const take = (rate: RateLimit, key: string): void => {
    const time = now();
    const until = rate.take(key, time);
    if (until > time) throw notYet(until - time);
  };

  const waitFor = async (rate: RateLimit, key: string): Promise<void> => {
    const deadline = now() + MOST_PATIENCE;
    for (;;) {
      const time = now();
      const free = rate.next(key);
      if (free <= time) return take(rate, key);
      if (free > deadline) throw notYet(free - time);
      await sleep(free - time);
    }
  };

  return {
    posts,
    takePost: (destination) => take(posts, destination),
    takeUpdate: () => take(updates, ALL),
    post: (destination) => waitFor(posts, destination),
    update: () => waitFor(updates, ALL),
    blockPosts: (destination, forMs) => posts.block(destination, now() + forMs),
    blockUpdates: (forMs) => updates.block(ALL, now() + forMs),
  };
};

const notYet = (forMs: number): DeliveryError =>
  new DeliveryError(
    'its_turn',
    'Waits for its turn: Slack takes about one message a second to a channel, and fifty changes a minute.',
    { verdict: 'wait', retryAfterMs: forMs },
  );
