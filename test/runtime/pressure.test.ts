import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPressure } from '../../src/runtime/pressure.ts';

const START = 1_800_000_000_000;

const pressureAt = () => {
  let time = START;
  const pressure = createPressure(() => time);
  const note = (times: number): void => {
    for (let turn = 0; turn < times; turn += 1) pressure.note();
  };
  return { high: pressure.high, note, at: (milliseconds: number) => (time = START + milliseconds) };
};

test('a bot without requests is not under pressure', () => {
  expect(pressureAt().high()).toBe(false);
});

test('fifty in a tenth of a second are quiet, one more is not', () => {
  const { note, high } = pressureAt();
  note(50);
  expect(high()).toBe(false);
  note(1);
  expect(high()).toBe(true);
});

test('lasts through the next tenth of a second, and ends with it', () => {
  const { note, high, at } = pressureAt();
  note(51);
  at(100);
  expect(high()).toBe(true);
  at(199);
  expect(high()).toBe(true);
  at(200);
  expect(high()).toBe(false);
});

test('ends at once after a pause in which nobody looked', () => {
  const { note, high, at } = pressureAt();
  note(1_000);
  at(60_000);
  expect(high()).toBe(false);
});

test('a clock set back does not leave it high', () => {
  const { note, high, at } = pressureAt();
  note(1_000);
  at(-3_600_000);
  expect(high()).toBe(false);
  note(1);
  expect(high()).toBe(false);
});

test('a steady trickle of one every five milliseconds never counts as pressure', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 5, max: 500 }), { maxLength: 200 }), (gaps) => {
      const { note, high, at } = pressureAt();
      let time = 0;
      for (const gap of gaps) {
        time += gap;
        at(time);
        note(1);
        expect(high()).toBe(false);
      }
    }),
  );
});
