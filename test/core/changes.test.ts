import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asOne, changesBetween } from '../../src/core/changes.ts';
import { applyWebhook } from '../../src/core/resource.ts';
import { aWebhook, T0 } from '../support/builders.ts';

test('names the fields that differ, with what was there before', () => {
  const before = { location: 'Town Hall', slots: 12, title: 'Open day', cost: null, gone: 1, none: '' };
  const after = { location: 'Studio 2', slots: 12, title: 'Open day', cost: 25, fresh: true, nothing: null };

  expect(changesBetween(before, after)).toEqual({ location: 'Town Hall', cost: null, fresh: null, gone: 1 });
});

test.each([
  ['the same', { a: 1 }, { a: 1 }],
  ['the same list', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
  ['what is not there, null and empty', { a: null, b: '', d: '' }, { b: null, c: '', d: null }],
  ['nothing at all', {}, {}],
])('of %s nothing changed', (_, before, after) => {
  expect(changesBetween(before, after)).toBeUndefined();
});

test('a name every object inherits is one like others', () => {
  expect(changesBetween({}, { toString: 1 })).toEqual({ toString: null });
  expect(changesBetween({ constructor: 'x' }, {})).toEqual({ constructor: 'x' });
});

test('an event that gets a time or loses it has that changed, as it was moved', () => {
  const key = { kind: 'event', id: 'evt_1' };
  const at = (second: number, more: object) => ({
    ...aWebhook({ type: 'event.updated', created_at: new Date(T0 + second * 1_000).toISOString() }),
    data: { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', ...more },
  });
  const apply = (before: ReturnType<typeof applyWebhook> | undefined, webhook: ReturnType<typeof at>) =>
    applyWebhook(before?.resource, key, webhook, T0, 'UTC');
  const bare = apply(undefined, at(0, {}));
  const timed = apply(bare, at(1, { start_time: '10:00', location: 'Hall' }));
  const again = apply(timed, at(2, { location: 'Hall' }));

  expect(timed).toMatchObject({ movedFrom: '2027-03-20', changedFrom: { start_time: null, location: null } });
  expect([again.movedFrom, again.changedFrom]).toEqual(['2027-03-20T10:00', { start_time: '10:00' }]);
});

test('long texts, lists and objects are named without what was in them', () => {
  const before = { text: 'x'.repeat(501), short: 'x'.repeat(500), list: [1], object: { a: 1 } };
  const after = { text: 'y', short: 'y', list: [2], object: { a: 2 } };

  expect(changesBetween(before, after)).toEqual({ text: null, short: 'x'.repeat(500), list: null, object: null });
});

test('stays small, whatever changed', () => {
  const fields = fc.dictionary(fc.string({ maxLength: 120 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 60 });
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const changes = changesBetween(before, after) ?? {};
      expect(Object.keys(changes).length).toBeLessThanOrEqual(20);
      for (const name of Object.keys(changes)) {
        expect(name.length).toBeLessThanOrEqual(100);
        expect(JSON.stringify(before[name] ?? null)).not.toBe(JSON.stringify(after[name] ?? null));
      }
    }),
  );
});

test('a webhook that comes late, or the first, changed nothing', () => {
  const key = { kind: 'event', id: 'evt_1' };
  const at = (created_at: string, location: string) =>
    aWebhook({ type: 'event.updated', created_at, data: { id: 'evt_1', location } });
  const first = applyWebhook(undefined, key, at('2027-01-10T10:00:00Z', 'A'), T0, 'UTC');
  const second = applyWebhook(first.resource, key, at('2027-01-10T10:00:05Z', 'B'), T0, 'UTC');
  const late = applyWebhook(second.resource, key, at('2027-01-10T10:00:02Z', 'C'), T0, 'UTC');

  expect([first, second, late].map(({ changedFrom }) => changedFrom)).toEqual([
    undefined,
    { location: 'A' },
    undefined,
  ]);
});

test('changes that nobody was told of are one, from what was there before the first of them', () => {
  const moved = { movedFrom: '2027-03-20T10:00', changedFrom: { start_time: '10:00', title: 'Open day' } };
  const elsewhere = { movedFrom: null, changedFrom: { location: 'Town Hall', title: 'Opening' } };
  const after = { start_time: '14:00', location: 'Studio 2', title: 'Open house' };

  expect(asOne([elsewhere, moved], { start: '2027-03-20T14:00', data: after })).toEqual({
    movedFrom: '2027-03-20T10:00',
    changedFrom: { start_time: '10:00', location: 'Town Hall', title: 'Open day' },
  });
});

test('what is again as it was did not change, nor what is again not there', () => {
  const there = { movedFrom: '2027-03-20T10:00', changedFrom: { start_time: '10:00', list: [1], location: null } };
  const back = { movedFrom: '2027-03-20T14:00', changedFrom: { start_time: '14:00', location: 'Hall' } };

  expect(asOne([back, there], { start: '2027-03-20T10:00', data: { start_time: '10:00', list: [1] } })).toEqual({
    movedFrom: null,
    changedFrom: undefined,
  });
});
