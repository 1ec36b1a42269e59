import type { RateLimit } from '../../runtime/rate-limit.ts';
import type { DueDelivery } from '../../store/ports.ts';

/** Who may go to Slack now, and where a queue has grown so long that it is told together. */
export type Admission = {
  /** See Channel.admit. */
  admit(due: readonly DueDelivery[], now: number): number[];
  /** Says that a delivery begins; returns whether its first message has its place already. */
  begin(id: string): boolean;
  /** Whether a destination's queue is told together at present. */
  folding(destination: string, now: number): boolean;
};

/** More than so many waiting for one channel, which takes about one a second, and the queue is told together. */
const LONG_QUEUE = 20;
/** How many go at once without waiting, see the rate of posts. */
const AT_ONCE = 5;
/** Folding ends when fewer than so many came within this time. */
const CALM = { arrivals: 10, withinMs: 30_000 };
/** As many may wait to be told together at a time; the others leave the lane's places to other channels meanwhile. */
const MOST_JOINING = 80;
const NEXT_FLUSH_MS = 1_500;
/** A delivery that was let in and then not begun has lost its place after this. */
const FORGOTTEN_MS = 60_000;

export const createAdmission = (
  posts: Pick<RateLimit, 'take' | 'waiting'>,
  joining: (destination: string) => number,
): Admission => {
  /** When the last few came, by destination, where the queue is told together. */
  const folds = new Map<string, number[]>();
  /** Let in without a place of their own, by delivery. */
  const unpaid = new Map<string, { readonly destination: string; readonly at: number }>();

  const folding = (destination: string, now: number): boolean => {
    // The first of the last few: when even that one is long ago (or a clock was set back), it is calm.
    const [first] = folds.get(destination) ?? [];
    if (first === undefined) return false;
    if (Math.abs(now - first) < CALM.withinMs) return true;
    folds.delete(destination);
    return false;
  };

  const arrived = (destination: string, now: number): void => {
    const arrivals = folds.get(destination);
    if (!arrivals) return;
    arrivals.push(now);
    if (arrivals.length > CALM.arrivals) arrivals.shift();
  };

  const forgetLost = (now: number): void => {
    for (const [id, { at }] of unpaid) if (at < now - FORGOTTEN_MS) unpaid.delete(id);
  };

  const letIn = (id: string, destination: string, now: number): number => {
    arrived(destination, now);
    const begun = [...unpaid.values()].filter((each) => each.destination === destination).length;
    if (begun + joining(destination) >= MOST_JOINING) return now + NEXT_FLUSH_MS;
    unpaid.set(id, { destination, at: now });
    return now;
  };

  const beginFolding = (due: readonly DueDelivery[], now: number): void => {
    const counts = new Map<string, number>();
    for (const { destination } of due) counts.set(destination, (counts.get(destination) ?? 0) + 1);
    for (const [destination, count] of counts) {
      if (folding(destination, now)) continue;
      const before = posts.waiting(destination, now);
      if ((before > 0 ? before + count : count - AT_ONCE) > LONG_QUEUE) folds.set(destination, [now]);
    }
  };

  return {
    admit(due, now) {
      forgetLost(now);
      beginFolding(due, now);
      return due.map(({ id, destination }) =>
        folding(destination, now) ? letIn(id, destination, now) : posts.take(destination, now),
      );
    },
    begin: (id) => !unpaid.delete(id),
    folding,
  };
};
