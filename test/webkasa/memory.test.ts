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
