import type { Wake } from './wake.ts';

/** Tells background work whether many requests come in, or wait, so that it can give way. */
export type Pressure = {
  /** Counts the work for one request while it is under way, and returns what it resolves to. */
  during<Answer>(work: Promise<Answer>): Promise<Answer>;
  /** Whether more than about 500 requests a second are served, or more than four wait at the same time. */
  high(): boolean;
};

/** Requests are counted in windows of so many milliseconds. */
const WINDOW = 100;
/** Work that gives way checks the pressure again after so many milliseconds. */
const LOOK = 50;
/** The pressure is high above so many requests served in a window. */
const BUSY = 50;
/**
 * It is also high above so many requests waiting at the same time, on average over a window. Counting those served would not
 * suffice: where several processes share a machine, each serves the fewer the more background work takes of it, and none
 * would notice that it has to give way.
 */
const CROWD = 4;

/** `waited` is the time that requests spent waiting, summed over all of them, in milliseconds. */
type Window = { served: number; waited: number };

/** `now` is a monotonic clock in milliseconds, such as `performance.now`. */
export const createPressure = (now: () => number): Pressure => {
  let windowStart = 0;
  let current: Window = { served: 0, waited: 0 };
  let previous: Window = { served: 0, waited: 0 };
  let waiting = 0;
  let countedUntil = 0;

  /** Adds up the time that requests have waited until that moment. */
  const count = (until: number): void => {
    current.waited += waiting * (until - countedUntil);
    countedUntil = until;
  };
  const roll = (): void => {
    const time = now();
    const windows = Math.floor((time - windowStart) / WINDOW);
    if (windows > 0) {
      count(windowStart + WINDOW);
      previous = windows === 1 ? current : { served: 0, waited: waiting * WINDOW };
      current = { served: 0, waited: 0 };
      windowStart += windows * WINDOW;
      countedUntil = windowStart;
    }
    count(time);
  };
  const isHigh = ({ served, waited }: Window): boolean => served > BUSY || waited > CROWD * WINDOW;

  return {
    async during(work) {
      roll();
      waiting += 1;
      try {
        return await work;
      } finally {
        roll();
        waiting -= 1;
        current.served += 1;
      }
    },
    high() {
      roll();
      return isHigh(previous) || isHigh(current);
    },
  };
};

/** Rests while the pressure is high, but no longer than so many milliseconds. */
export const giveWay = async (
  pressure: Pick<Pressure, 'high'>,
  alarm: Pick<Wake, 'rest'>,
  milliseconds: number,
): Promise<void> => {
  for (let rested = 0; rested < milliseconds && pressure.high(); rested += LOOK) await alarm.rest(LOOK);
};
