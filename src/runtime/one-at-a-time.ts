/** Serializes work by key: one after the other within a key, in the order of the calls; keys don't wait for each other. */
export const createOneAtATime = (): (<Result>(key: string, run: () => Promise<Result>) => Promise<Result>) => {
  const last = new Map<string, Promise<unknown>>();
  return async (key, run) => {
    const before = last.get(key);
    const turn = before === undefined ? run() : before.then(run, run);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
};
