import { createSeen } from '../connection/seen.ts';

/** Lets a thing be done once, however often it is clicked. */
export type Once = {
  /** True the first time for a key, within ten minutes. */
  first(key: string): boolean;
  /** Forgets a key: what it stood for did not come about, and may be tried again. */
  forget(key: string): void;
};

/**
 * In memory alone, against impatient fingers: a double click, or a payload that Slack sends twice. What must not be done
 * twice after a restart either has a token in the store.
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
