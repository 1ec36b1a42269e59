import { describe, expect, test } from 'vitest';
import { conditionFaults } from '../../src/route/condition-syntax.ts';
import { compileCondition } from '../../src/route/conditions.ts';
import { canHang, compileRegex, RegexTooSlow } from '../../src/route/regex.ts';

/** Each with the run of characters that it is slow on, over and over. */
const EVIL: readonly (readonly [pattern: string, run: string])[] = [
  ['(a+)+$', 'a'],
  ['(a|aa)+$', 'a'],
  ['(a|a?)+$', 'a'],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
  ['(x+x+)+y', 'x'],
  ['(.*a){20}', 'a'],
  ['^(\\d+)*$', '1'],
  ['(ab|ab)*c', 'ab'],
  ['^(?:(?:foo|bar|foobar)+)+!$', 'foobar'],
  ['^([a-zA-Z0-9._-]+)+@', 'john.doe'],
  ['(\\w+\\s?)+\\.$', 'word '],
  ['\\s*\\s*\\s*\\s*\\s*\\s*,$', ' '],
  ['(?=(.*a)+b)z', 'a'],
  ['(.*)\\1(.*)\\2(.*)\\3x', 'qz'],
  ['.*.*.*=.*', 'x'],
  ['(((a{1000}){1000}){1000}){1000}', 'a'],
];

/** What somebody could send: the very limit of a webhook. */
const megabyte = (run: string): string => run.repeat(Math.ceil(1_000_000 / run.length));

const workOf = (act: () => unknown): number => {
  const begun = process.threadCpuUsage();
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(RegexTooSlow);
  }
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1000;
};

describe('patterns that are known to hang', () => {
  test.each(EVIL)('%s is over in a moment, however long the text', (pattern, run) => {
    const compiled = compileRegex(pattern);
    if (!('test' in compiled)) throw new Error(compiled.problem);
    expect(workOf(() => compiled.test(megabyte(run)))).toBeLessThan(300);
  });

  test.each(['(a+)+$', '(ab|ab)*c'])('%s is refused when rules are loaded', (pattern) => {
    expect(canHang(pattern)).toBe(true);
    expect(conditionFaults({ 'data.notes': { $regex: pattern } })).toMatchObject([
      { message: expect.stringContaining('takes seconds on some texts') },
    ]);
  });

  test('a rule that was not seen to hang is not met by what it hangs on, and says why', () => {
    const data = { notes: megabyte('ab') };
    const webhook = { id: 'wh_1', type: 'booking.created', data, moved: false, changed: [] };
    for (const wanted of [{ $regex: '(ab|ab)*c$' }, { $not: { $regex: '(ab|ab)*c$' } }]) {
      expect(compileCondition({ 'data.notes': wanted }).failures(webhook)).toEqual([
        "data.notes can't be tested: its $regex takes too long on this text, so it was stopped",
      ]);
    }
  });
});

test.each([
  ['@ourteam\\.example$', 'jane@ourteam.example', true],
  ['^(foo|bar)+-[0-9]{2,}$', 'foobar-12', true],
  ['^(foo|bar)+-[0-9]{2,}$', 'foobaz-12', false],
  ['[*+{(]+', 'a+b', true],
  ['\\(a\\)\\*', '(a)*', true],
])('%s on %s', (pattern, text, holds) => {
  const compiled = compileRegex(pattern);
  expect('test' in compiled && compiled.test(text)).toBe(holds);
  expect(canHang(pattern)).toBe(false);
});

test('a pattern that is longer than any is refused', () => {
  expect(conditionFaults({ 'data.notes': { $regex: 'a'.repeat(1001) } })).toMatchObject([
    { message: expect.stringMatching(/longer than 1000/) },
  ]);
});

describe('operators that run code or are not known', () => {
  test.each(['$where', '$function', '$expr', '$accumulator', '$jsonSchema', '$text', '__proto__', 'constructor'])(
    '%s is refused, wherever it stands',
    (operator) => {
      const code = JSON.parse(`{ ${JSON.stringify(operator)}: "process.exit(1)" }`) as Record<string, unknown>;
      for (const condition of [code, { $and: [code] }, { $not: code }, { 'data.a': { $not: code } }]) {
        expect(conditionFaults(condition)).not.toEqual([]);
      }
      expect(conditionFaults({ 'data.list': { $elemMatch: code } })).not.toEqual([]);
    },
  );

  test('and would do nothing if it were not', () => {
    const webhook = { id: 'wh_1', type: 't', data: {}, moved: false, changed: [] };
    for (const operator of ['$where', '$function', '$expr']) {
      expect(() => compileCondition({ [operator]: 'true' }).failures(webhook)).toThrow(/[Uu]nsupported operation/);
    }
  });
});
