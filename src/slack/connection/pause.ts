const FIRST = 1_000;

/** Five minutes: what somebody mends in Slack is noticed soon enough, and Slack is not pestered until then. */
export const LONGEST_PAUSE = 300_000;

/**
 * Milliseconds to wait before connecting again after so many failures in a row: none after the first, since a connection
 * that only broke is best made anew at once; then 1 s, 2 s … up to five minutes, each up to a quarter shorter or longer so
 * that bots which lost Slack together do not come back together. `random` is from [0, 1).
 */
export const pauseAfter = (failures: number, random: number): number =>
  failures <= 1 ? 0 : Math.round(Math.min(LONGEST_PAUSE, FIRST * 2 ** (failures - 2)) * (0.75 + random / 2));
