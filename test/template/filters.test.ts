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

const VIEW = {
  zone: 'Europe/Berlin',
  settings: { timezone: 'UTC', locale: 'en-US' },
  data: { start_time: '2027-02-15T10:00:00Z', end_time: '2027-02-15T11:30:00Z', cost: 25 },
};
const inLocale = (locale: string) => ({ ...VIEW, settings: { ...VIEW.settings, locale } });

// As docs/rules.md has them.
test.each<[string, string, object?]>([
  ['{{ data.start_time | date }}', 'Monday, February 15, 2027'],
  ["{{ data.start_time | date: 'medium' }}", 'Feb 15, 2027'],
  ["{{ data.start_time | date: 'short' }}", '15.02.27', inLocale('de-DE')],
  ["{{ data.start_time | date: '%Y' }}", '2027'],
  ["{{ data.start_time | date: '%d.%m. %H:%M' }}", '15.02. 11:00'],
  ["{{ data.start_time | date: '%H:%M %Z', 'Asia/Tokyo' }}", '19:00 Asia/Tokyo'],
  ["{{ data.start_time | date: '%H:%M', 'No/Zone' }}", '11:00'],
  ["{{ data.start_time | date: '%H:%M', 60 }}", '09:00'],
  ["{{ '2027-02-15' | date: '%Y-%m-%d' }}", '2027-02-15', { ...VIEW, zone: 'America/Los_Angeles' }],
  ["{{ '2027-02-15 19:00' | date: '%H:%M' }}", '19:00'],
  ["{{ data.end_time | date: '%H:%M' }}", '', { ...VIEW, data: { end_time: null } }],
  ["{{ '2027-02-15' | date: 'long' }}", 'February 15, 2027', { ...VIEW, zone: 'America/Los_Angeles' }],
  ['{{ data.start_time | time }}', '11:00 AM'],
  ["{{ data.start_time | time: 'Asia/Tokyo' }}", '7:00 PM'],
  ['{{ data.start_time | time }}', '11:00', inLocale('de-DE')],
  ["{{ '19:00' | time }}", '7:00 PM'],
  ["{{ '21:30:00' | time: 'Asia/Tokyo' }}", '9:30 PM'],
  ["{{ '19:00' | time }}", '19:00', inLocale('de-DE')],
  ["{{ '19:00' | date }}{{ '19:00' | weekday }}{{ '29:00' | time }}", ''],
  ['{{ data.start_time | weekday }}', 'Monday'],
  ["{{ '2027-02-15T23:30:00Z' | weekday }}", 'Tuesday'],
  ['{{ data.start_time | weekday }}', 'lundi', inLocale('fr-FR')],
  ['{{ data | duration }}', '1 hour, 30 minutes'],
  ['{{ 45 | duration }}', '45 Minuten', inLocale('de-DE')],
  ['{{ data.cost | money }}', '$25.00'],
  ["{{ data.cost | money: 'EUR' }}", '25,00 €', inLocale('de-DE')],
  ["{{ data.cost | money: 'EUR', 'en-IE' }}", '€25.00'],
  ["{{ 'soon' | date }}{{ data | time }}{{ nil | weekday }}{{ 'x' | duration }}{{ '5' | money }}", ''],
])('%s → %s', (source, expected, view = VIEW) => {
  expect(rendered(source, view as Record<string, unknown>)).toBe(expected);
});

test('a duration is what passes, also when clocks change and over midnight', () => {
  const event = (start_date: string, start_time: string, end_time: string) =>
    rendered('{{ data | duration }}', { ...VIEW, data: { start_date, start_time, end_time } });
  expect(event('2027-03-28', '01:00', '04:00')).toBe('2 hours');
  expect(event('2027-02-15', '22:00', '01:00')).toBe('3 hours');
  const data = { start_date: '2027-02-15', start_time: '22:00', end_date: '2027-02-17', end_time: '01:00' };
  expect(rendered('{{ data | duration }}', { ...VIEW, data })).toBe('1 day, 3 hours');
});

test('the filters for times never throw, whatever the data', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.jsonValue()), fc.oneof(fc.string(), fc.jsonValue()), (x, y) => {
      const source = '{{ x | date: y }}{{ x | time: y }}{{ x | weekday: y }}{{ x | duration }}{{ x | money: y, y }}';
      expect(rendered(source, { x, y })).toBeTypeOf('string');
    }),
  );
});
