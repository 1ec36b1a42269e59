/** The database's time, which all processes share, whatever the clocks of their machines say. */
export type DatabaseClock = {
  /** In Unix milliseconds; this machine's time until the first answer. It advances monotonically between answers. */
  now(): number;
  /** Takes in an answer of the database: its `time`, and when it was asked and answered by `performance.now()`. */
  heard(time: number, askedAt: number, answeredAt: number): void;
};

/** After a longer round trip it is too uncertain when the time was read. */
const LONGEST_WAY_MS = 1_000;
/** Smaller differences are jitter of the round trip, and ignored. */
const NEAR_MS = 100;

/** `monotonic` is a clock that nobody sets, in milliseconds. */
export const createDatabaseClock = (monotonic: () => number = () => performance.now()): DatabaseClock => {
  let ahead: number | undefined;
  return {
    now: () => (ahead === undefined ? Date.now() : Math.trunc(monotonic() + ahead)),
    heard(time, askedAt, answeredAt) {
      if (ahead !== undefined && answeredAt - askedAt > LONGEST_WAY_MS) return;
      const found = time - (askedAt + answeredAt) / 2;
      if (ahead === undefined || Math.abs(found - ahead) > NEAR_MS) ahead = found;
    },
  };
};
