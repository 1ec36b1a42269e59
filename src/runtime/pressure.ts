import type { Wake } from './wake.ts';

/** Tells background work whether requests are coming in thick and fast, so that it can give way. */
export type Pressure = {
  /** One more request was served. */
  note(): void;
  /** Whether requests come at more than about 500 a second. */
  high(): boolean;
};

const WINDOW = 100;
/** How often work that gives way looks whether it still has to. */
const LOOK = 50;
const BUSY = 50;

export const createPressure = (now: () => number): Pressure => {
  let windowStart = 0;
  let current = 0;
  let previous = 0;
  const roll = (): void => {
    const time = now();
    const age = time - windowStart;
    if (age >= 0 && age < WINDOW) return;
    // A clock that was set back makes the age negative: what was counted then says nothing about now.
    previous = age >= 0 && age < 2 * WINDOW ? current : 0;
    current = 0;
    windowStart = time;
  };
  return {
    note() {
      roll();
      current += 1;
    },
    high() {
      roll();
      return Math.max(previous, current) > BUSY;
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
