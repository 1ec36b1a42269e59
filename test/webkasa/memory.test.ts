import { expect, test } from 'vitest';
import { createMemory } from '../../src/webkasa/memory.ts';

/** A memory on a clock of its own, and what it was asked to load. */
const start = (most = 10) => {
  const clock = { at: 1_000_000 };
  const loaded: string[] = [];
  const memory = createMemory<string>(most, () => clock.at);
  const get = (key: string, keep = 1_000) =>
    memory.get(key, async () => {
      loaded.push(key);
      return { value: `${key}!`, keep };
    });
  return { clock, loaded, memory, get };
};

test('what was found serves for as long as it keeps', async () => {
  const { clock, loaded, get } = start();
  await get('a');
  clock.at += 999;
  expect(await get('a')).toEqual({ value: 'a!', sure: true });
  expect(loaded).toEqual(['a']);
  clock.at += 1;
  await get('a');
  expect(loaded).toEqual(['a', 'a']);
});

test('what was not asked for the longest is forgotten first', async () => {
  const { loaded, memory, get } = start(3);
  for (const key of ['a', 'b', 'c', 'a', 'd']) await get(key);
  expect(['a', 'b', 'c', 'd'].map((key) => memory.known(key))).toEqual(['a!', null, 'c!', 'd!']);
  expect(loaded).toEqual(['a', 'b', 'c', 'd']);
});

test('a look-up that failed leaves what was known, however old, and is not sure of it', async () => {
  const { clock, memory, get } = start();
  await get('a');
  clock.at += 3_600_000;
  expect(await memory.get('a', async () => undefined)).toEqual({ value: 'a!', sure: false });
  expect(await memory.get('b', async () => undefined)).toEqual({ value: null, sure: false });
});

test('a clock that is set back makes nothing last longer', async () => {
  const { clock, loaded, get } = start();
  await get('a');
  clock.at -= 3_600_000;
  await get('a');
  expect(loaded).toEqual(['a', 'a']);
});

test('what was asked for before something changed is asked for anew, also while it is on its way', async () => {
  const { clock, memory } = start();
  const answers: ((value: string) => void)[] = [];
  const ask = (since?: number) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    return memory.get(
      'a',
      () => {
        answers.push(resolve);
        return promise.then((value) => ({ value, keep: 60_000 }));
      },
      since,
    );
  };
  const before = ask();
  clock.at += 10;
  const changedAt = clock.at;
  const after = ask(changedAt);
  const shared = ask(changedAt);
  expect(answers).toHaveLength(2);
  answers[1]?.('new');
  expect(await after).toEqual({ value: 'new', sure: true });
  expect(await shared).toEqual({ value: 'new', sure: true });
  // What was asked for first and comes last is the older one.
  answers[0]?.('old');
  await before;
  expect(memory.known('a')).toBe('new');
  expect(await ask(changedAt)).toEqual({ value: 'new', sure: true });
  expect(answers).toHaveLength(2);
});
