/** What was found out: `sure` unless it could not be asked for just now, and `value` then is what was known before. */
export type Found<Value> = { readonly value: Value | null; readonly sure: boolean };

/** What a look-up came to, and for how long that is good, in milliseconds; undefined where it failed. */
export type LookedUp<Value> = { readonly value: Value | null; readonly keep: number } | undefined;

export type Memory<Value> = {
  /** What is known under a key without looking, however old. */
  known(key: string): Value | null;
  /** What is known under a key, else what `load` finds; those who ask for the same at the same time share one look-up. */
  get(key: string, load: () => Promise<LookedUp<Value>>): Promise<Found<Value>>;
};

type Kept<Value> = { readonly value: Value | null; readonly at: number; readonly keep: number };

/** What seems to be found out later than now was so before the clock was set back. */
const isFresh = ({ at, keep }: Kept<unknown>, now: number): boolean => now >= at && now - at < keep;

/** Remembers at most so many; those that were not asked for the longest are forgotten first. */
export const createMemory = <Value>(most: number, now: () => number): Memory<Value> => {
  const kept = new Map<string, Kept<Value>>();
  const loading = new Map<string, Promise<Found<Value>>>();

  const remember = (key: string, what: Kept<Value>): void => {
    kept.delete(key);
    kept.set(key, what);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) return;
      kept.delete(oldest);
    }
  };

  const lookUp = async (key: string, load: () => Promise<LookedUp<Value>>): Promise<Found<Value>> => {
    const found = await load();
    if (!found) return { value: kept.get(key)?.value ?? null, sure: false };
    remember(key, { ...found, at: now() });
    return { value: found.value, sure: true };
  };

  return {
    known: (key) => kept.get(key)?.value ?? null,
    async get(key, load) {
      const known = kept.get(key);
      if (known && isFresh(known, now())) {
        remember(key, known);
        return { value: known.value, sure: true };
      }
      const before = loading.get(key);
      if (before) return before;
      const looking = lookUp(key, load).finally(() => loading.delete(key));
      loading.set(key, looking);
      return looking;
    },
  };
};
