/** Runs what is given under the same key one after the other, in the order it was given; other keys go on beside. */
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
