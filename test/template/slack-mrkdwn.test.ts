import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneLine } from '../../src/template/filters.ts';
import { mrkdwn, plainText } from '../../src/template/mrkdwn.ts';

describe('mrkdwn', () => {
  test.each([
    ['a mention of everybody', '<!channel>', '&lt;!channel&gt;'],
    ['a mention without brackets', '@here please', '＠here please'],
    ['a link', '<https://evil.example|click>', '&lt;https://evil.example|click&gt;'],
    ['an entity', 'Tom &amp; Jerry', 'Tom &amp;amp; Jerry'],
    ['bold and struck text', '*paid* ~not~', '∗paid∗ ∼not∼'],
    ['code', '`rm` ```x```', 'ˋrmˋ ˋˋˋxˋˋˋ'],
    ['italics', '_really_ __init__', '＿really＿ ＿＿init＿＿'],
    ['a quotation', '>>> said', '››› said'],
    ['an emoji', ':white_check_mark: paid', '∶white_check_mark: paid'],
    ['emoji in a row', ':a::b:c:', '∶a:∶b∶c:'],
  ])('defuses %s', (_what, value, shown) => {
    expect(mrkdwn(value)).toBe(shown);
  });

  test.each([
    'john_doe@example.com',
    'bk_xyz789',
    '10:30:00',
    "Seán O'Brien-Müller",
    '+48 600 100 200',
    'C#4, 50% off!',
  ])('leaves %s as it is', (value) => {
    expect(mrkdwn(value)).toBe(value);
  });

  test('never lets through an angle bracket, a formatting sign or a second line', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '!', '@', '#', '|', '*', '~', '`', '&', '\n', 'a', ':'),
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 700 }), fc.jsonValue()), (value) => {
        expect(mrkdwn(value)).not.toMatch(/[<>*~`\n\r\u2028\u2029]|&(?!(?:amp|lt|gt);)/);
      }),
    );
  });
});

describe('plainText', () => {
  test('puts everything on one line', () => {
    expect(plainText(' John\r\nDoe\u2028\tX ')).toBe('John Doe X');
  });

  test('drops what can not be seen or turns the direction', () => {
    expect(plainText('\u202EJohn\u200B \u2066Doe\uFEFF\u0007\u{E0041}')).toBe('John Doe');
  });

  test('keeps the joiners that writing needs', () => {
    expect(plainText('👩‍💻 می‌خواهم')).toBe('👩‍💻 می‌خواهم');
  });

  test('keeps a name written from right to left', () => {
    expect(plainText('محمد')).toBe('محمد');
  });

  test('thins out stacked accents', () => {
    expect(plainText(`Z${'\u0317'.repeat(300)}o`)).toBe(`Z${'\u0317'.repeat(4)}o`);
  });

  test('cuts at 500 without breaking a character', () => {
    const shown = plainText(`a${'👋'.repeat(5000)}`);
    expect(shown.length).toBeLessThanOrEqual(500);
    expect(shown.endsWith('👋…')).toBe(true);
  });

  test.each([
    ['nothing', null, ''],
    ['a field that is missing', undefined, ''],
    ['a number', 25, '25'],
    ['a list', ['a', 1], 'a, 1'],
    ['an object', { a: 1 }, '{"a":1}'],
    ['an object that can not be written out', { toString: 1 }, '{"toString":1}'],
  ])('writes %s', (_what, value, shown) => {
    expect(plainText(value)).toBe(shown);
  });

  test('is well-formed and on one line for anything JSON can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const shown = plainText(value);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B\u2028\u2029]/u);
        expect(shown.length).toBeLessThanOrEqual(500);
      }),
    );
  });

  test('writes lists nested out of all reason as something', () => {
    const nested = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    expect(plainText(nested).length).toBeLessThanOrEqual(500);
  });
});

test('a text of plain words takes a shorter way to the same end', () => {
  const words = fc.string({ unit: fc.constantFrom(...'aZ09 .:_-*~`@&<>é–ž…\u0301'), maxLength: 20 });
  fc.assert(
    fc.property(words, (text) => {
      // A Chinese word behind it sends the whole the long way.
      for (const write of [mrkdwn, plainText, oneLine]) {
        expect(write(`${text.trim()} 中`)).toBe(`${write(text)} 中`.trim());
      }
    }),
    { numRuns: 2_000 },
  );
});
