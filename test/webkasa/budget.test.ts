import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBudget } from '../../src/webkasa/budget.ts';

const T0 = Date.UTC(2027, 0, 15, 10, 30);

const headers = (limit: number, remaining: number, resetAt: number, date?: number): Headers =>
  new Headers({
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
    ...(date !== undefined && { Date: new Date(date).toUTCString() }),
  });

/** Makes requests as fast as the budget lets them, and returns when each began. */
const startsOf = (count: number, answer?: (at: number) => Headers): number[] => {
  const budget = createBudget();
  const starts: number[] = [];
  for (let at = T0; starts.length < count; at += budget.wait(at)) {
    if (budget.wait(at) > 0) continue;
    budget.started(at);
    starts.push(at);
    budget.answered(answer?.(at) ?? new Headers(), at);
  }
  return starts;
};

const mostInAMinute = (starts: readonly number[]): number =>
  Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 60_000).length));

test('a hundred a minute go out, at once, until an answer says how many may', () => {
  const starts = startsOf(250);
  expect(mostInAMinute(starts)).toBe(100);
  expect(starts.filter((at) => at === T0)).toHaveLength(100);
});

test('more go out where the API says that more may, but never more than are documented', () => {
  const wide = (at: number) => headers(300, 299, at + 60_000);
  expect(mostInAMinute(startsOf(700, wide))).toBe(300);
  expect(mostInAMinute(startsOf(700, (at) => headers(1_000_000, 999_999, at + 60_000)))).toBe(300);
  expect(mostInAMinute(startsOf(100, (at) => headers(20, 19, at + 60_000)))).toBe(20);
});

test('what others used up with the same key is heeded until the window is over', () => {
  const budget = createBudget();
  budget.started(T0);
  budget.answered(headers(100, 1, T0 + 30_000), T0);
  expect(budget.wait(T0)).toBe(0);
  budget.started(T0);
  expect(budget.wait(T0)).toBeGreaterThanOrEqual(30_000);
  expect(budget.wait(T0 + 32_000)).toBe(0);
});

test("the end of the window is told by the server's clock, however ours goes", () => {
  const budget = createBudget();
  const theirs = T0 + 3 * 3_600_000;
  budget.started(T0);
  budget.answered(headers(100, 0, theirs + 20_000, theirs), T0);
  expect(budget.wait(T0)).toBeGreaterThanOrEqual(20_000);
  expect(budget.wait(T0)).toBeLessThan(25_000);
});

test('an answer that was overtaken does not give back what is used up', () => {
  const budget = createBudget();
  budget.started(T0);
  budget.started(T0);
  budget.answered(headers(100, 0, T0 + 30_000), T0 + 10);
  budget.answered(headers(100, 1, T0 + 30_000), T0 + 20);
  expect(budget.wait(T0 + 20)).toBeGreaterThan(0);
});

test('requests that had no answer take away nothing from what the API says is left', () => {
  const budget = createBudget();
  for (let request = 0; request < 20; request += 1) {
    budget.started(T0);
    budget.failed();
  }
  budget.started(T0);
  budget.answered(headers(100, 5, T0 + 30_000), T0);
  expect(budget.wait(T0)).toBe(0);
});

test('what is left is shared with the requests under way, which the answer may not count yet', () => {
  const budget = createBudget();
  budget.started(T0);
  budget.started(T0);
  budget.answered(headers(100, 1, T0 + 30_000), T0);
  expect(budget.wait(T0)).toBeGreaterThan(0);
});

test('a clock that is set back lets requests go on, and no more of them than before', () => {
  const budget = createBudget();
  for (let request = 0; request < 100; request += 1) {
    budget.started(T0);
    budget.answered(headers(100, 99 - request, T0 + 30_000, T0), T0);
  }
  budget.block(T0 + 300_000);
  const back = T0 - 3_600_000;
  expect(budget.wait(back)).toBeGreaterThan(0);
  expect(budget.wait(back)).toBeLessThanOrEqual(61_000);
  expect(budget.wait(back + 61_000)).toBe(0);
});

test('nothing a header says blocks for good, or lets more through than was documented', () => {
  const odd = fc.constantFrom('', '0', '-1', '1e9', 'NaN', '999999999999', '1.5', '100', '²', ' 5 ');
  fc.assert(
    fc.property(fc.array(fc.tuple(odd, odd, odd), { maxLength: 30 }), (answers) => {
      const budget = createBudget();
      let at = T0;
      const starts: number[] = [];
      for (const [limit, remaining, reset] of answers) {
        expect(budget.wait(at)).toBeLessThanOrEqual(125_000);
        at += budget.wait(at);
        budget.started(at);
        starts.push(at);
        budget.answered(
          new Headers({ 'X-RateLimit-Limit': limit, 'X-RateLimit-Remaining': remaining, 'X-RateLimit-Reset': reset }),
          at,
        );
      }
      if (starts.length > 0) expect(mostInAMinute(starts)).toBeLessThanOrEqual(300);
    }),
  );
});
