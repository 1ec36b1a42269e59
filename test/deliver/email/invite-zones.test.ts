import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planInvite } from '../../../src/deliver/email/invite.ts';
import { aRequest, readInvite } from './invites.ts';

/* The local time at the venue when, by the invite, an event begins: read by ical.js, formatted by Intl. */

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Niue',
  'Pacific/Chatham',
  'America/St_Johns',
  'Africa/Casablanca',
  'UTC',
];

const onTheWall = (instant: string, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(instant),
  );

/** The invite to somebody registered for an event, as a calendar reads it. */
const invited = (event: Readonly<Record<string, unknown>>) => {
  const planned = planInvite(
    aRequest({
      type: 'registration.created',
      resource: { kind: 'registration', id: 'reg_1' },
      data: { id: 'reg_1', event_id: 'evt_1', status: 'CONFIRMED' },
      facts: { event: { id: 'evt_1', title: 'Open day', ...event } },
      // TIMEZONE, which must not matter here.
      zone: 'Asia/Tokyo',
    }),
    undefined,
    Date.UTC(2026, 11, 30),
  );
  if ('none' in planned) throw new Error(planned.none);
  return { ...readInvite(planned.text), text: planned.text };
};

test.each([
  ['Europe/Berlin', '2027-03-28', '01:30', '03:30', 60],
  ['Europe/Berlin', '2027-10-31', '01:30', '03:30', 180],
  ['America/New_York', '2027-03-14', '01:00', '03:00', 60],
  ['America/New_York', '2027-11-07', '00:30', '02:30', 180],
  ['Australia/Lord_Howe', '2027-10-03', '01:00', '03:00', 90],
  ['Australia/Lord_Howe', '2027-04-04', '01:00', '03:00', 150],
])(
  'on the day when clocks change in %s, %s, %s to %s takes %d minutes',
  (timezone, start_date, start, end, minutes) => {
    const read = invited({ timezone, start_date, start_time: start, end_time: end });
    expect([read.start, read.end].map(({ text }) => onTheWall(text, timezone))).toEqual([
      `${start_date} ${start}`,
      `${start_date} ${end}`,
    ]);
    expect((Date.parse(read.end.text) - Date.parse(read.start.text)) / 60_000).toBe(minutes);
    expect([read.start.zone, read.end.zone]).toEqual(['UTC', 'UTC']);
  },
);

test('a time that clocks skip is the one they show then', () => {
  const read = invited({ timezone: 'Europe/Berlin', start_date: '2027-03-28', start_time: '02:30', end_time: '04:00' });
  expect(onTheWall(read.start.text, 'Europe/Berlin')).toBe('2027-03-28 03:30');
  expect(onTheWall(read.end.text, 'Europe/Berlin')).toBe('2027-03-28 04:00');
});

test('a time that clocks show twice is the first of them', () => {
  const read = invited({ timezone: 'Europe/Berlin', start_date: '2027-10-31', start_time: '02:30', end_time: '04:00' });
  expect(read.start.text).toBe('2027-10-31T00:30:00Z');
});

const two = (value: number): string => String(value).padStart(2, '0');

test('whatever the zone and the day, clocks there show what the event says, also past midnight', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 28 }),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 1, max: 23 }),
      (timezone, month, day, hour, hours) => {
        const start_date = `2027-${two(month)}-${two(day)}`;
        const [start, end] = [`${two(hour)}:15`, `${two((hour + hours) % 24)}:15`];
        // Clocks never change at these hours of the first two weeks' days but for what the tests above name.
        fc.pre(hour > 4 && (hour + hours) % 24 > 4);
        const read = invited({ timezone, start_date, start_time: start, end_time: end });
        expect(onTheWall(read.start.text, timezone)).toBe(`${start_date} ${start}`);
        const endDate = new Date(Date.UTC(2027, month - 1, day + (hour + hours >= 24 ? 1 : 0)))
          .toISOString()
          .slice(0, 10);
        expect(onTheWall(read.end.text, timezone)).toBe(`${endDate} ${end}`);
      },
    ),
    { numRuns: 300 },
  );
});

test('an event without a time is the same whole days everywhere', () => {
  for (const timezone of ZONES) {
    const read = invited({ timezone, start_date: '2027-10-31', end_date: '2027-11-01' });
    expect([read.start, read.end]).toEqual([
      { text: '2027-10-31', isDate: true, zone: expect.anything() },
      { text: '2027-11-02', isDate: true, zone: expect.anything() },
    ]);
    expect(read.text).toMatch(/^DTSTART;VALUE=DATE:20271031\r$/m);
  }
});
