import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Filter, Subscription } from '../../src/core/team.ts';
import { decide } from '../../src/route/plan.ts';
import { subscriptionRule } from '../../src/route/subscription.ts';
import { aWebhook, inputFor } from './support.ts';

/** `-schedule:sch_1` and the like. */
const filter = (text: string): Filter => {
  const [, minus, field = '', value = ''] = /^(-?)([\w.]+):(.*)$/s.exec(text) ?? [];
  return { field, not: minus === '-', value };
};

const aSubscription = (filters: readonly string[] = [], types: readonly string[] = ['*']): Subscription => ({
  id: 'sub_1',
  channel: 'C0BOOKINGS',
  channelName: '#bookings',
  types,
  filters: filters.map(filter),
  by: { id: 'U0ANNA', name: 'anna', via: 'slack' },
  at: '2027-01-15T10:30:00Z',
});

const decided = (subscription: Subscription, data: unknown = aWebhook().data, type = 'booking.created') =>
  decide(subscriptionRule(subscription), inputFor(aWebhook({ type, data })));

const failures = (filters: readonly string[], data: Record<string, unknown> = {}, type = 'booking.created') =>
  decided(aSubscription(filters), { ...(aWebhook().data as object), ...data }, type).decision.reasons;

test('tells its channel by a card of the kind’s own template', () => {
  const { decision, deliveries } = decided(aSubscription());
  expect(decision).toEqual({ rule: 'sub_1', planned: [deliveries[0]?.id], reasons: [] });
  expect(deliveries).toEqual([
    expect.objectContaining({
      rule: 'sub_1',
      destination: 'slack:C0BOOKINGS',
      key: 'booking:bk_1|slack:C0BOOKINGS',
      late: 'deliver',
      action: { kind: 'slack', slack: { channel: 'C0BOOKINGS', as: 'card' } },
    }),
  ]);
});

test('of another type, it says what it asks for', () => {
  expect(decided(aSubscription([], ['event.*', 'registration.created'])).decision.reasons).toEqual([
    { code: 'other_type', text: 'the subscription asks for event.*, registration.created' },
  ]);
});

const PERSON = { attendee_name: 'Zoë Müller', attendee_email: 'Zoe@Example.com', title: 'Tai Chi, Level 2' };

describe('filters hold', () => {
  test.each<[string[], Record<string, unknown>?, string?]>([
    [[]],
    [['schedule:sch_1']],
    [['schedule:sch_0', 'schedule:sch_1']],
    [['-schedule:sch_0']],
    [['-schedule:sch_0', '-schedule:sch_2', 'status:pending']],
    [['status:Pending', 'status:cancelled']],
    [['-status:cancelled'], { status: undefined }],
    [['name:zoë'], PERSON],
    [['name:zoe\u0308'], PERSON],
    [['name:MÜLLER', '-name:eve'], PERSON],
    [['email:@example.com'], PERSON],
    [['title:tai chi'], PERSON],
    [['id:bk_1']],
    [['event:evt_1'], { event_id: 'evt_1' }, 'registration.created'],
    [['event:evt_1'], { id: 'evt_1' }, 'event.updated'],
    [['-event:evt_1']],
    [['data.guest_count:3'], { guest_count: 3 }],
    [['data.online:true'], { online: true }],
    [['data.tags:vip'], { tags: ['new', 'vip'] }],
    [['data.place.room:12'], { place: { room: '12' } }],
    [['data.guests.name:Ann'], { guests: [{ name: 'Bob' }, { name: 'Ann' }] }],
    [['-data.notes:x'], { notes: null }],
  ])('%j on %j', (filters, data, type) => {
    expect(failures(filters, data, type)).toEqual([]);
  });
});

describe('a filter that fails says what was found and what was wanted', () => {
  test.each<[string[], Record<string, unknown>, string]>([
    [['schedule:sch_2'], {}, 'schedule is "sch_1", and the subscription wants it to be sch_2'],
    [['schedule:a', 'schedule:b'], {}, 'schedule is "sch_1", and the subscription wants it to be a or b'],
    [['-schedule:sch_1'], {}, 'schedule is "sch_1", and the subscription wants it not to be sch_1'],
    [
      ['-schedule:x', '-schedule:sch_1'],
      {},
      'schedule is "sch_1", and the subscription wants it to be none of x, sch_1',
    ],
    [['schedule:sch_1'], { schedule_id: undefined }, 'schedule is missing, and the subscription wants it to be sch_1'],
    [['schedule:SCH_1'], {}, 'schedule is "sch_1", and the subscription wants it to be SCH_1'],
    [['schedule:sch'], {}, 'schedule is "sch_1", and the subscription wants it to be sch'],
    [['status:confirmed'], {}, 'status is "PENDING", and the subscription wants it to be confirmed'],
    [['-status:pending'], {}, 'status is "PENDING", and the subscription wants it not to be pending'],
    [['event:evt_1'], {}, 'event is missing, and the subscription wants it to be evt_1'],
    [['data.tags:old'], { tags: ['vip'] }, 'data.tags is a list of 1, and the subscription wants it to be old'],
    [['data.guest_count:30'], { guest_count: 3 }, 'data.guest_count is 3, and the subscription wants it to be 30'],
    [['data.constructor:x'], {}, 'data.constructor is missing, and the subscription wants it to be x'],
  ])('%j on %j', (filters, data, text) => {
    expect(failures(filters, data)).toEqual([{ code: 'condition_failed', text }]);
  });

  test('each by itself, and those that hold are not named', () => {
    expect(failures(['schedule:sch_1', 'status:confirmed', '-id:bk_1'])).toHaveLength(2);
  });

  test('the attendee is not repeated', () => {
    const texts = failures(['name:bob', '-email:example', 'title:yoga', 'data.notes:x'], {
      ...PERSON,
      notes: 'Müller',
    });
    expect(texts.map(({ text }) => text)).toEqual([
      'name is there, and the subscription wants it to contain bob',
      'email is there, and the subscription wants it not to contain example',
      'title is there, and the subscription wants it to contain yoga',
      'data.notes is there, and the subscription wants it to be x',
    ]);
  });
});

test('a filter and its opposite never hold both, whatever the data', () => {
  const fields = fc.constantFrom('schedule', 'event', 'status', 'email', 'name', 'title', 'id', 'data.x', 'data.x.y');
  const data = fc.dictionary(
    fc.constantFrom('id', 'schedule_id', 'event_id', 'status', 'attendee_email', 'attendee_name', 'title', 'x'),
    fc.oneof(fc.jsonValue(), fc.constantFrom('a', 'A', 'ab')),
  );
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom('a', 'A', '1', 'true', 'b'),
      fc.oneof(data, fc.jsonValue()),
      (field, value, given) => {
        const holds = (minus: string) =>
          decided(aSubscription([`${minus}${field}:${value}`]), given).decision.reasons.length === 0;
        expect(holds('')).toBe(!holds('-'));
      },
    ),
  );
});
