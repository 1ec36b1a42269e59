import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whenOf, whenStarted } from '../../src/template/when.ts';

const settings = { timezone: 'Europe/Berlin', locale: 'en-US' };
const textOf = (data: Record<string, unknown>): string | undefined => whenOf(data, settings)?.text;

describe('an event of several days', () => {
  const days = { start_date: '2027-03-20', end_date: '2027-03-22', timezone: 'Europe/Berlin' };

  test('is told from the first to the last, as calendars are', () => {
    expect(whenOf(days, settings)).toMatchObject({
      date: 'Saturday, March 20, 2027 – Monday, March 22, 2027',
      day: 'Sat, Mar 20',
      text: 'Saturday, March 20, 2027 – Monday, March 22, 2027',
    });
    expect(textOf({ ...days, start_time: '10:00', end_time: '09:00' })).toBe(
      'Saturday, March 20, 2027, 10:00 AM – Monday, March 22, 2027, 9:00 AM (GMT+1, Europe/Berlin)',
    );
  });

  test.each([[''], ['2027-03-20'], ['2027-03-01'], ['soon'], [7], [null]])(
    'that ends on %j is told of its first',
    (end_date) => {
      expect(textOf({ ...days, end_date })).toBe('Saturday, March 20, 2027');
    },
  );
});

describe('a booking', () => {
  test('is told in its own zone, and with all its parts', () => {
    const data = { start_time: '2027-02-15T18:00:00Z', end_time: '2027-02-15T19:30:00Z', timezone: 'America/New_York' };
    expect(whenOf(data, settings)).toEqual({
      date: 'Monday, February 15, 2027',
      day: 'Mon, Feb 15',
      time: '1:00 PM – 2:30 PM',
      zone: 'EST, America/New_York',
      text: 'Monday, February 15, 2027, 1:00 PM – 2:30 PM (EST, America/New_York)',
      unix: Date.parse('2027-02-15T18:00:00Z') / 1000,
    });
  });

  test.each([[undefined], [null], [''], ['Mars/Olympus'], [7], ['Europe/../etc/passwd']])(
    'is told in the default zone where its own is %j',
    (timezone) => {
      const text = textOf({ start_time: '2027-02-15T10:00:00Z', timezone });
      expect(text).toBe('Monday, February 15, 2027, 11:00 AM (GMT+1, Europe/Berlin)');
    },
  );

  test('in UTC names the zone once', () => {
    const text = textOf({ start_time: '2027-02-15T10:00:00Z', timezone: 'UTC' });
    expect(text).toBe('Monday, February 15, 2027, 10:00 AM (UTC)');
  });

  test.each([
    ['Asia/Kathmandu', 'GMT+5:45, Asia/Kathmandu'],
    ['asia/kathmandu', 'GMT+5:45, Asia/Kathmandu'],
    ['US/Pacific', 'PST, US/Pacific'],
    ['Etc/UTC', 'UTC'],
  ])('in %s names the zone as the data does', (timezone, zone) => {
    expect(whenOf({ start_time: '2027-02-15T10:00:00Z', timezone }, settings)?.zone).toBe(zone);
  });

  test('over midnight names the second day', () => {
    const text = textOf({ start_time: '2027-02-15T22:30:00Z', end_time: '2027-02-16T00:30:00Z' });
    expect(text).toBe(
      'Monday, February 15, 2027, 11:30 PM – Tuesday, February 16, 2027, 1:30 AM (GMT+1, Europe/Berlin)',
    );
  });

  test('over the change to summer time is told in local time on both sides', () => {
    const text = textOf({ start_time: '2027-03-28T00:30:00Z', end_time: '2027-03-28T01:30:00Z' });
    expect(text).toBe('Sunday, March 28, 2027, 1:30 AM – 3:30 AM (GMT+1 → GMT+2, Europe/Berlin)');
  });

  test.each([
    [
      'Europe/Berlin',
      '2027-10-31T00:30:00Z',
      'Sunday, October 31, 2027, 2:30 AM – 2:30 AM (GMT+2 → GMT+1, Europe/Berlin)',
    ],
    [
      'America/New_York',
      '2027-03-14T06:30:00Z',
      'Sunday, March 14, 2027, 1:30 AM – 3:30 AM (EST → EDT, America/New_York)',
    ],
    [
      'America/New_York',
      '2027-11-07T05:30:00Z',
      'Sunday, November 7, 2027, 1:30 AM – 1:30 AM (EDT → EST, America/New_York)',
    ],
    // The clocks move by half an hour only.
    [
      'Australia/Lord_Howe',
      '2027-04-03T14:30:00Z',
      'Sunday, April 4, 2027, 1:30 AM – 2:00 AM (GMT+11 → GMT+10:30, Australia/Lord_Howe)',
    ],
    [
      'Australia/Lord_Howe',
      '2027-10-02T15:00:00Z',
      'Sunday, October 3, 2027, 1:30 AM – 3:00 AM (GMT+10:30 → GMT+11, Australia/Lord_Howe)',
    ],
  ])('of an hour while the clocks change in %s is told with both of their names', (timezone, start_time, words) => {
    const end_time = new Date(Date.parse(start_time) + 3_600_000).toISOString();
    expect(textOf({ start_time, end_time, timezone })).toBe(words);
  });

  test.each([
    ['Europe/Berlin', '2027-03-27T23:00:00Z', '2027-03-28T22:00:00Z'],
    ['America/New_York', '2027-11-07T04:00:00Z', '2027-11-08T05:00:00Z'],
    ['Australia/Lord_Howe', '2027-04-03T13:00:00Z', '2027-04-04T13:30:00Z'],
  ])('from midnight to midnight on such a day in %s ends on the next day', (timezone, start_time, end_time) => {
    expect(whenOf({ start_time, end_time, timezone }, settings)?.time).toMatch(
      /^12:00 AM – Monday, .+ 2027, 12:00 AM$/,
    );
  });

  test('with an offset in place of a Z is the same instant', () => {
    expect(textOf({ start_time: '2027-02-15T12:00:00+02:00' })).toBe(textOf({ start_time: '2027-02-15T10:00:00Z' }));
  });

  test('that ends before it starts, or when it starts, or never, has no end', () => {
    for (const end_time of ['2027-02-15T09:00:00Z', '2027-02-15T10:00:00Z', 'later', null, 5]) {
      expect(whenOf({ start_time: '2027-02-15T10:00:00Z', end_time }, settings)?.time).toBe('11:00 AM');
    }
  });
});

