/** What was found out: `sure` unless it could not be asked for just now, and `value` then is what was known before. */
export type Found<Value> = { readonly value: Value | null; readonly sure: boolean };

/** What a look-up came to, and for how long that is good, in milliseconds; undefined where it failed. */
export type LookedUp<Value> = { readonly value: Value | null; readonly keep: number } | undefined;

export type Memory<Value> = {
  /** What is known under a key without looking, however old. */
  known(key: string): Value | null;
  /**
   * What is known under a key, unless it was asked for before `since` (Unix milliseconds), else what `load` finds; those
   * who ask for the same at the same time share one look-up.
   */
  get(key: string, load: () => Promise<LookedUp<Value>>, since?: number): Promise<Found<Value>>;
};

/** `at`: when it was asked for; what has changed since then an answer need not say. */
type Kept<Value> = { readonly value: Value | null; readonly at: number; readonly keep: number };
type Loading<Value> = { readonly at: number; readonly found: Promise<Found<Value>> };

/** What seems to be found out later than now was so before the clock was set back. */
const isFresh = ({ at, keep }: Kept<unknown>, now: number): boolean => now >= at && now - at < keep;

/** Remembers at most so many; those that were not asked for the longest are forgotten first. */
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
    // One that was asked for later may have been answered earlier.
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
