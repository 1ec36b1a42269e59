import fc from 'fast-check';
import width from 'string-width';
import { describe, expect, test } from 'vitest';
import { cut, wrap } from '../../../src/query/cli/fit.ts';

describe('cutting', () => {
  test.each([
    ['Hello', 5, 'Hello'],
    ['Hello!', 5, 'Hell…'],
    ['王小明', 5, '王小…'],
    ['👩‍💻👩‍💻👩‍💻', 4, '👩‍💻…'],
    ['Hello', 1, '…'],
    ['Hello', 0, ''],
  ])('%s to %i columns is %s', (text, columns, kept) => {
    expect(cut(text, columns)).toBe(kept);
  });

  test('a megabyte takes no time', () => {
    expect(cut('e\u0301'.repeat(1_000_000), 10)).toBe(`${'e\u0301'.repeat(9)}…`);
  });
});

describe('wrapping', () => {
  test('breaks at spaces and indents what follows, keeping the first indent', () => {
    expect(wrap('  one two three four', 12, 4)).toBe('  one two\n    three\n    four');
  });

  test('leaves a word that does not fit whole, and a line where nothing has to fit', () => {
    expect(wrap('see /a/very/long/path/to/a.file now', 10, 2)).toBe('see\n  /a/very/long/path/to/a.file\n  now');
    expect(wrap('one two three', undefined, 2)).toBe('one two three');
  });

  test('loses no word and makes no line too long that could be shorter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.integer({ min: 16, max: 60 }),
        (words, columns) => {
          const lines = wrap(words.join(' '), columns, 4).split('\n');
          expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});
