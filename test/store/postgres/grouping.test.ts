import { describe, expect, test } from 'vitest';
import { type Grouping, inGroups } from '../../../src/store/postgres/grouping.ts';

/** Groups that end when the test says so. */
const watched = (options: Partial<Grouping<number, string>> = {}) => {
  const groups: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const add = inGroups<number, string>({
    underWay: 1,
    most: 3,
    ofOne: () => false,
    run: (group) =>
      new Promise((resolve, reject) => {
        groups.push(group);
        ends.push((error) => (error ? reject(error) : resolve(group.map((item) => `did ${item}`))));
      }),
    ...options,
  });
  return { add, groups, end: (place: number, error?: Error) => ends[place]?.(error) };
};

describe('a group', () => {
  test('holds what is asked for in one turn of the event loop, up to its limit', async () => {
    const { add, groups, end } = watched();
    const answers = Promise.all([1, 2, 3, 4].map(add));
    await expect.poll(() => groups).toEqual([[1, 2, 3]]);
    end(0);
    await expect.poll(() => groups).toEqual([[1, 2, 3], [4]]);
    end(1);
    expect(await answers).toEqual(['did 1', 'did 2', 'did 3', 'did 4']);
  });

  test('holds what arrives while the maximum of groups is under way', async () => {
    const { add, groups, end } = watched({ underWay: 2 });
    const first = add(1);
    await expect.poll(() => groups).toEqual([[1]]);
    const second = add(2);
    await expect.poll(() => groups).toEqual([[1], [2]]);
    const rest = Promise.all([add(3), add(4)]);
    end(1);
    expect(await second).toBe('did 2');
    await expect.poll(() => groups).toEqual([[1], [2], [3, 4]]);
    end(0);
    end(2);
    expect(await first).toBe('did 1');
    expect(await rest).toEqual(['did 3', 'did 4']);
  });

  test('holds no more than its weight, except a single heavier item', async () => {
    const { add, groups, end } = watched({ weight: { of: (item) => item, most: 10 } });
    const all = Promise.all([4, 6, 1, 20, 2].map(add));
    for (const [place, group] of [[4, 6], [1], [20], [2]].entries()) {
      await expect.poll(() => groups[place]).toEqual(group);
      end(place);
    }
    await all;
  });
});

describe('a group that failed', () => {
  test('fails for each of its items, and the next goes on', async () => {
    const { add, groups, end } = watched();
    const answers = Promise.allSettled([1, 2].map(add));
    await expect.poll(() => groups).toEqual([[1, 2]]);
    end(0, new Error('The connection broke.'));
    expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = add(3);
    await expect.poll(() => groups).toEqual([[1, 2], [3]]);
    end(1);
    expect(await next).toBe('did 3');
  });

  test('is tried item by item if one of them may be the cause', async () => {
    const run = async (group: readonly number[]): Promise<string[]> => {
      if (group.includes(2)) throw new Error('Two is refused.');
      return group.map((item) => `did ${item}`);
    };
    const { add } = watched({ run, ofOne: () => true });
    const answers = await Promise.allSettled([1, 2, 3].map(add));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

test('what waits too long fails, and is not done later if it had not begun', async () => {
  const { add, groups, end } = watched({ within: 20 });
  const [first, second] = [add(1), new Promise((resolve) => setImmediate(resolve)).then(() => add(2))];
  await expect(Promise.all([first, second])).rejects.toThrow('in time');
  await expect(second).rejects.toThrow('in time');
  end(0);
  const third = add(3);
  await expect.poll(() => groups).toEqual([[1], [3]]);
  end(1);
  expect(await third).toBe('did 3');
});
