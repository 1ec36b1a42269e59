import { DatabaseFailure } from './failure.ts';

export type Grouping<Item, Answer> = {
  /** Groups that are on their way at the same time: while one waits for the disk, the next is written. */
  readonly underWay: number;
  /** Items of a group at the most. */
  readonly most: number;
  /** What a group may weigh, where items differ. One that weighs more by itself goes alone. */
  readonly weight?: { readonly of: (item: Item) => number; readonly most: number };
  /** Milliseconds after which whoever waits is told that it failed; it may have been done all the same. */
  readonly within?: number;
  /** Does all of a group or, where it rejects, nothing of it; its answers in the order of the items. */
  run(group: readonly Item[]): Promise<readonly Answer[]>;
  /** Whether this failure may be of one item alone, so that each of the group is tried by itself. */
  ofOne(error: unknown): boolean;
};

type Waiting<Item, Answer> = {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
};

/**
 * Does items in groups, which share a commit: what is asked for in one turn of the event loop goes together, and what comes
 * while as many groups as may be are under way goes with the next.
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
