/**
 * A message that is under way when its process ends, or its connection breaks, still reaches Slack a little later: before
 * that, looking for it proves nothing.
 */
export type Arrival = {
  /** Waits until what was sent before `at`, Unix milliseconds, has arrived. */
  ofSentBefore(at: number): Promise<void>;
  /** The same of what was about to be sent at `since`, by this process or by an earlier one, which ended before this began. */
  ofSent(since: number): Promise<void>;
};

const ON_ITS_WAY_MS = 3_000;

export const createArrival = (now: () => number, sleep: (milliseconds: number) => Promise<void>): Arrival => {
  const begunAt = now();

  const ofSentBefore = async (at: number): Promise<void> => {
    // No longer than that, whatever became of the clock.
    const early = Math.min(at + ON_ITS_WAY_MS - now(), ON_ITS_WAY_MS);
    if (early > 0) await sleep(early);
  };

  return { ofSentBefore, ofSent: (since) => ofSentBefore(Math.max(since, begunAt)) };
};
