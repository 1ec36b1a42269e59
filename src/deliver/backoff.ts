/** Tries before a delivery is given up: with the pauses below, about three days. */
export const MOST_TRIES = 17;

const FIRST = 10_000;
const FACTOR = 2.5;
const LONGEST = 8 * 3_600_000;

/**
 * Whole milliseconds to wait after the given try (1 for the first): 10 s, 25 s, 1 min … 8 h, each shortened or lengthened by up
 * to a fifth so that what failed together does not come back together. `random` is from [0, 1).
 */
export const retryDelay = (tries: number, random: number): number =>
  Math.round(Math.min(LONGEST, FIRST * FACTOR ** (tries - 1)) * (0.8 + 0.4 * random));

export const LONGEST_PAUSE = 15 * 60_000;

/** Milliseconds for which a channel stays paused after so many failures of its credentials in a row: 1 to 15 minutes. */
export const pauseLength = (failures: number): number => Math.min(LONGEST_PAUSE, 60_000 * 2 ** (failures - 1));
