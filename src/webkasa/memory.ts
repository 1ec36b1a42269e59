/** A looked-up value. `sure` is false if the look-up failed just now: `value` is then what was known before. */
export type Found<Value> = { readonly value: Value | null; readonly sure: boolean };

/** The result of a look-up and how long to keep it, in milliseconds; undefined if the look-up failed. */
export type LookedUp<Value> = { readonly value: Value | null; readonly keep: number } | undefined;

export type Memory<Value> = {
  /** The cached value of a key, however old. */
  known(key: string): Value | null;
  /**
   * The cached value of a key if it is fresh and was asked for at or after `since` (Unix milliseconds), else what `load`
   * finds. Concurrent callers for one key share a look-up.
   */
  get(key: string, load: () => Promise<LookedUp<Value>>, since?: number): Promise<Found<Value>>;
};

/** `at`: when it was asked for, rather than answered. An answer need not reflect changes made after that. */
type Kept<Value> = { readonly value: Value | null; readonly at: number; readonly keep: number };
type Loading<Value> = { readonly at: number; readonly found: Promise<Found<Value>> };

/** A time in the future means that the clock was set back since: the value counts as stale. */
const isFresh = ({ at, keep }: Kept<unknown>, now: number): boolean => now >= at && now - at < keep;

/** A cache of at most `most` values that evicts the least recently used first. */
export const createMemory = <Value>(most: number, now: () => number): Memory<Value> => {
  const kept = new Map<string, Kept<Value>>();
  const loading = new Map<string, Loading<Value>>();

  const remember = (key: string, what: Kept<Value>): void => {
    kept.delete(key);
    kept.set(key, what);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) return;
      kept.delete(oldest);
    }
  };

  const lookUp = async (key: string, at: number, load: () => Promise<LookedUp<Value>>): Promise<Found<Value>> => {
    const found = await load();
    const known = kept.get(key);
    if (!found) return { value: known?.value ?? null, sure: false };
    // A look-up that started later may have finished earlier.
    if (!known || known.at <= at || known.at > now()) remember(key, { ...found, at });
    return { value: found.value, sure: true };
  };

  return {
    known: (key) => kept.get(key)?.value ?? null,
    async get(key, load, since = Number.NEGATIVE_INFINITY) {
      const known = kept.get(key);
      if (known && known.at >= since && isFresh(known, now())) {
        remember(key, known);
        return { value: known.value, sure: true };
      }
      const before = loading.get(key);
      if (before && before.at >= since) return before.found;
      const at = now();
      const looking: Loading<Value> = {
        at,
        found: lookUp(key, at, load).finally(() => loading.get(key) === looking && loading.delete(key)),
      };
      loading.set(key, looking);
      return looking.found;
    },
  };
};
