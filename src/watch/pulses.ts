/** The heartbeats of the background loops. */
export type Pulses = {
  /** Notes that a loop has made a round, or some progress in one. */
  beat(loop: string): void;
  /** How many milliseconds ago each loop gave its last heartbeat; loops that never gave one are left out. */
  still(): readonly { readonly loop: string; readonly milliseconds: number }[];
};

/** `now` is a monotonic clock in milliseconds, so that setting the system clock makes no loop look dead. */
export const createPulses = (now: () => number = () => performance.now()): Pulses => {
  const last = new Map<string, number>();
  return {
    beat: (loop) => void last.set(loop, now()),
    still: () => [...last].map(([loop, at]) => ({ loop, milliseconds: now() - at })),
  };
};
