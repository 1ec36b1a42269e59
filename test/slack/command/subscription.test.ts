import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/slack/command/parse.ts';

const parse = (typed: string) => parseCommand(typed, { now: Date.UTC(2027, 0, 15), timezone: 'UTC' });

describe('the types of a subscription', () => {
  test.each([
    ['booking', ['booking.*']],
    ['Bookings', ['booking.*']],
    ['booking.*', ['booking.*']],
    ['*', ['*']],
    ['all', ['*']],
    ['booking.created, booking.cancelled', ['booking.created', 'booking.cancelled']],
    ['booking,event registration', ['booking.*', 'event.*', 'registration.*']],
    ['`booking.created`', ['booking.created']],
    ['booking booking.*', ['booking.*']],
    ['*.cancelled', ['*.cancelled']],
    ['payment.refunded', ['payment.refunded']],
    ['payment.*', ['payment.*']],
  ])('%s', (typed, types) => {
    expect(parse(`subscribe ${typed}`)).toEqual({ command: { name: 'subscribe', types, filters: [] } });
  });

  test.each([
    ['boking', 'subscribe booking'],
    ['booking.canceled', 'subscribe booking.cancelled'],
    ['bookin.*', 'subscribe booking'],
    ['evnts', 'subscribe event'],
    ['booking.created, evnts where schedule:sch_1', 'subscribe booking.created, event where schedule:sch_1'],
    ['boking where stauts:pending', 'subscribe booking where status:pending'],
    ['weather', null],
    ['', null],
    ['where schedule:sch_1', null],
  ])('%j names no type', (typed, nearest) => {
    expect(parse(`subscribe ${typed}`)).toMatchObject({ about: 'subscribe', nearest });
  });
});

describe('the filters of a subscription', () => {
  const filtersOf = (typed: string) => {
    const parsed = parse(typed);
    if (!('command' in parsed) || parsed.command.name !== 'subscribe') throw new Error(JSON.stringify(parsed));
    return parsed.command.filters;
  };

  test.each([
    ['where schedule:sch_1', [{ field: 'schedule', not: false, value: 'sch_1' }]],
    ['schedule:sch_1', [{ field: 'schedule', not: false, value: 'sch_1' }]],
    ['WHERE Schedule_ID:sch_1', [{ field: 'schedule', not: false, value: 'sch_1' }]],
    ['-schedule:sch_1', [{ field: 'schedule', not: true, value: 'sch_1' }]],
    // Else it would wait in vain for a status that WebKasa spells with two l.
    [
      'status:CANCELED,pending',
      [
        { field: 'status', not: false, value: 'CANCELLED' },
        { field: 'status', not: false, value: 'pending' },
      ],
    ],
    ['but !status:pending', [{ field: 'status', not: true, value: 'pending' }]],
    [
      'where schedule:sch_1,sch_2 and -email:@ourteam.example',
      [
        { field: 'schedule', not: false, value: 'sch_1' },
        { field: 'schedule', not: false, value: 'sch_2' },
        { field: 'email', not: true, value: '@ourteam.example' },
      ],
    ],
    ['title:"Open day, spring"', [{ field: 'title', not: false, value: 'Open day, spring' }]],
    ['-title:\u201cOpen day\u201d', [{ field: 'title', not: true, value: 'Open day' }]],
    ['data.guest_count:5', [{ field: 'data.guest_count', not: false, value: '5' }]],
    ['data.Note:a:b', [{ field: 'data.Note', not: false, value: 'a:b' }]],
  ])('%s', (typed, filters) => {
    expect(filtersOf(`subscribe booking ${typed}`)).toEqual(filters);
  });

  test.each([
    ['where shedule:sch_1', 'where schedule:sch_1'],
    ['-stauts:pending', '-status:pending'],
    ['where sch_1', 'where schedule:sch_1'],
    ['where -sch_1', 'where -schedule:sch_1'],
    ['where pending and -@ourteam.example', 'where status:pending and -email:@ourteam.example'],
    ['where guestcount:5', 'where data.guest_count:5'],
    ['where -schedule sch_1', 'where -schedule:sch_1'],
    ['where schedule: sch_1 status:pending', 'where schedule:sch_1 status:pending'],
    ['where titel:"Open day" -stauts:pending', 'where title:"Open day" -status:pending'],
  ])('%j can be mended, and the rest stays', (typed, meant) => {
    const parsed = parse(`subscribe booking.created ${typed}`);
    expect(parsed).toMatchObject({ about: 'subscribe', nearest: `subscribe booking.created ${meant}` });
    if (!('problem' in parsed)) return;
    expect(parse(parsed.nearest ?? '')).toHaveProperty('command');
  });

  test.each([
    ['where -schedule', 'such as -schedule:sch_1'],
    ['where moved:true', 'data.… for any field'],
    ['guests:5', 'such as data.guest_count'],
    ['where date:2027-01-01', 'There is no filter “date”'],
    ['schedule:', 'such as schedule:sch_1'],
    ['where', 'such as schedule:sch_1'],
    ['where whatever', 'such as schedule:sch_1'],
    ['where -status: and event:evt_1', 'such as -status:pending'],
  ])('of %j nobody can tell what was meant, so an example has to do', (typed, words) => {
    const parsed = parse(`subscribe booking.created ${typed}`);
    expect(parsed).toMatchObject({ problem: expect.stringContaining(words), about: 'subscribe', nearest: null });
  });

  test('no path leads out of the data', () => {
    expect(parse('subscribe booking data.__proto__.x:1')).toHaveProperty('problem');
    expect(parse('subscribe booking data.constructor:1')).toHaveProperty('problem');
  });

  test('a subscription that nobody could read is refused', () => {
    expect(parse(`subscribe booking name:${'x'.repeat(201)}`)).toHaveProperty('problem');
    expect(parse(`subscribe booking ${'name:x '.repeat(21)}`)).toHaveProperty('problem');
  });
});

describe('unsubscribing', () => {
  test.each([
    ['', null],
    ['all', 'all'],
    ['ALL', 'all'],
    ['sub_abc', 'sub_abc'],
    ['`sub_abc`', 'sub_abc'],
    // People write the document too.
    ['SUB_Desk', 'sub_Desk'],
    ['booking', 'booking.*'],
    ['booking.created event', 'booking.created event.*'],
    ['*', '*'],
  ])('unsubscribe %s', (typed, which) => {
    expect(parse(`unsubscribe ${typed}`)).toEqual({ command: { name: 'unsubscribe', which } });
  });

  test('a filter does not name a subscription', () => {
    expect(parse('unsubscribe booking where schedule:sch_1')).toMatchObject({ nearest: 'rules' });
    expect(parse('unsubscribe weather')).toMatchObject({ about: 'unsubscribe', nearest: 'rules' });
    expect(parse('unsubscribe boking')).toMatchObject({ about: 'unsubscribe', nearest: 'unsubscribe booking' });
  });
});
