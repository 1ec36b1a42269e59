/** The time of the database, which is one for all processes, whatever the machines they run on take it to be. */
export type DatabaseClock = {
  /** In Unix milliseconds. It goes on evenly between what is heard, whoever sets this machine's clock meanwhile. */
  now(): number;
  /** `time` is what the database said, asked and answered then by `performance.now()`. */
  heard(time: number, askedAt: number, answeredAt: number): void;
};

/** An answer that took longer says too little of when the time was read. */
const LONGEST_WAY_MS = 1_000;
/** Differences of the way are not followed. */
const NEAR_MS = 100;

/** `even` is a clock that nobody sets. */
export const createDatabaseClock = (even: () => number = () => performance.now()): DatabaseClock => {
  let ahead: number | undefined;
  return {
    now: () => (ahead === undefined ? Date.now() : Math.trunc(even() + ahead)),
    heard(time, askedAt, answeredAt) {
      if (ahead !== undefined && answeredAt - askedAt > LONGEST_WAY_MS) return;
      const found = time - (askedAt + answeredAt) / 2;
      if (ahead === undefined || Math.abs(found - ahead) > NEAR_MS) ahead = found;
    },
  };
};
