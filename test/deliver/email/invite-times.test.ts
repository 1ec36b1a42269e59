import { describe, expect, test } from 'vitest';
import {
  hasEnded,
  type InviteTimes,
  inviteTimes,
  readTimes,
  timesText,
} from '../../../src/deliver/email/invite-times.ts';

const textOf = (times: ReturnType<typeof inviteTimes>): string => ('none' in times ? times.none : timesText(times));
const timesOf = (data: Readonly<Record<string, unknown>>, zone = 'UTC', minutes?: unknown): string =>
  textOf(inviteTimes(data, zone, minutes));
/** An event of one day, by its own clock. */
const clock = (start_date: string, start_time: string, end_time: string, timezone: string): string =>
  timesOf({ start_date, start_time, end_time, timezone });

describe('a local time on a day when clocks change', () => {
  test.each([
    // Berlin skips 02:00 to 03:00, and has 02:00 to 03:00 twice.
    ['Europe/Berlin', '2027-03-28', '01:30', '03:30', '2027-03-28T00:30:00Z/2027-03-28T01:30:00Z'],
    ['Europe/Berlin', '2027-03-28', '02:30', '04:00', '2027-03-28T01:30:00Z/2027-03-28T02:00:00Z'],
    ['Europe/Berlin', '2027-03-28', '10:00', '11:00', '2027-03-28T08:00:00Z/2027-03-28T09:00:00Z'],
    ['Europe/Berlin', '2027-10-31', '01:30', '03:30', '2027-10-30T23:30:00Z/2027-10-31T02:30:00Z'],
    ['Europe/Berlin', '2027-10-31', '02:30', '02:45', '2027-10-31T00:30:00Z/2027-10-31T00:45:00Z'],
    // New York on its own days.
    ['America/New_York', '2027-03-14', '01:30', '03:30', '2027-03-14T06:30:00Z/2027-03-14T07:30:00Z'],
    ['America/New_York', '2027-11-07', '00:30', '02:30', '2027-11-07T04:30:00Z/2027-11-07T07:30:00Z'],
    // Lord Howe changes by half an hour, in the other half of the year.
    ['Australia/Lord_Howe', '2027-04-04', '01:00', '03:00', '2027-04-03T14:00:00Z/2027-04-03T16:30:00Z'],
    ['Australia/Lord_Howe', '2027-10-03', '01:00', '03:00', '2027-10-02T14:30:00Z/2027-10-02T16:00:00Z'],
  ])('is its own instant: %s %s %s to %s', (zone, date, start, end, expected) => {
    expect(clock(date, start, end, zone)).toBe(expected);
  });
});

describe('what crosses midnight', () => {
  test('ends on the next day, also over a change of clocks', () => {
    expect(clock('2027-06-01', '22:00', '01:00', 'Europe/Berlin')).toBe('2027-06-01T20:00:00Z/2027-06-01T23:00:00Z');
    expect(clock('2027-03-27', '23:00', '04:00', 'Europe/Berlin')).toBe('2027-03-27T22:00:00Z/2027-03-28T02:00:00Z');
    expect(clock('2027-12-31', '23:00', '00:00', 'UTC')).toBe('2027-12-31T23:00:00Z/2028-01-01T00:00:00Z');
  });

  test('ends on the day its data names', () => {
    const days = { start_date: '2027-06-01', end_date: '2027-06-03', start_time: '10:00', end_time: '09:00' };
    expect(timesOf(days)).toBe('2027-06-01T10:00:00Z/2027-06-03T09:00:00Z');
  });

  test('may be a booking as well', () => {
    const booking = { start_time: '2027-02-15T23:30:00+01:00', end_time: '2027-02-16T00:30:00+01:00' };
    expect(timesOf(booking)).toBe('2027-02-15T22:30:00Z/2027-02-15T23:30:00Z');
  });
});

describe('an event without a time', () => {
  test.each([
    [{ start_date: '2027-03-28' }, '2027-03-28/2027-03-29'],
    [{ start_date: '2027-12-31', start_time: '', timezone: 'Pacific/Kiritimati' }, '2027-12-31/2028-01-01'],
    [{ start_date: '2028-02-28', end_date: '2028-02-29', start_time: null }, '2028-02-28/2028-03-01'],
    [{ start_date: '2027-03-28', end_date: '2027-03-27' }, 'it ends before it begins'],
  ])('takes whole days, whatever the zone: %j', (data, expected) => {
    for (const zone of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) expect(timesOf(data, zone)).toBe(expected);
  });
});

describe('what names no end', () => {
  test('lasts as long as is known, else an hour', () => {
    const start = { start_time: '2027-02-15T10:00:00Z' };
    expect(timesOf(start, 'UTC', 45)).toBe('2027-02-15T10:00:00Z/2027-02-15T10:45:00Z');
    for (const odd of [undefined, null, 0, -5, Number.NaN, 1e9, '45', {}]) {
      expect(timesOf(start, 'UTC', odd)).toBe('2027-02-15T10:00:00Z/2027-02-15T11:00:00Z');
    }
    expect(timesOf({ start_date: '2027-06-01', start_time: '10:00' }, 'Europe/Berlin')).toBe(
      '2027-06-01T08:00:00Z/2027-06-01T09:00:00Z',
    );
  });
});

describe('what makes no sense', () => {
  const start_time = '2027-02-15T10:00:00Z';
  test.each([
    [{}, 'its data names no start'],
    [{ start_time: 17 }, 'its data names no start'],
    [{ start_time: 'tomorrow' }, 'its start or end can not be read as a time'],
    [{ start_time: '2027-02-15T10:00:00' }, 'its start or end can not be read as a time'],
    [{ start_time, end_time: 'later' }, 'its start or end can not be read as a time'],
    [{ start_time, end_time: start_time }, 'it ends when it begins, or before'],
    [{ start_time, end_time: '2027-02-15T09:00:00Z' }, 'it ends when it begins, or before'],
    [{ start_time, end_time: '2027-02-15T10:00:00.900Z' }, 'it ends when it begins, or before'],
    [{ start_date: '2027-02-30' }, 'its start or end can not be read as a time'],
    [{ start_date: '2027-02-15', start_time: '10:00', end_time: '10:00' }, 'it ends when it begins, or before'],
  ])('has no times, and says why: %j', (data, why) => {
    expect(timesOf(data)).toBe(why);
  });
});

test('an event in a zone that is none is in the one that is given', () => {
  const data = { start_date: '2027-06-01', start_time: '10:00', end_time: '11:00', timezone: 'Mars/Phobos' };
  expect(timesOf(data, 'Asia/Tokyo')).toBe('2027-06-01T01:00:00Z/2027-06-01T02:00:00Z');
});

test('times that were kept as text are the same again', () => {
  for (const text of ['2027-06-01T01:00:00Z/2027-06-01T02:00:00Z', '2028-02-28/2028-03-01']) {
    expect(timesText(readTimes(text))).toBe(text);
  }
});

test('a day is over when it is in the last zone', () => {
  const day: InviteTimes = readTimes('2027-06-01/2027-06-02');
  expect(hasEnded(day, Date.UTC(2027, 5, 2, 11, 59))).toBe(false);
  expect(hasEnded(day, Date.UTC(2027, 5, 2, 12))).toBe(true);
});
