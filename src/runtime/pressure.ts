import type { Wake } from './wake.ts';

/** Tells background work whether requests are coming in thick and fast, or wait, so that it can give way. */
export type Pressure = {
  /** Passes on what is done for one request, which it takes note of. */
  during<Answer>(work: Promise<Answer>): Promise<Answer>;
  /** Whether more than about 500 requests a second are served, or more than four wait at the same time. */
  high(): boolean;
};

const WINDOW = 100;
/** How often work that gives way looks whether it still has to. */
const LOOK = 50;
const BUSY = 50;
/**
 * So many at the same time, in the mean of a window. Counting alone would not do: where several processes share a machine,
 * each serves the fewer the more of it background work takes, and none would find that it is time to give way.
 */
const CROWD = 4;

type Window = { served: number; waited: number };

/** `now` in milliseconds, of a clock that is never set: `performance.now`. */
export const createPressure = (now: () => number): Pressure => {
  let windowStart = 0;
  let current: Window = { served: 0, waited: 0 };
  let previous: Window = { served: 0, waited: 0 };
  let waiting = 0;
  let countedUntil = 0;

  /** Counts the time of those who wait until that moment. */
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

/** Rests while the pressure is high, for so many milliseconds at the most. */
export const giveWay = async (
  pressure: Pick<Pressure, 'high'>,
  alarm: Pick<Wake, 'rest'>,
  milliseconds: number,
): Promise<void> => {
  for (let rested = 0; rested < milliseconds && pressure.high(); rested += LOOK) await alarm.rest(LOOK);
};
