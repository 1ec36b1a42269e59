import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Known, viewOf } from '../../src/template/view.ts';
import { aWebhook } from '../support/builders.ts';

const settings = { timezone: 'America/New_York', locale: 'en-US', public_url: 'http://localhost' };
const NOTHING = { booking: null, schedule: null, event: null };

const viewFor = (
  data: object,
  facts: Partial<Known['facts']> = {},
  type = 'booking.created',
  rest: Partial<Known> = {},
) =>
  viewOf(
    aWebhook({ type, data }),
    { movedFrom: null, event: null, facts: { ...NOTHING, ...facts }, ...rest },
    settings,
  );

describe('the data', () => {
  test('is what the webhook says, and beneath it what the API knows', () => {
    const booking = { id: 'bk_9', attendee_name: 'Old name', title: 'Consultation', location: 'Main street 1', x: [1] };
    const { data } = viewFor({ id: 'bk_1', attendee_name: 'John', title: null, location: '' }, { booking });
    expect(data).toMatchObject({ ...booking, id: 'bk_1', attendee_name: 'John' });
  });

  test('is the webhook alone where the API knows nothing', () => {
    const webhook = aWebhook();
    expect(viewOf(webhook, { movedFrom: null, event: null }, settings).data).toBe(webhook.data);
  });

  test('never mixes the times of two moments: a booking moved since has the times of its webhook', () => {
    const data = { start_time: '2027-02-15T10:00:00Z', end_time: null };
    const moved = { start_time: '2027-02-16T10:00:00Z', end_time: '2027-02-16T11:00:00Z' };
    expect(viewFor(data, { booking: moved }).data).toMatchObject(data);
    const same = { start_time: '2027-02-15T11:00:00+01:00', end_time: '2027-02-15T10:30:00Z' };
    expect(viewFor(data, { booking: same }).data).toMatchObject({ end_time: same.end_time });
    expect(viewFor({ start_time: null, end_time: null }, { booking: moved }).data).toMatchObject(moved);
  });

  test('can not be made to change what all objects have', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const view = viewFor({ ...hostile, extra: value }, { booking: { ...hostile, more: value }, schedule: hostile });
        expect(Object.getPrototypeOf(view.data)).toBe(Object.prototype);
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
        expect(typeof view.zone).toBe('string');
      }),
      { numRuns: 50 },
    );
  });
});

test("a registration's event is cancelled where only the API says so; anything else it says goes behind", () => {
  const told = { title: 'Open day', status: 'published' };
  const eventWith = (status: string) =>
    viewFor({}, { event: { id: 'evt_1', title: 'Old', status } }, 'registration.created', { event: told }).event;
  expect(eventWith('cancelled')).toEqual({ id: 'evt_1', title: 'Open day', status: 'cancelled' });
  expect(eventWith('draft')).toEqual({ id: 'evt_1', ...told });
});

describe('the zone', () => {
  const [own, schedule] = ['Asia/Tokyo', { timezone: 'Europe/Berlin' }];

  test("is the booking's, else the schedule's, else TIMEZONE, and it is written", () => {
    expect(viewFor({ timezone: own }, { schedule }).zone).toBe(own);
    expect(viewFor({}, { booking: { timezone: own }, schedule }).zone).toBe(own);
    expect(viewFor({}, { schedule }).zone).toBe('Europe/Berlin');
    expect(viewFor({}).zone).toBe('America/New_York');
    expect(viewFor({}, { schedule }).when?.text).toContain('Europe/Berlin');
    expect(viewFor({}).when?.text).toContain('America/New_York');
  });

  test.each([['Mars/Olympus'], [''], [null], [7], [{}]])('is the next one where one is none: %j', (timezone) => {
    expect(viewFor({ timezone }, { schedule }).zone).toBe('Europe/Berlin');
    expect(viewFor({}, { schedule: { timezone } }).zone).toBe('America/New_York');
  });

  test("of a place that people come to is the place's, as its schedule says", () => {
    const { zone, when } = viewFor({ timezone: own, location_type: 'in_person' }, { schedule });
    expect(zone).toBe('Europe/Berlin');
    expect(when?.text).toBe('Monday, February 15, 2027, 11:00 AM – 12:00 PM (GMT+1, Europe/Berlin)');
    expect(viewFor({ timezone: own, location_type: 'in_person' }).zone).toBe(own);
    expect(viewFor({ timezone: own, location_type: 'video' }, { schedule }).zone).toBe(own);
  });

  test("of what a registration is for is the event's, never that of whoever registers", () => {
    const event = { start_date: '2027-03-20', start_time: '10:00', timezone: 'Asia/Tokyo' };
    const told = { ...event, timezone: null, title: 'Told' };
    for (const known of [{ facts: { ...NOTHING, event } }, { event: told, facts: { ...NOTHING, event } }]) {
      const view = viewFor({ timezone: 'Europe/Berlin' }, {}, 'registration.created', known);
      expect(view.zone).toBe('Asia/Tokyo');
      expect(view.when?.text).toBe('Saturday, March 20, 2027, 10:00 AM (GMT+9, Asia/Tokyo)');
    }
  });

  test('is that in which the earlier time of a moved booking is told too', () => {
    const view = viewFor({}, { schedule }, 'booking.confirmed', { movedFrom: '2027-02-14T10:00:00.000Z' });
    expect(view.moved_from?.text).toBe('Sunday, February 14, 2027, 11:00 AM (GMT+1, Europe/Berlin)');
  });
});
