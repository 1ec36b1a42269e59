/** When each background loop last gave a sign of life. */
export type Pulses = {
  /** A loop went round, or did something. */
  beat(loop: string): void;
  /** Loops that have ever gone round, and for how many milliseconds each has stood still. */
  still(): readonly { readonly loop: string; readonly milliseconds: number }[];
};

/** `now` is a clock that only goes forward, so that a change of the time of day makes no loop look dead. */
export const createPulses = (now: () => number = () => performance.now()): Pulses => {
  const last = new Map<string, number>();
  return {
    beat: (loop) => void last.set(loop, now()),
    still: () => [...last].map(([loop, at]) => ({ loop, milliseconds: now() - at })),
  };
};
