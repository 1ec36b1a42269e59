import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resource } from '../../../src/core/resource.ts';
import { facetsOf, filterTerms, spanTerm } from '../../../src/store/sqlite/facets.ts';

const HOUR = 3_600_000;

const aResource = (overrides: Partial<Resource> = {}): Resource => ({
  kind: 'booking',
  id: 'bk_1',
  status: 'PENDING',
  title: null,
  attendeeName: null,
  attendeeEmail: null,
  scheduleId: 'sch_1',
  eventId: null,
  start: null,
  startsAt: Date.UTC(2027, 1, 15, 10),
  previousStart: null,
  previousStartVersion: 0,
  lastType: 'booking.created',
  lastWebhookId: 'wh_1',
  version: 1,
  data: {},
  ...overrides,
});

/** The pieces that an expression names. */
const piecesOf = (expression: string): string[] => [...expression.matchAll(/"(.+?)"/gu)].map(([, piece = '']) => piece);
const startPieces = (startsAt: number): readonly string[] => facetsOf(aResource({ startsAt })).slice(4).filter(Boolean);
const covers = (term: string, time: number): boolean =>
  startPieces(time).some((piece) => piecesOf(term).includes(piece));

test('each value is one piece of three characters that nobody types, and another one for another value', () => {
  const pieces = ['PENDING', 'pending ', 'CONFIRMED', '', 'x'.repeat(10_000), '🦊', '"'].map(
    (status) => facetsOf(aResource({ status }))[0] ?? '',
  );

  for (const piece of pieces) expect(piece).toMatch(/^[\u{f0000}-\u{fffff}]{3}$/u);
  expect(pieces[0]).toBe(pieces[1]);
  expect(new Set(pieces).size).toBe(pieces.length - 1);
  expect(piecesOf(filterTerms({ words: '', status: 'Pending' })[0] ?? '')).toEqual([pieces[0]]);
});

test('the same text is another piece as a status, a schedule, a kind and a type', () => {
  const pieces = facetsOf(aResource({ status: 'X', scheduleId: 'X', kind: 'X', lastType: 'X' })).slice(0, 4);

  expect(new Set(pieces).size).toBe(4);
});

test('a value that is absent has no piece', () => {
  expect(
    facetsOf(aResource({ status: null, scheduleId: null, startsAt: null })).map(({ length }) => length > 0),
  ).toEqual([false, false, true, true, true, false, false]);
});

test('a span is covered whole: by the day, the month or the year of each time in it', () => {
  const time = fc.oneof(
    fc.integer({ min: Date.UTC(1995, 0), max: Date.UTC(2105, 0) }),
    fc.integer({ min: Date.UTC(2026, 10) / HOUR, max: Date.UTC(2028, 2) / HOUR }).map((hour) => hour * HOUR),
    fc.constantFrom(-8.64e15, 8.64e15, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  );
  fc.assert(
    fc.property(time, time, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
      const [from, to] = a < b ? [a, b] : [b, a + 1];
      const term = spanTerm(from, to);
      const inside = Math.min(to - 1, Math.floor(from + (to - from) * share));
      for (const each of [from, inside, to - 1].filter((one) => Math.abs(one) <= 8.64e15)) {
        expect(covers(term, each), `${each} of ${from}..${to}`).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a span is covered closely: it has nothing of the day before or after', () => {
  const day = fc.integer({ min: Date.UTC(2001, 0) / (24 * HOUR), max: Date.UTC(2096, 0) / (24 * HOUR) });
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 1_500 }), (first, days) => {
      const [from, to] = [first * 24 * HOUR, (first + days) * 24 * HOUR];
      const term = spanTerm(from, to);
      expect(covers(term, from - 1)).toBe(false);
      expect(covers(term, to)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('no span needs more than some hundred pieces', () => {
  const counts = [
    [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [Date.UTC(2000, 0, 2), Date.UTC(2100, 11, 30)],
    [Date.UTC(2027, 0, 1), Date.UTC(2028, 0, 1)],
    [Date.UTC(2027, 1, 1), Date.UTC(2027, 2, 1)],
  ].map(([from = 0, to = 0]) => piecesOf(spanTerm(from, to)).length);

  expect(counts).toEqual([103, 180, 1, 1]);
});
