import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesType } from '../../src/core/matches-type.ts';

test.each([
  ['booking.created', 'booking.created', true],
  ['booking.created', 'booking.confirmed', false],
  ['booking.created', 'booking.created.twice', false],
  ['booking.created', 'Booking.Created', false],
  ['booking.*', 'booking.created', true],
  ['booking.*', 'booking.', true],
  ['booking.*', 'booking', false],
  ['booking.*', 'bookingXcreated', false],
  ['*', 'anything at all', true],
  ['*', '', true],
  ['*.created', 'registration.created', true],
  ['*.created', 'registration.created.late', false],
  ['*.c*ed', 'booking.cancelled', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['**', 'x', true],
  ['booking.*', 'booking.*', true],
  ['b?oking.*', 'booking.created', false],
  ['', 'booking.created', false],
])('%s for %s: %s', (pattern, type, expected) => {
  expect(matchesType([pattern], type)).toBe(expected);
});

test('one fitting pattern of several is enough, and none fits where there are none', () => {
  expect(matchesType(['event.*', 'booking.created'], 'booking.created')).toBe(true);
  expect(matchesType([], 'booking.created')).toBe(false);
});

test('agrees with the same pattern as a regular expression', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, type) => {
      const regex = new RegExp(`^${pattern.split('*').map(RegExp.escape).join('[^]*')}$`);
      expect(matchesType([pattern], type)).toBe(regex.test(type));
    }),
    { numRuns: 2000 },
  );
});

test('a long type made to trouble a pattern full of stars is answered at once', () => {
  const pattern = `${'*a'.repeat(40)}b`;
  const started = performance.now();
  expect(matchesType([pattern], 'a'.repeat(100_000))).toBe(false);
  // As a regular expression this would take longer than anybody lives.
  expect(performance.now() - started).toBeLessThan(5_000);
});
