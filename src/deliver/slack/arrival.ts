/**
 * A message that is in flight when its process dies or its connection breaks may still reach Slack a little later; not finding
 * it before that proves nothing.
 */
export type Arrival = {
  /** Waits until what was sent before `at`, Unix milliseconds, has arrived. */
  ofSentBefore(at: number): Promise<void>;
  /** The same for a message that was about to be sent at `since`, by this process or by one that ended before it began. */
  ofSent(since: number): Promise<void>;
};

const ON_ITS_WAY_MS = 3_000;

export const createArrival = (now: () => number, sleep: (milliseconds: number) => Promise<void>): Arrival => {
  const begunAt = now();

  const ofSentBefore = async (at: number): Promise<void> => {
    // Bounded, should the clock have been set back.
    const early = Math.min(at + ON_ITS_WAY_MS - now(), ON_ITS_WAY_MS);
    if (early > 0) await sleep(early);
  };

  return { ofSentBefore, ofSent: (since) => ofSentBefore(Math.max(since, begunAt)) };
};
