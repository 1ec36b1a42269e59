const FIRST = 1_000;

/** Five minutes: soon enough to notice what somebody mended in Slack, without pestering Slack until then. */
export const LONGEST_PAUSE = 300_000;

/**
 * The backoff in milliseconds after so many consecutive failures: none after the first, because a connection that merely
 * broke is best reopened at once; then 1 s, 2 s … up to five minutes. Each has up to a quarter of jitter, so that bots which
 * lost Slack together do not come back together. `random` is from [0, 1).
 */
export const pauseAfter = (failures: number, random: number): number =>
  failures <= 1 ? 0 : Math.round(Math.min(LONGEST_PAUSE, FIRST * 2 ** (failures - 2)) * (0.75 + random / 2));
