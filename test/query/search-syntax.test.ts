import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSearch, writeSearch } from '../../src/query/search-syntax.ts';

/** A Friday, already Saturday in Auckland. */
const NOW = Date.parse('2027-01-15T11:30:00Z');
const BERLIN = { now: NOW, timezone: 'Europe/Berlin' };

const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const berlin = (day: string): number => Date.parse(`${day}T00:00:00+01:00`);

describe('what is typed as a search', () => {
  test.each([
    ['anna', { words: 'anna' }],
    ['  anna\u00a0müller \n', { words: 'anna müller' }],
    ['anna@example.com bk_1', { words: 'anna@example.com bk_1' }],
    ['status:pending', { words: '', status: 'pending' }],
    ['STATUS:Pending anna', { words: 'anna', status: 'Pending' }],
    // As answers write it.
    ['anna status:"no show" müller', { words: 'anna müller', status: 'no_show' }],
    ['anna status:“No-Show”', { words: 'anna', status: 'No_Show' }],
    ['status:"on hold"', { words: '', status: 'on hold' }],
    ['status:bogus type:x', { words: '', status: 'bogus', type: 'x' }],
    ['status:PENDING,confirmed', { words: '', status: 'PENDING,confirmed' }],
    ['status:pending status:pending', { words: '', status: 'pending' }],
    ['type:bookings', { words: '', type: 'bookings' }],
    ['time:10', { words: 'time:10' }],
    ['status:canceled', { words: '', status: 'cancelled' }],
    ['schedule:sch_abc123', { words: '', schedule: 'sch_abc123' }],
    ['type:Booking', { words: '', type: 'booking' }],
    ['type:booking.*', { words: '', type: 'booking.*' }],
    ['type:booking.canceled', { words: '', type: 'booking.cancelled' }],
    ['type:Booking.Rescheduled', { words: '', type: 'Booking.Rescheduled' }],
    ['"status:pending"', { words: 'status:pending' }],
    ['“stauts:x” anna', { words: 'stauts:x anna' }],
    ['https://example.com/a?b=c', { words: 'https://example.com/a?b=c' }],
    ['at 10:30', { words: 'at 10:30' }],
    ['room:5 mailto:anna@example.com', { words: 'room:5 mailto:anna@example.com' }],
    ['O’Brien O\'Neill 5" lens', { words: "O’Brien O'Neill 5 lens" }],
    ['"anna maria" "', { words: 'anna maria' }],
  ])('%j is understood', (text, query) => {
    expect(parseSearch(text, BERLIN)).toEqual({ query });
  });

  test.each([
    ['after:2027-02-15', { from: berlin('2027-02-15') }],
    ['before:2027-02-15', { to: berlin('2027-02-15') }],
    ['after:today before:tomorrow', { from: berlin('2027-01-15'), to: berlin('2027-01-16') }],
    ['after:Yesterday', { from: berlin('2027-01-14') }],
    ['after:this-week before:next-week', { from: berlin('2027-01-11'), to: berlin('2027-01-18') }],
    ['after:"last week" before:this_week', { from: berlin('2027-01-04'), to: berlin('2027-01-11') }],
    // Summer time begins between the two: the days are not 24 hours each.
    ['after:2027-03-28 before:2027-03-29', { from: utc('2027-03-28') - 3_600_000, to: utc('2027-03-29') - 7_200_000 }],
  ])('%j is a span of days in TIMEZONE', (text, span) => {
    expect(parseSearch(text, BERLIN)).toEqual({ query: { words: '', ...span } });
  });

  test('today is the day it is in TIMEZONE', () => {
    const auckland = { now: NOW, timezone: 'Pacific/Auckland' };
    expect(parseSearch('after:today', auckland)).toEqual({
      query: { words: '', from: Date.parse('2027-01-16T00:00:00+13:00') },
    });
    const sunday = { now: Date.parse('2027-01-17T23:30:00Z'), timezone: 'UTC' };
    expect(parseSearch('after:this-week', sunday)).toEqual({ query: { words: '', from: utc('2027-01-11') } });
  });

  test.each([
    ['', 'Say what to look for', null],
    ['  " "', 'Say what to look for', null],
    ['stauts:pending x', 'There is no filter "stauts:"', 'status:pending x'],
    ['tpye:booking', 'There is no filter "tpye:"', 'type:booking'],
    ['anna from:2027-01-01 b', 'There is no filter "from:"', 'anna after:2027-01-01 b'],
    ['email:anna@example.com', 'found by the bare word', 'anna@example.com'],
    ['name:"anna maria" status:pending', 'found by the bare word', 'anna maria status:pending'],
    ['email:', 'found by the bare word', null],
    ['status:', 'status: needs its value right behind it, such as status:pending.', null],
    ['x status: pending y', 'status: needs its value right behind it', 'x status:pending y'],
    ['status: after:today', 'status: needs its value right behind it', null],
    ['status:""', 'status: needs its value', null],
    ['-status:cancelled', "A search can't leave things out: say what is wanted, such as status:pending.", null],
    ['-status:pending', 'say what is wanted, such as status:confirmed.', null],
    ['status:a status:b', 'status: stands there twice', null],
    ['john after:tommorow', 'after:tommorow is no day: write', 'john after:tomorrow'],
    ['after:15.2.2027', 'after:15.2.2027 is no day: write 2027-02-15, or one of today, tomorrow', null],
    ['before:2027-02-30', 'before:2027-02-30 is no day: that month has the days 01 to 28.', null],
    ['after:2028-02-30', 'that month has the days 01 to 29.', null],
    ['after:2027-00-10', 'after:2027-00-10 is no day: months are 01 to 12.', null],
    ['a after:tomorrow b before:today', 'they are the wrong way round', 'a after:today b before:tomorrow'],
    ['after:today before:today', 'before: ends before that day begins', 'after:today before:2027-01-16'],
    ['stauts:pending afetr:tommorow name:x', 'There is no filter "stauts:"', 'status:pending after:tomorrow x'],
    ['stauts:pending after:someday', 'There is no filter "stauts:"', null],
  ])('%j is answered with what is wrong, and what was meant', (text, problem, meant) => {
    expect(parseSearch(text, BERLIN)).toEqual({ problem: expect.stringContaining(problem), meant });
    if (meant !== null) expect(parseSearch(meant, BERLIN)).toHaveProperty('query');
  });

  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('status:', 'type:', 'after:', 'before:', '"', '“', ' ', '-', ':', 'today', '2027-02-15', 'booking'),
  );
  const typed = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  test('never throws, and says the same when it is written again', () => {
    fc.assert(
      fc.property(typed, fc.constantFrom('UTC', 'America/St_Johns', 'Pacific/Auckland'), (text, timezone) => {
        const here = { now: NOW, timezone };
        const parsed = parseSearch(text, here);
        if ('problem' in parsed) {
          expect(parsed.problem.length).toBeLessThan(300);
          if (parsed.meant !== null) expect(parseSearch(parsed.meant, here)).toHaveProperty('query');
        } else expect(parseSearch(writeSearch(parsed.query, timezone), here)).toEqual(parsed);
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes no time over what was made to take long', () => {
    const begun = performance.now();
    for (const text of ['"'.repeat(99_999), 'a:'.repeat(50_000), `"${'x'.repeat(100_000)}`, '“ '.repeat(50_000)])
      parseSearch(text, BERLIN);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
