import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible } from '../../../src/query/cli/visible.ts';

describe('text from elsewhere', () => {
  test.each([
    ['clears the screen', '\x1b[2JHello', '\\x1b[2JHello'],
    ['sets the window title', '\x1b]0;pwned\x07', '\\x1b]0;pwned\\x07'],
    ['begins a sequence with one C1 character', '\x9b31mred', '\\x9b31mred'],
    ['goes back over what stands there', 'safe\b\b\b\bevil', 'safe\\x08\\x08\\x08\\x08evil'],
    ['turns the direction of writing', 'gpj\u202Eexe', 'gpj\\u202eexe'],
    ['isolates a direction', '\u2066abc\u2069', '\\u2066abc\\u2069'],
    ['hides characters', 'a\u200Bb\uFEFFc', 'a\\u200bb c'],
    ['hides tag characters', 'a\u{E0041}b', 'a\\u{e0041}b'],
    ['breaks lines in every way', 'a\nb\r\nc\u2028d\u2029e\u0085f\tg\vh', 'a b c d e\\x85f g h'],
    ['is not well-formed', 'a\uD800b', 'a\\ud800b'],
    ['piles up accents', `e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(4)}x`],
  ])('that %s is only shown', (_, given, shown) => {
    expect(visible(given)).toBe(shown);
  });

  test('stays as it is in all scripts and emoji', () => {
    const names = 'Zoë Łukasz 王小明 محمد می\u200Cخواهم क्\u200Dष 👩\u200D💻 O’Brien';
    expect(visible(names)).toBe(names);
  });

  test('never holds a character that a terminal obeys, nor a line break', () => {
    const hostile = fc.string({
      unit: fc.constantFrom(...'ab \n\r\t\x00\x07\x1b[]m;\x7f\x85\x90\x9b\x9d\u200e\u202e\u2066\u2028\ud800é'),
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
