import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSteadyClock } from '../../src/runtime/steady-clock.ts';

const HOUR = 3_600_000;

/** A machine on which time passes, and whose clock somebody sets. */
const machine = () => {
  let [wall, even] = [1_800_000_000_000, 0];
  return {
    pass: (milliseconds: number): void => {
      wall += milliseconds;
      even += milliseconds;
    },
    set: (by: number): void => {
      wall += by;
    },
    wall: () => wall,
    even: () => even,
  };
};

test('tells the time of the machine', () => {
  const { pass, wall, even } = machine();
  const clock = createSteadyClock(wall, even);
  pass(1_500);
  expect(clock()).toBe(wall());
});

test('follows a clock that is set ahead', () => {
  const { set, wall, even } = machine();
  const clock = createSteadyClock(wall, even);
  set(HOUR);
  expect(clock()).toBe(wall());
});

test('after the clock was set back, what was due in ten seconds is due in twenty, and in the end the time is right', () => {
  const { pass, set, wall, even } = machine();
  set(HOUR);
  const clock = createSteadyClock(wall, even);
  const due = clock() + 10_000;
  set(-HOUR);
  pass(20_000);
  expect(clock()).toBe(due);
  pass(2 * HOUR);
  expect(clock()).toBe(wall());
});

test('never goes back, and never stands still while time passes', () => {
  const happening = fc.record({ pass: fc.integer({ min: 2, max: HOUR }), set: fc.integer({ min: -HOUR, max: HOUR }) });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (all) => {
      const { pass, set, wall, even } = machine();
      const clock = createSteadyClock(wall, even);
      let last = clock();
      for (const each of all) {
        set(each.set);
        pass(each.pass);
        const now = clock();
        expect(now).toBeGreaterThan(last);
        last = now;
      }
    }),
  );
});
