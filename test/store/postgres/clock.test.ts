import { expect, it } from 'vitest';
import { createDatabaseClock } from '../../../src/store/postgres/clock.ts';

it("advances evenly between answers, and follows a change of the database's clock", () => {
  let even = 1_000;
  const clock = createDatabaseClock(() => even);

  clock.heard(5_000_000, 990, 1_010);
  expect(clock.now()).toBe(5_000_000);
  even += 500;
  expect(clock.now()).toBe(5_000_500);

  clock.heard(8_600_500, 1_500, 1_500);
  expect(clock.now()).toBe(8_600_500);
});

it('ignores the jitter of round trips, and answers that took too long', () => {
  const clock = createDatabaseClock(() => 1_000);

  clock.heard(5_000_000, 1_000, 1_000);
  clock.heard(5_000_060, 900, 1_100);
  clock.heard(9_000_000, 0, 2_000);

  expect(clock.now()).toBe(5_000_000);
});
