/** A clock by which waiting takes no time: it is ahead of the machine's by as much as was waited. */
export const leapingTime = (): {
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
} => {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: async (milliseconds) => {
      ahead += milliseconds;
    },
  };
};
