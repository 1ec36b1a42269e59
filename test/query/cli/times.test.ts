import { describe, expect, test } from 'vitest';
import { timesIn } from '../../../src/query/cli/times.ts';
import { span } from '../../../src/query/words.ts';

const berlin = timesIn('Europe/Berlin');
const at = new Date('2027-02-15T23:30:05.999Z');

describe('times', () => {
  test('are written in the zone that was asked for', () => {
    expect(berlin.full(at)).toBe('2027-02-16 00:30:05');
    expect(timesIn('UTC').full(at)).toBe('2027-02-15 23:30:05');
  });

  test('leave out the date where it is the same day there', () => {
    expect(berlin.near(at, new Date('2027-02-16T20:00:00Z'))).toBe('00:30:05');
    expect(berlin.near(at, new Date('2027-02-15T20:00:00Z'))).toBe('2027-02-16 00:30:05');
  });

  test.each([
    ['an instant', '2027-02-15T10:00:00.000Z', 'Mon 2027-02-15 11:00'],
    ['a local time', '2027-02-15T19:00', 'Mon 2027-02-15 19:00'],
    ['a day', '2027-02-15', 'Mon 2027-02-15'],
    ['what nobody can read', 'tomorrow', 'tomorrow'],
    ['an instant at the end of time', '+275760-09-13T00:00:00.000Z', 'Sat +275760-09-13 02:00'],
  ])('write %s as a start', (_, start, text) => {
    expect(berlin.start(start)).toBe(text);
  });

  test.each([
    [0, '0 s'],
    [89_000, '89 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [3 * 86_400_000, '3 days'],
  ])('%i milliseconds are %s', (milliseconds, text) => {
    expect(span(milliseconds)).toBe(text);
  });
});
