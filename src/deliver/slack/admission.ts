import type { RateLimit } from '../../runtime/rate-limit.ts';
import type { DueDelivery } from '../../store/ports.ts';

/** Rate limiting before an attempt begins, and detection of queues so long that they are folded into a summary. */
export type Admission = {
  /** See Channel.admit. */
  admit(due: readonly DueDelivery[], now: number): number[];
  /** To be called when an attempt begins; returns whether its first message already has a place in the rate. */
  begin(delivery: DueDelivery, now: number): boolean;
  /** Whether a destination's queue is folded into a summary at present. */
  folding(destination: string, now: number): boolean;
};

/** A queue longer than this is folded: a channel takes about one message a second. */
const LONG_QUEUE = 20;
/** How many go at once without waiting; the burst of the rate in pace.ts. */
const AT_ONCE = 5;
/** Folding ends when at most so many came within this time and at most so many wait: what Slack takes in that time. */
const CALM = { most: 10, withinMs: 10_000 };
/** At most so many attempts wait to be folded at a time; they occupy places of the lane, which other channels need too. */
const MOST_JOINING = 80;
const NEXT_FLUSH_MS = 1_500;
/** Deliveries that wait for a place ask again after this at the latest: their queue may be folded by then. */
const ASK_AGAIN_MS = 5_000;
/** A delivery that was admitted but never began, or was put off and never asked again, is forgotten after this. */
const FORGOTTEN_MS = 60_000;

export const createAdmission = (
  posts: Pick<RateLimit, 'next' | 'take'>,
  joining: (destination: string) => number,
): Admission => {
  /** For each destination that is folded: the arrival times of the last few deliveries, one more than counts as calm. */
  const folds = new Map<string, number[]>();
  /** Admitted to be folded, without a place of their own: when, by destination and delivery. */
  const unpaid = createSets();
  /** Put off until later: when, by destination and delivery. */
  const away = createSets();

  const folding = (destination: string, now: number): boolean => {
    // Calm once even the first of the last few is long ago (or the clock was set back).
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

  const admitFolded = (id: string, destination: string, now: number): number => {
    // One that was put off has arrived before.
    if (!away.of(destination, now).has(id)) arrived(destination, now);
    if (unpaid.of(destination, now).size + joining(destination) >= MOST_JOINING) return now + NEXT_FLUSH_MS;
    away.of(destination, now).delete(id);
    unpaid.of(destination, now).set(id, now);
    return now;
  };

  const admitSingle = (id: string, destination: string, now: number): number => {
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
        folding(destination, now) ? admitFolded(id, destination, now) : admitSingle(id, destination, now),
      );
    },
    begin: ({ id, destination }, now) => !unpaid.of(destination, now).delete(id),
    folding,
  };
};

/** Deliveries and when they were added, by destination; old entries expire. */
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

/** Above so many destinations, those without deliveries are dropped. */
const MANY = 1_000;
