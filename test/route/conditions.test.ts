import { describe, expect, test } from 'vitest';
import type { Condition } from '../../src/core/rule.ts';
import { conditionFaults } from '../../src/route/condition-syntax.ts';
import { compileCondition, type Subject } from '../../src/route/conditions.ts';

const DATA = {
  id: 'bk_1',
  schedule_id: 'sch_1',
  status: 'PENDING',
  attendee_name: 'John Doe',
  attendee_email: 'john@ourteam.example',
  guest_count: 3,
  cancelled: false,
  note: null,
  tags: ['vip', 'new'],
  guests: [
    { name: 'Ann', age: 4 },
    { name: 'Bob', age: 40 },
  ],
};

const about = (data: unknown, moved = false, changed: readonly string[] = []): Subject => ({
  id: 'wh_evt_1',
  type: 'booking.created',
  created_at: '2027-01-15T10:30:00Z',
  data,
  moved,
  changed,
});

const failuresOf = (when: Condition, data: unknown = DATA, moved = false): string[] => {
  expect(conditionFaults(when)).toEqual([]);
  return compileCondition(when).failures(about(data, moved));
};

describe('a condition that holds', () => {
  test.each<[string, Condition]>([
    ['a plain value', { 'data.schedule_id': 'sch_1' }],
    ['several fields', { 'data.schedule_id': 'sch_1', 'data.status': 'PENDING' }],
    ['the envelope', { type: 'booking.created', id: { $regex: '^wh_' } }],
    ['$eq', { 'data.guest_count': { $eq: 3 } }],
    ['$ne', { 'data.guest_count': { $ne: 4 } }],
    ['$ne of what is missing', { 'data.nothing': { $ne: 4 } }],
    ['$gt and $lt', { 'data.guest_count': { $gt: 2, $lt: 4 } }],
    ['$gte and $lte', { 'data.guest_count': { $gte: 3, $lte: 3 } }],
    ['times as texts', { created_at: { $gte: '2027-01-15' } }],
    ['$in', { 'data.schedule_id': { $in: ['sch_0', 'sch_1'] } }],
    ['$in with an entry of a list', { 'data.tags': { $in: ['vip'] } }],
    ['$nin', { 'data.schedule_id': { $nin: ['sch_0'] } }],
    ['$nin of what is missing', { 'data.nothing': { $nin: ['sch_0'] } }],
    ['$exists', { 'data.schedule_id': { $exists: true } }],
    ['$exists of null', { 'data.note': { $exists: true } }],
    ['$exists: false', { 'data.nothing': { $exists: false } }],
    ['null for what is missing', { 'data.nothing': null }],
    ['false', { 'data.cancelled': false }],
    ['$regex', { 'data.attendee_email': { $regex: '@ourteam\\.example$' } }],
    ['$regex with $options', { 'data.attendee_name': { $regex: '^JOHN', $options: 'i' } }],
    ['$not around $regex', { 'data.attendee_email': { $not: { $regex: '@elsewhere\\.example$' } } }],
    ['$not of what is missing', { 'data.nothing': { $not: { $regex: 'x' } } }],
    ['$not around $regex with $options', { 'data.attendee_name': { $not: { $regex: '^ANN', $options: 'i' } } }],
    ['$all', { 'data.tags': { $all: ['new', 'vip'] } }],
    ['$size', { 'data.tags': { $size: 2 } }],
    ['an entry by its place', { 'data.tags.0': 'vip' }],
    ['a field of any entry', { 'data.guests.name': 'Bob' }],
    ['$elemMatch', { 'data.guests': { $elemMatch: { name: 'Ann', age: { $lt: 18 } } } }],
    ['$elemMatch on plain entries', { 'data.tags': { $elemMatch: { $regex: '^v' } } }],
    ['$mod', { 'data.guest_count': { $mod: [2, 1] } }],
    ['$type', { 'data.guest_count': { $type: 'number' } }],
    ['$and', { $and: [{ 'data.status': 'PENDING' }, { 'data.guest_count': 3 }] }],
    ['$or', { $or: [{ 'data.status': 'CONFIRMED' }, { 'data.guest_count': 3 }] }],
    ['$nor', { $nor: [{ 'data.status': 'CONFIRMED' }, { 'data.guest_count': 4 }] }],
    ['$not around conditions', { $not: { 'data.status': 'CONFIRMED' } }],
    ['moved', { moved: false }],
  ])('%s', (_name, when) => {
    expect(failuresOf(when)).toEqual([]);
  });
});

