import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLiquid, html, plain } from '../../src/template/engine.ts';
import { oneLine, shorten } from '../../src/template/filters.ts';

const rendered = (source: string, data: Record<string, unknown>): string => {
  const engine = createLiquid({ escape: plain });
  return engine.renderSync(engine.parse(source), data);
};

test('money is written with its currency, and what is no number is empty', () => {
  expect(rendered('{{ x | money }}', { x: 25 })).toBe('$25.00');
  expect(rendered("{{ x | money: 'EUR' }}", { x: 1234.5 })).toBe('€1,234.50');
  expect(rendered('{{ x | money }}', { x: 'a lot' })).toBe('');
});

test('one_line leaves no line break, control or direction character, and keeps letters', () => {
  expect(rendered('{{ x | one_line }}', { x: ' a\r\n\tb\u2028c\u202ed\u0000 é 東京 ' })).toBe('a b c d é 東京');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = oneLine(text);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(line.isWellFormed()).toBe(true);
      expect(oneLine(line)).toBe(line);
    }),
  );
});

test('fields that are no text are empty where text is wanted', () => {
  for (const x of [null, undefined, {}, [1], { toString: 1 }]) expect(rendered('{{ x | one_line }}', { x })).toBe('');
});

test('lines keeps lines, begins each with what it is told, and drops control characters', () => {
  expect(rendered("{{ x | lines: '> ' }}", { x: 'a\r\n\nb\u0007c\n\n' })).toBe('> a\n>\n> b c');
  expect(rendered('{{ x | lines }}', { x: 'a\rb\u202e\u2028c' })).toBe('a\nb\nc');
});

test('shorten counts characters as people do and never cuts one', () => {
  expect(shorten('hello', 5)).toBe('hello');
  expect(shorten('hello world', 7)).toBe('hello…');
  expect(shorten('👩‍👩‍👧'.repeat(5), 5)).toBe('👩‍👩‍👧'.repeat(5));
  expect(shorten('👩‍👩‍👧'.repeat(6), 3)).toBe(`${'👩‍👩‍👧'.repeat(2)}…`);
  expect(shorten(`a${'\u0301'.repeat(1_000_000)}`, 10).length).toBeLessThan(300);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 30 }), (text, most) => {
      expect(Array.from(new Intl.Segmenter().segment(shorten(text, most))).length).toBeLessThanOrEqual(most);
    }),
  );
});

test('the escapes write every value, whatever it is', () => {
  expect(plain(null)).toBe('');
  expect(plain({ toString: 1 })).toBe('{"toString":1}');
  expect(html(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
});

test('one line keeps the joiners that emoji and joining scripts need, and no other invisible character', () => {
  expect(oneLine('Fam 👩‍👩‍👧 می‌خواهم')).toBe('Fam 👩‍👩‍👧 می‌خواهم');
  expect(oneLine('a\u200db\u202ec\u2066d')).toBe('a b c d');
});
