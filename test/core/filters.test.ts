import { expect, test } from 'vitest';
import { filterWords } from '../../src/core/filters.ts';
import type { Filter } from '../../src/core/team.ts';

/** `-schedule:sch_1` and the like. */
const filters = (...texts: string[]): Filter[] =>
  texts.map((text) => {
    const [, minus, field = '', value = ''] = /^(-?)([\w.]+):(.*)$/s.exec(text) ?? [];
    return { field, not: minus === '-', value };
  });

test.each<[string[], string[]]>([
  [['schedule:sch_1'], ['schedule is sch_1']],
  [['-schedule:sch_1'], ['schedule is not sch_1']],
  [
    ['schedule:sch_1', 'status:pending', 'schedule:sch_2'],
    ['schedule is sch_1 or sch_2', 'status is pending'],
  ],
  [['-status:pending', '-status:cancelled'], ['status is none of pending, cancelled']],
  [
    ['name:anna', 'name:bob', '-name:eve'],
    ['name contains anna or bob', 'name does not contain eve'],
  ],
  [['-title:yoga', '-title:tai chi'], ['title contains none of yoga, "tai chi"']],
  [['email:@example.com'], ['email contains @example.com']],
  [['data.guest_count:3', 'data.guest_count:3'], ['data.guest_count is 3']],
  [['name:a"b'], [String.raw`name contains "a\"b"`]],
  [['name:x\u202e\ny'], [String.raw`name contains "x \ny"`]],
  [[], []],
])('%j in words', (texts, words) => {
  expect(filterWords(filters(...texts))).toEqual(words);
});

test('an endless value stays one short line', () => {
  const [words] = filterWords(filters(`name:${'x'.repeat(5000)}`));
  expect(words?.length).toBeLessThan(200);
});
