import type { RateLimit } from '../../runtime/rate-limit.ts';
import type { DueDelivery } from '../../store/ports.ts';

/** Who may go to Slack now, and where a queue has grown so long that it is told together. */
export type Admission = {
  /** See Channel.admit. */
  admit(due: readonly DueDelivery[], now: number): number[];
  /** Says that a delivery begins; returns whether its first message has its place already. */
  begin(delivery: DueDelivery, now: number): boolean;
  /** Whether a destination's queue is told together at present. */
  folding(destination: string, now: number): boolean;
};

/** More than so many waiting for one channel, which takes about one a second, and the queue is told together. */
const LONG_QUEUE = 20;
/** How many go at once without waiting, see the rate of posts. */
const AT_ONCE = 5;
/** Folding ends when no more than so many came within this time, and no more wait: as many as Slack takes in it. */
const CALM = { most: 10, withinMs: 10_000 };
/** As many may wait to be told together at a time; the others leave the lane's places to other channels meanwhile. */
const MOST_JOINING = 80;
const NEXT_FLUSH_MS = 1_500;
/** Those who wait for a place ask again after this at the latest: by then their queue may be told together. */
const ASK_AGAIN_MS = 5_000;
/** A delivery that was let in and not begun, or sent away and not heard of again, is forgotten after this. */
const FORGOTTEN_MS = 60_000;

export const createAdmission = (
  posts: Pick<RateLimit, 'next' | 'take'>,
  joining: (destination: string) => number,
): Admission => {
  /** When the last few came, one more than is calm, by destination, where the queue is told together. */
  const folds = new Map<string, number[]>();
  /** Let in without a place of their own, and when, by destination and delivery. */
  const unpaid = createSets();
  /** Sent away to ask again, and when. */
  const away = createSets();

  const folding = (destination: string, now: number): boolean => {
    // The first of the last few: when even that one is long ago (or a clock was set back), it is calm.
    const [first] = folds.get(destination) ?? [];
    if (first === undefined) return false;
    const waiting = joining(destination) + away.of(destination, now).size;
    if (Math.abs(now - first) < CALM.withinMs || waiting > CALM.most) return true;
    folds.delete(destination);
    return false;
  };

  const arrived = (destination: string, now: number): void => {
    const arrivals = folds.get(destination);
    if (!arrivals) return;
    arrivals.push(now);
    if (arrivals.length > CALM.most + 1) arrivals.shift();
  };

  const letIn = (id: string, destination: string, now: number): number => {
    // Who was sent away came before that.
    if (!away.of(destination, now).has(id)) arrived(destination, now);
    if (unpaid.of(destination, now).size + joining(destination) >= MOST_JOINING) return now + NEXT_FLUSH_MS;
    away.of(destination, now).delete(id);
    unpaid.of(destination, now).set(id, now);
    return now;
  };

  const line = (id: string, destination: string, now: number): number => {
    const until = posts.take(destination, now);
    if (until <= now) away.of(destination, now).delete(id);
    else away.of(destination, now).set(id, now);
    return until <= now ? until : Math.max(posts.next(destination), Math.min(until, now + ASK_AGAIN_MS));
  };

  const beginFolding = (due: readonly DueDelivery[], now: number): void => {
    for (const [destination, asking] of Map.groupBy(due, (each) => each.destination)) {
      if (folding(destination, now)) continue;
      const before = away.of(destination, now);
      const waiting = new Set([...before.keys(), ...asking.map(({ id }) => id)]);
      const free = before.size > 0 ? 0 : AT_ONCE;
      if (waiting.size - free > LONG_QUEUE) folds.set(destination, [now]);
    }
  };

  return {
    admit(due, now) {
      beginFolding(due, now);
      return due.map(({ id, destination }) =>
        folding(destination, now) ? letIn(id, destination, now) : line(id, destination, now),
      );
    },
    begin: ({ id, destination }, now) => !unpaid.of(destination, now).delete(id),
    folding,
  };
};

/** Deliveries and when they were put there, by destination; those of long ago are forgotten. */
const createSets = () => {
  const sets = new Map<string, Map<string, number>>();
  return {
    of(destination: string, now: number): Map<string, number> {
      if (sets.size > MANY) for (const [key, { size }] of sets) if (size === 0) sets.delete(key);
      const set = sets.get(destination) ?? new Map<string, number>();
      sets.set(destination, set);
      for (const [id, at] of set) if (at < now - FORGOTTEN_MS) set.delete(id);
      return set;
    },
  };
};

/** Above so many destinations, those where nobody waits are forgotten. */
const MANY = 1_000;
