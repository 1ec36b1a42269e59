/** Remembers keys for a while, so that what comes twice is known; the number remembered is bounded. */
export type Seen<Value> = {
  /** What was kept for a key, if it is still remembered. */
  get(key: string): Value | undefined;
  keep(key: string, value: Value): void;
  forget(key: string): void;
};

/** `forMs`: how long a key is remembered; `most`: above so many, the oldest are forgotten before their time. */
export const createSeen = <Value>(options: {
  readonly forMs: number;
  readonly most: number;
  readonly now: () => number;
}): Seen<Value> => {
  const { forMs, most, now } = options;
  const kept = new Map<string, { readonly value: Value; readonly at: number }>();
  return {
    get(key) {
      const entry = kept.get(key);
      return entry && now() - entry.at < forMs ? entry.value : undefined;
    },
    keep(key, value) {
      for (const [old, { at }] of kept) {
        if (now() - at < forMs && kept.size < most) break;
        kept.delete(old);
      }
      kept.delete(key);
      kept.set(key, { value, at: now() });
    },
    forget(key) {
      kept.delete(key);
    },
  };
};
