/** Remembers keys for a while, to recognize what comes twice. The number of keys is bounded. */
export type Seen<Value> = {
  /** The value kept for a key; undefined once it was forgotten. */
  get(key: string): Value | undefined;
  keep(key: string, value: Value): void;
  forget(key: string): void;
};

/** `forMs`: how long a key is remembered; `most`: how many keys, beyond which the oldest are forgotten early. */
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
