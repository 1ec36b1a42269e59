import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshPayload, ofItsOwn, type Payload, setField } from '../../src/commands/payload.ts';
import { KNOWN_TYPES, oddities, type Webhook } from '../../src/core/webhook.ts';
import { isTimeZone } from '../../src/core/webhook-data.ts';

const NOW = Date.UTC(2027, 0, 13, 12);

const set = (payload: Payload, assignment: string): Payload => {
  const outcome = setField(payload, assignment);
  if ('problem' in outcome) throw new Error(outcome.problem);
  return outcome.payload;
};

describe('a fresh payload', () => {
  test.each(KNOWN_TYPES)('of %s is as WebKasa describes it, new, and about something soon', (type) => {
    const payload = freshPayload(type, NOW);
    expect(oddities(payload as Webhook)).toEqual([]);
    expect(payload).toMatchObject({
      type,
      created_at: '2027-01-13T12:00:00.000Z',
      id: expect.stringMatching(/^wh_evt_[0-9a-f]{16}$/),
    });
    expect(freshPayload(type, NOW).id).not.toBe(payload.id);
  });

  test('starts on a Monday at least a week away, the same for a whole week', () => {
    const starts = [11, 13, 17].map(
      (day) => (freshPayload('booking.created', Date.UTC(2027, 0, day)).data as Payload).start_time,
    );
    expect(starts).toEqual(['2027-01-18T10:00:00Z', '2027-01-25T10:00:00Z', '2027-01-25T10:00:00Z']);
    expect(freshPayload('event.created', NOW).data).toMatchObject({ start_date: '2027-01-25', start_time: '19:00' });
    expect(isTimeZone(String((freshPayload('event.created', NOW).data as Payload).timezone))).toBe(true);
  });

  test('can be about a resource of its own', () => {
    const registration = freshPayload('registration.created', NOW);
    const other = ofItsOwn(registration);
    expect(other.id).not.toBe(registration.id);
    expect(other.data).toMatchObject({ id: expect.stringMatching(/^reg_[0-9a-f]{16}$/), event_id: 'evt_abc123' });
  });
});

describe('setting a field', () => {
  test.each([
    ['data.name=Zoë', { data: { name: 'Zoë' } }],
    ['data.name=', { data: { name: '' } }],
    ['data.name=a=b', { data: { name: 'a=b' } }],
    ['data.count=3', { data: { count: 3 } }],
    ['data.count="3"', { data: { count: '3' } }],
    ['data.none=null', { data: { none: null } }],
    ['data.list=["a",{"b":1}]', { data: { list: ['a', { b: 1 }] } }],
    ['data.a.b.c=true', { data: { a: { b: { c: true } } } }],
    ['id=wh_1', { data: {}, id: 'wh_1' }],
  ])('%s', (assignment, expected) => {
    expect(set({ data: {} }, assignment)).toEqual(expected);
  });

  test('reaches into lists, and leaves the original alone', () => {
    const original = { data: { list: [{ a: 1 }, { a: 2 }] } };
    expect(set(original, 'data.list.1.a=5')).toEqual({ data: { list: [{ a: 1 }, { a: 5 }] } });
    expect(original.data.list[1]).toEqual({ a: 2 });
  });

  test.each([
    ['data.name', '"data.name" is not of the form data.field=value.'],
    ['=x', '"=x" is not of the form data.field=value.'],
    ['data..x=1', '"data..x=1" is not of the form data.field=value.'],
    ['__proto__.polluted=1', '"__proto__" can\'t be set.'],
    ['data.constructor.prototype.polluted=1', '"constructor" can\'t be set.'],
    ['id.x=1', 'id is no object: nothing can be set in it.'],
  ])('%s is refused', (assignment, problem) => {
    expect(setField({ id: 'wh_1', data: {} }, assignment)).toEqual({ problem });
  });

  test('never touches what all objects share', () => {
    const name = fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'data', 'x', '0');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (path) => {
        setField({ data: { list: [] } }, `${path.join('.')}={"polluted":1}`);
        expect(Reflect.get({}, 'polluted')).toBeUndefined();
        expect(Object.prototype.toString.call([])).toBe('[object Array]');
      }),
    );
  });
});
