import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimit } from '../../src/runtime/rate-limit.ts';

const START = 1_800_000_000_000;

test('a burst goes at once, then one a second', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 3 });
  expect([1, 2, 3].map(() => limit.take('#a', START))).toEqual([START, START, START]);
  expect(limit.take('#a', START)).toBe(START + 1000);
  expect(limit.take('#a', START + 999)).toBeGreaterThan(START + 999);
  expect(limit.take('#a', START + 1000)).toBe(START + 1000);
});

test('each key has a bucket of its own', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 });
  limit.take('#a', START);
  expect(limit.take('#a', START)).toBeGreaterThan(START);
  expect(limit.take('#b', START)).toBe(START);
});

test('those sent away come back one after another', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 });
  limit.take('#a', START);
  expect([1, 2, 3].map(() => limit.take('#a', START))).toEqual([START + 1000, START + 2000, START + 3000]);
});

test('nobody is sent away for more than a minute of waiting in line', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 });
  const answers = Array.from({ length: 500 }, () => limit.take('#a', START));
  expect(Math.max(...answers)).toBe(START + 60_000);
});

test('a blocked key gives no place until then, and no burst after', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 5 });
  limit.block('#a', START + 30_000);
  expect(limit.take('#a', START)).toBe(START + 30_000);
  expect(limit.take('#a', START + 30_000)).toBe(START + 30_000);
  expect(limit.take('#a', START + 30_000)).toBe(START + 31_000);
});

test('never gives more than burst plus rate in any stretch, and loses no place to waiting', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      (pauses, burst) => {
        const limit = createRateLimit({ perSecond: 1, burst });
        const given: number[] = [];
        let now = START;
        for (const pause of pauses) {
          now += pause;
          const answer = limit.take('#a', now);
          if (answer <= now) given.push(now);
          else expect(answer - now).toBeLessThanOrEqual(60_000);
        }
        for (const [index, from] of given.entries()) {
          for (const [ahead, until] of given.slice(index).entries()) {
            expect(ahead + 1).toBeLessThanOrEqual(burst + (until - from) / 1000);
          }
        }
      },
    ),
  );
});

test('many keys are forgotten once they are as good as new', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 });
  for (let index = 0; index < 5000; index += 1)
    expect(limit.take(`#${index}`, START + index * 10)).toBe(START + index * 10);
});

test('the next free place is told whoever was sent away to it, and is not used up by asking', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 2 });
  expect(limit.next('#a')).toBeLessThanOrEqual(START);
  for (let index = 0; index < 9; index += 1) limit.take('#a', START);
  expect(limit.next('#a')).toBe(START + 1000);
  expect(limit.next('#a')).toBe(START + 1000);
  limit.block('#a', START + 30_000);
  expect(limit.next('#a')).toBe(START + 30_000);
});
