import { DatabaseFailure } from './failure.ts';

export type Grouping<Item, Answer> = {
  /** How many groups run concurrently: while one waits for the disk, the next is written. */
  readonly underWay: number;
  /** Upper limit of items in a group. */
  readonly most: number;
  /** Upper limit of a group's total weight, if items differ in size. An item above it goes alone. */
  readonly weight?: { readonly of: (item: Item) => number; readonly most: number };
  /** Milliseconds after which an item's promise rejects. Unless the item still waits, it may be done all the same. */
  readonly within?: number;
  /**
   * Does a whole group and returns the answers in the order of its items. It rejects if nothing was done or, with a failure
   * for which `ofOne` is false, if that can't be known.
   */
  run(group: readonly Item[]): Promise<readonly Answer[]>;
  /** Whether a single item may have caused this failure. Then each item of the group is tried on its own. */
  ofOne(error: unknown): boolean;
};

type Waiting<Item, Answer> = {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
};

/**
 * Batches items into groups that share a commit: items that arrive within one turn of the event loop form a group, and items
 * that arrive while `underWay` groups run wait for the next one.
 */
export const inGroups = <Item, Answer>(grouping: Grouping<Item, Answer>): ((item: Item) => Promise<Answer>) => {
  const { most, weight, within } = grouping;
  let waiting: Waiting<Item, Answer>[] = [];
  let underWay = 0;
  let scheduled = false;

  const run = async (group: readonly Waiting<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await grouping.run(group.map(({ item }) => item));
      for (const [place, one] of group.entries()) one.resolve(answers[place] as Answer);
    } catch (error) {
      if (group.length > 1 && grouping.ofOne(error)) for (const one of group) await run([one]);
      else for (const one of group) one.reject(error);
    }
  };

  const take = (): Waiting<Item, Answer>[] => {
    let weighs = 0;
    const end = waiting.findIndex(({ item }, index) => {
      weighs += weight?.of(item) ?? 0;
      return index === most || (index > 0 && weight !== undefined && weighs > weight.most);
    });
    return waiting.splice(0, end === -1 ? waiting.length : end);
  };

  const send = (): void => {
    scheduled = false;
    while (waiting.length > 0 && underWay < grouping.underWay) {
      underWay += 1;
      void run(take()).finally(() => {
        underWay -= 1;
        send();
      });
    }
  };

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const one = { item, resolve, reject };
    waiting.push(one);
    if (!scheduled) setImmediate(send);
    scheduled = true;
    if (within === undefined) return promise;
    const late = setTimeout(() => {
      waiting = waiting.filter((other) => other !== one);
      reject(new DatabaseFailure('The database did not answer in time.'));
    }, within);
    return promise.finally(() => clearTimeout(late));
  };
};
