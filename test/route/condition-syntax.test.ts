import { expect, test } from 'vitest';
import type { Condition } from '../../src/core/rule.ts';
import { conditionFaults, conditionFields } from '../../src/route/condition-syntax.ts';

test.each<[string, Condition, string, RegExp]>([
  ['an unknown operator', { a: { $equals: 1 } }, 'a.$equals', /no operator; did you mean "\$exists"|no operator/],
  ['a misspelt operator', { a: { $regx: 'x' } }, 'a.$regx', /no operator; did you mean "\$regex"\?/],
  ['code', { $where: 'this.a' }, '$where', /runs code and is not supported/],
  ['code under a field', { a: { $where: 'this.a' } }, 'a.$where', /runs code and is not supported/],
  ['an operator without a field', { $in: [1] }, '$in', /belongs under a field/],
  ['a logical operator under a field', { a: { $or: [{ $gt: 1 }] } }, 'a.$or', /stands beside the fields/],
  ['nested keys', { data: { status: 'A' } }, 'data.status', /one path with dots: data\.status: …/],
  ['keys beside operators', { a: { $gt: 1, b: 2 } }, 'a.b', /one path with dots/],
  ['nothing at all', {}, '', /takes conditions/],
  ['an empty field', { a: {} }, 'a', /takes a value, or operators/],
  ['$and without a list', { $and: { a: 1 } }, '$and', /takes a list of conditions/],
  ['an empty $or', { $or: [] }, '$or', /takes a list of conditions/],
  ['an entry of $or that is none', { $or: [{ a: 1 }, 'b'] }, '$or.1', /takes conditions/],
  ['a fault inside $nor', { $nor: [{ a: { $bad: 1 } }] }, '$nor.0.a.$bad', /no operator/],
  ['$in without a list', { a: { $in: 'x' } }, 'a.$in', /\$in takes a list/],
  ['$gt with a list', { a: { $gt: [1] } }, 'a.$gt', /takes a number/],
  ['$exists with a text', { a: { $exists: 'yes' } }, 'a.$exists', /true or false/],
  ['$size with a fraction', { a: { $size: 1.5 } }, 'a.$size', /a whole number/],
  ['$mod by nothing', { a: { $mod: [0, 1] } }, 'a.$mod', /two whole numbers/],
  ['$type of no type', { a: { $type: 'text' } }, 'a.$type', /one of number, string/],
  ['$not with a text', { a: { $not: 'x' } }, 'a.$not', /takes operators/],
  ['a broken expression', { a: { $regex: '(' } }, 'a.$regex', /no regular expression/],
  ['an expression that is none', { a: { $regex: 5 } }, 'a.$regex', /takes a regular expression in quotes/],
  ['options that keep a state', { a: { $regex: 'x', $options: 'g' } }, 'a.$regex', /letters i, m, s and u/],
  ['options alone', { a: { $options: 'i' } }, 'a.$options', /beside a \$regex/],
  ['an expression that hangs', { a: { $regex: '^(a+)+$' } }, 'a.$regex', /takes seconds on some texts/],
  ['a broken expression in $not', { a: { $not: { $regex: '[' } } }, 'a.$not.$regex', /no regular expression/],
  ['a broken expression in $elemMatch', { a: { $elemMatch: { $regex: '[' } } }, 'a.$elemMatch.$regex', /no regular/],
  ['a broken field in $elemMatch', { a: { $elemMatch: { b: { $in: 1 } } } }, 'a.$elemMatch.b.$in', /takes a list/],
  ['a path with a hole', { 'data..x': 1 }, 'data..x', /is no path/],
  ['a path into the language', JSON.parse('{"data.__proto__.x":1}'), 'data.__proto__.x', /"__proto__" can't be a part/],
  ['a path to a method', { 'data.constructor': 1 }, 'data.constructor', /can't be a part/],
])('%s is refused', (_name, condition, place, message) => {
  const faults = conditionFaults(condition);
  expect(faults).toHaveLength(1);
  expect(faults[0]?.path.join('.')).toBe(place);
  expect(faults[0]?.message).toMatch(message);
});

test('every fault is named at once', () => {
  expect(conditionFaults({ a: { $in: 1, $gt: true }, $bad: 1, b: { $regex: '(' } })).toHaveLength(4);
});

test('useful expressions are not taken for ones that hang', () => {
  for (const $regex of ['@ourteam\\.example$', '^([a-z]+\\.)+example$', '\\s+$', '^[^@]+@[^@]+\\.com$', 'vip|board']) {
    expect(conditionFaults({ a: { $regex } })).toEqual([]);
  }
});

test('the fields of a condition are found however deep they are', () => {
  const fields = conditionFields({ a: 1, $or: [{ b: 2 }, { $and: [{ 'c.d': 3 }] }], $not: { e: { $gt: 1 } } });
  expect(fields.map(({ field, path }) => [field, path.join('.')])).toEqual([
    ['a', 'a'],
    ['b', '$or.0.b'],
    ['c.d', '$or.1.$and.0.c.d'],
    ['e', '$not.e'],
  ]);
});