describe('a condition that fails says what was found and what was wanted', () => {
  test.each<[Condition, string]>([
    [{ 'data.schedule_id': 'sch_x' }, 'data.schedule_id is "sch_1", and the rule wants it to be "sch_x"'],
    [{ 'data.schedule_id': { $in: ['a', 'b'] } }, 'data.schedule_id is "sch_1", and the rule wants it in ["a","b"]'],
    [
      { 'data.schedule_id': { $nin: ['sch_1'] } },
      'data.schedule_id is "sch_1", and the rule wants it not in ["sch_1"]',
    ],
    [{ 'data.nothing': { $in: ['a'] } }, 'data.nothing is missing, and the rule wants it in ["a"]'],
    [{ 'data.nothing.deeper': 'a' }, 'data.nothing.deeper is missing, and the rule wants it to be "a"'],
    [{ 'data.note': 'a' }, 'data.note is null, and the rule wants it to be "a"'],
    [{ 'data.note': { $exists: false } }, 'data.note is null, and the rule wants it not to be there'],
    [{ 'data.tags': 'old' }, 'data.tags is a list of 2, and the rule wants it to be "old"'],
    [{ 'data.guests.name': 'Cid' }, 'data.guests.name is a list of 2, and the rule wants it to be "Cid"'],
    [{ data: 'x' }, 'data is an object, and the rule wants it to be "x"'],
    [{ 'data.guest_count': { $gte: 5 } }, 'data.guest_count is 3, and the rule wants it at or above 5'],
    [{ 'data.guest_count': { $gt: 3 } }, 'data.guest_count is 3, and the rule wants it above 3'],
    [{ 'data.guest_count': { $lt: 3 } }, 'data.guest_count is 3, and the rule wants it below 3'],
    [{ 'data.guest_count': { $lte: 2 } }, 'data.guest_count is 3, and the rule wants it at or below 2'],
    [{ 'data.guest_count': { $gte: '3' } }, 'data.guest_count is 3, and the rule wants it at or above "3"'],
    [{ 'data.status': { $ne: 'PENDING' } }, 'data.status is "PENDING", and the rule wants it not to be "PENDING"'],
    [{ 'data.status': { $type: 'number' } }, 'data.status is "PENDING", and the rule wants it to be of type number'],
    [{ 'data.tags': { $size: 1 } }, 'data.tags is a list of 2, and the rule wants it to be a list of 1'],
    [
      { 'data.tags': { $all: ['vip', 'x'] } },
      'data.tags is a list of 2, and the rule wants it to hold all of ["vip","x"]',
    ],
    [
      { 'data.attendee_email': { $not: { $regex: '@ourteam\\.example$' } } },
      'data.attendee_email is there, and the rule wants it not to match @ourteam\\.example$',
    ],
    [{ 'data.cancelled': true }, 'data.cancelled is false, and the rule wants it to be true'],
    [{ moved: true }, 'moved is false, and the rule wants it to be true'],
    [{ $nor: [{ 'data.guest_count': 3 }] }, 'one of the conditions under $nor holds, and the rule wants none to'],
    [{ $not: { 'data.guest_count': 3 } }, 'the conditions under $not hold, and the rule wants them not to'],
    [
      { $or: [{ 'data.status': 'A' }, { 'data.guest_count': 4, moved: true }] },
      'none of the alternatives under $or holds: data.status is "PENDING", and the rule wants it to be "A"; ' +
        'or data.guest_count is 3, and the rule wants it to be 4 and moved is false, and the rule wants it to be true',
    ],
  ])('%j', (when, words) => {
    expect(failuresOf(when)).toEqual([words]);
  });

  test('each failing condition is named, those that hold are not', () => {
    const when = { 'data.status': 'PENDING', 'data.schedule_id': 'x', 'data.guest_count': { $gt: 1, $lt: 2 } };
    expect(failuresOf(when)).toEqual([
      'data.schedule_id is "sch_1", and the rule wants it to be "x"',
      'data.guest_count is 3, and the rule wants it below 2',
    ]);
  });

  test('under $and each is named by itself', () => {
    expect(failuresOf({ $and: [{ 'data.status': 'A' }, { moved: true }] })).toHaveLength(2);
  });

  test('nothing an attendee is called, reached at or wrote is repeated', () => {
    const data = {
      attendee_name: 'Zoe SECRET',
      attendee_email: 'secret@example.com',
      attendee_phone: '+1555SECRET',
      notes: 'a SECRET note',
      location: 'SECRET street',
      title: 'Meeting SECRET',
      custom: { answer: 'SECRET' },
    };
    const when = Object.fromEntries(
      [...Object.keys(data).map((key) => `data.${key}`), 'data.custom.answer'].map((path) => [path, 'other']),
    );
    const failures = failuresOf(when, data);
    expect(failures).toHaveLength(8);
    expect(failures.join()).not.toMatch(/secret/i);
  });

  test('what a sender puts in a status stays one short line', () => {
    const [words] = failuresOf({ 'data.status': 'A' }, { status: `x\u2028\u202e${'y'.repeat(5000)}` });
    expect(words).toMatch(/^data\.status is "x y+…, and the rule wants it to be "A"$/);
    expect(words?.length).toBeLessThan(250);
  });
});

test('moved is about this webhook', () => {
  expect(failuresOf({ moved: true }, DATA, true)).toEqual([]);
  expect(failuresOf({ moved: true }, DATA, false)).toHaveLength(1);
});

test.each([
  ['null', null],
  ['a text', 'text'],
  ['a number', 7],
  ['a list', [1, 2]],
  ['missing', undefined],
])('data that is %s fails conditions on its fields', (_name, data) => {
  expect(failuresOf({ 'data.status': 'A' }, data)).toHaveLength(1);
});

test('data with keys that look like the language itself is only data', () => {
  const data: unknown = JSON.parse('{"__proto__":{"status":"A"},"constructor":1,"hasOwnProperty":2,"toJSON":3}');
  expect(failuresOf({ 'data.status': 'A' }, data)).toEqual(['data.status is missing, and the rule wants it to be "A"']);
});

test('a list nested deeper than any stack fails the condition instead of the bot', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
  expect(failuresOf({ 'data.status.x': 'A' }, { status: deep })).toEqual([
    "data.status.x can't be tested: the data is nested too deeply",
  ]);
  // The same condition still works on what comes next.
  expect(failuresOf({ 'data.status': 'A' }, { status: 'A' })).toEqual([]);
});

test('a regular expression sees the first 2000 characters', () => {
  const when = { 'data.notes': { $regex: 'vegan' } };
  expect(failuresOf(when, { notes: `${' '.repeat(1990)}vegan` })).toEqual([]);
  expect(failuresOf(when, { notes: `${' '.repeat(2000)}vegan` })).toHaveLength(1);
});

test('the same condition can be asked again and again', () => {
  const compiled = compileCondition({ 'data.attendee_email': { $regex: 'ourteam' }, 'data.tags': { $nin: ['old'] } });
  for (let round = 0; round < 3; round += 1) {
    expect(compiled.failures(about(DATA))).toEqual([]);
    expect(compiled.failures(about({ ...DATA, attendee_email: 'x', tags: ['old'] }))).toHaveLength(2);
  }
});
