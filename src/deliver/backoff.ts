/** Attempts before a delivery becomes a dead letter: about three days with the delays below. */
export const MOST_TRIES = 17;

const FIRST = 10_000;
const FACTOR = 2.5;
const LONGEST = 8 * 3_600_000;

/**
 * Exponential backoff: whole milliseconds to wait after the given attempt (1 for the first), 10 s, 25 s, 1 min … 8 h. Jitter
 * of up to a fifth either way keeps deliveries that failed together from coming back together. `random` is from [0, 1).
 */
export const retryDelay = (tries: number, random: number): number =>
  Math.round(Math.min(LONGEST, FIRST * FACTOR ** (tries - 1)) * (0.8 + 0.4 * random));

export const LONGEST_PAUSE = 15 * 60_000;

/** Milliseconds for which a channel stays paused after so many consecutive failures of its credentials: 1 to 15 minutes. */
export const pauseLength = (failures: number): number => Math.min(LONGEST_PAUSE, 60_000 * 2 ** (failures - 1));