describe('an event', () => {
  const event = { start_date: '2027-02-15', start_time: '19:00', end_time: '21:00', timezone: 'America/Los_Angeles' };

  test('is told in its local time', () => {
    expect(textOf(event)).toBe('Monday, February 15, 2027, 7:00 PM – 9:00 PM (PST, America/Los_Angeles)');
    expect(whenOf(event, settings)?.unix).toBe(Date.parse('2027-02-16T03:00:00Z') / 1000);
  });

  test('that ends after midnight, or at it, names the second day', () => {
    const time = (end_time: string) => whenOf({ ...event, end_time }, settings)?.time;
    expect(time('01:00')).toBe('7:00 PM – Tuesday, February 16, 2027, 1:00 AM');
    expect(time('00:00')).toBe('7:00 PM – Tuesday, February 16, 2027, 12:00 AM');
    expect(time('19:00')).toBe('7:00 PM');
  });

  test('over the night in which the clocks change ends by the new ones', () => {
    const night = { start_time: '22:00', end_time: '03:30', timezone: 'Europe/Berlin' };
    expect(textOf({ ...night, start_date: '2027-03-27' })).toBe(
      'Saturday, March 27, 2027, 10:00 PM – Sunday, March 28, 2027, 3:30 AM (GMT+1 → GMT+2, Europe/Berlin)',
    );
    expect(textOf({ ...night, start_date: '2027-10-30' })).toBe(
      'Saturday, October 30, 2027, 10:00 PM – Sunday, October 31, 2027, 3:30 AM (GMT+2 → GMT+1, Europe/Berlin)',
    );
  });

  test('whose start the clocks skip, up to past its end, has no end rather than one on the next day', () => {
    const data = { start_date: '2027-03-28', start_time: '02:30', end_time: '03:00', timezone: 'Europe/Berlin' };
    expect(whenOf(data, settings)?.time).toBe('3:30 AM');
  });

  test('of a whole day has a date and no zone, wherever one is', () => {
    for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', undefined]) {
      expect(whenOf({ start_date: '2027-02-15', timezone }, settings)).toEqual({
        date: 'Monday, February 15, 2027',
        day: 'Mon, Feb 15',
        time: '',
        zone: '',
        text: 'Monday, February 15, 2027',
        unix: null,
      });
    }
  });

  test('whose time can not be read has its date all the same', () => {
    for (const start_time of ['7 PM', '', 19, {}, '25:00']) {
      expect(textOf({ start_date: '2027-02-15', start_time })).toBe('Monday, February 15, 2027');
    }
  });

  test('at an hour that the clocks skip is told at the hour after', () => {
    const data = { start_date: '2027-03-28', start_time: '02:30', timezone: 'Europe/Berlin' };
    expect(textOf(data)).toBe('Sunday, March 28, 2027, 3:30 AM (GMT+2, Europe/Berlin)');
  });
});

test('a start as it was kept is told like the data it came from', () => {
  expect(whenStarted('2027-02-15T10:00:00.000Z', 'UTC', settings)?.text).toBe(
    'Monday, February 15, 2027, 10:00 AM (UTC)',
  );
  expect(whenStarted('2027-02-15T19:00', 'America/Los_Angeles', settings)?.text).toBe(
    'Monday, February 15, 2027, 7:00 PM (PST, America/Los_Angeles)',
  );
  expect(whenStarted('2027-02-15', null, settings)?.text).toBe('Monday, February 15, 2027');
  expect(whenStarted('soon', null, settings)).toBeNull();
});

test('times are written with plain spaces and in the language asked for', () => {
  expect(textOf({ start_time: '2027-02-15T10:00:00Z' })).not.toMatch(/[\u00a0\u202f]/);
  const german = whenOf({ start_time: '2027-02-15T10:00:00Z' }, { ...settings, locale: 'de-DE' });
  expect(german?.text).toBe('Montag, 15. Februar 2027, 11:00 (MEZ, Europe/Berlin)');
});

test('junk never throws: there is a when or there is none', () => {
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      '2027-02-15',
      '2027-02-15[u-ca=hebrew]',
      '10:00[u-ca=hebrew]',
      '2027-02-15T10:00:00Z[u-ca=japanese]',
    ),
    fc.constantFrom('+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '+275760-09-13', '0000-01-01', '24:00'),
    fc.constantFrom('+23:59', 'Asia/Tokyo', 'asia/TOKYO', 'UTC', '2027-02-30'),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const fields = fc.record(
    { start_time: junk, end_time: junk, start_date: junk, timezone: junk },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fields, fc.constantFrom('en-US', 'th-TH', 'ar-EG', 'he-u-ca-hebrew'), (data, locale) => {
      const when = whenOf(data, { timezone: 'Europe/Berlin', locale });
      if (when) expect(when.text).toContain(when.date);
      if (typeof data.start_time === 'string') whenStarted(data.start_time, data.timezone, { timezone: 'UTC', locale });
    }),
    { numRuns: 1000 },
  );
});
