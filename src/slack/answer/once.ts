import { createSeen } from '../connection/seen.ts';

/** Lets something be done once, however often it is clicked. */
export type Once = {
  /** Whether this is the first call for a key within ten minutes. */
  first(key: string): boolean;
  /** Forgets a key whose work failed, so that it can be tried again. */
  forget(key: string): void;
};

/**
 * Kept in this process's memory alone, against double clicks and redelivered payloads. What must not be done twice across
 * restarts and processes has an idempotency token in the store instead.
 */
export const createOnce = (now: () => number): Once => {
  const seen = createSeen<true>({ forMs: 600_000, most: 5_000, now });
  return {
    first(key) {
      if (seen.get(key)) return false;
      seen.keep(key, true);
      return true;
    },
    forget: seen.forget,
  };
};
