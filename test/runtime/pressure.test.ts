import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPressure } from '../../src/runtime/pressure.ts';

const pressureAt = () => {
  let time = 0;
  const pressure = createPressure(() => time);
  return {
    high: pressure.high,
    at: (milliseconds: number) => (time = milliseconds),
    /** So many requests, each answered in the same moment. */
    async serve(times: number) {
      for (let turn = 0; turn < times; turn += 1) await pressure.during(Promise.resolve());
    },
    /** Begins so many requests; returns what answers them. */
    begin(times: number) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const all = Array.from({ length: times }, () => pressure.during(promise));
      return async () => {
        resolve();
        await Promise.all(all);
      };
    },
    during: pressure.during,
  };
};

test('a bot without requests is not under pressure', () => {
  expect(pressureAt().high()).toBe(false);
});

test('fifty in a tenth of a second are quiet, one more is not', async () => {
  const { serve, high } = pressureAt();
  await serve(50);
  expect(high()).toBe(false);
  await serve(1);
  expect(high()).toBe(true);
});

test('lasts through the next tenth of a second, and ends with it', async () => {
  const { serve, high, at } = pressureAt();
  await serve(51);
  at(100);
  expect(high()).toBe(true);
  at(199);
  expect(high()).toBe(true);
  at(200);
  expect(high()).toBe(false);
});

test('ends at once after a pause in which nobody looked', async () => {
  const { serve, high, at } = pressureAt();
  await serve(1_000);
  at(60_000);
  expect(high()).toBe(false);
});

test('few that are served slowly, since much else is done, are pressure too', async () => {
  const { begin, high, at } = pressureAt();
  const answer = begin(16);
  expect(high()).toBe(false);
  at(20);
  expect(high()).toBe(false);
  at(40);
  expect(high()).toBe(true);
  at(5_000);
  expect(high()).toBe(true);
  await answer();
  at(5_200);
  expect(high()).toBe(false);
});

test('four at a time are none, however long they take', async () => {
  const { begin, high, at } = pressureAt();
  const answer = begin(4);
  for (const time of [50, 100, 150, 200, 1_000, 1_050]) {
    at(time);
    expect(high(), `${time} ms`).toBe(false);
  }
  await answer();
});

test('a burst that is answered within the moment is none', async () => {
  const { begin, high, at } = pressureAt();
  const answer = begin(40);
  at(5);
  await answer();
  expect(high()).toBe(false);
});

test('passes on what came of a request, and counts those that failed', async () => {
  const { during, high } = pressureAt();
  expect(await during(Promise.resolve('stored'))).toBe('stored');
  for (let turn = 0; turn < 50; turn += 1) {
    await expect(during(Promise.reject(new Error('full')))).rejects.toThrow('full');
  }
  expect(high()).toBe(true);
});

test('a steady trickle of one every five milliseconds never counts as pressure', async () => {
  const gaps = fc.array(fc.integer({ min: 5, max: 500 }), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(gaps, async (all) => {
      const { begin, high, at } = pressureAt();
      let time = 0;
      for (const gap of all) {
        const answer = begin(1);
        time += gap;
        at(time);
        await answer();
        expect(high()).toBe(false);
      }
    }),
  );
});
