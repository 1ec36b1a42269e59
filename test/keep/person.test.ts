import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { impersonal, mapTexts, personOf, withoutGuest } from '../../src/keep/person.ts';
import { scrubber, wordsOf } from '../../src/keep/words.ts';

const person = personOf(' Ann.B+x@Example.com ');

describe('a person is in a text', () => {
  test.each([
    ['ann.b+x@example.com'],
    ['Mail <ANN.B+X@EXAMPLE.COM>, now.'],
    ['mailto:ann.b+x@example.com?subject=x'],
    ['https://x.example/?to=ann.b%2Bx%40example.com&y'],
    ['%3Cann.b%2bx%40example.com%3E'],
    ['{"to":"ann.b+x\\u0040example.com"}'],
    ['ann.b+x&#64;example.com'],
    ['ann.b&#x2B;x&#x40;example.com'],
    ['it is ann.b+x@example.com.'],
  ])('%j', (text) => expect(person.isIn(text)).toBe(true));
});

describe('somebody else is not', () => {
  test.each([
    ['joann.b+x@example.com'],
    ['jo.ann.b+x@example.com'],
    ['ann.b+x@example.com.au'],
    ['ann.b+x@example.community'],
    ['ann.b@example.com'],
    ['annxb+x@example.com'],
    ['Łann.b+x@example.com'],
  ])('%j', (text) => {
    expect(person.isIn(text)).toBe(false);
    expect(person.without(text)).toBe(text);
  });
});

test('whatever stands around an address, it is found and taken out, and the rest stays', () => {
  const gap = fc.constantFrom('', ' ', '<', '>', '"', ',', ';', ':', '(', ')', '\n', '=', '/', '中', '😀');
  const local = fc.stringMatching(/^[a-z0-9]([a-z0-9.+_'-]{0,12}[a-z0-9])?$/);
  const address = fc
    .tuple(local, fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z]\.(com|example|co\.uk)$/))
    .map((both) => both.join('@'));
  fc.assert(
    fc.property(address, gap, gap, fc.boolean(), (given, before, after, upper) => {
      fc.pre(before !== '中' && after !== '中');
      const one = personOf(given);
      const text = `${before}${upper ? given.toUpperCase() : given}${after}`;
      expect(one.isIn(text)).toBe(true);
      expect(one.isIn(one.without(text))).toBe(false);
      expect(one.without(text)).toBe(`${before}(erased)${after}`);
    }),
  );
});

test('of any data, nothing of the person is left, and all else is as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(5), (value, place) => {
      const marked = {
        list: [value, { name: 'Ann', email: 'ANN.B+X@example.com' }, value],
        deep: { [`k${place}`]: [value] },
      };
      const left = withoutGuest(marked, person) as typeof marked;
      expect(person.isIn(JSON.stringify(left))).toBe(false);
      expect(left.list[0]).toEqual(withoutGuest(value, person));
      expect(left.list[1]).toEqual({ name: '(erased)', email: '(erased)' });
      expect(mapTexts(value, (text) => text)).toEqual(value);
    }),
    { examples: [[{ ['__proto__']: { polluted: true } }, 0]] },
  );
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('what stays of a webhook is what says nothing of the person', () => {
  const data = {
    id: 'bk_1',
    status: 'PENDING',
    start_time: '2027-01-01T10:00:00Z',
    schedule_id: 'ann.b+x@example.com',
    attendee_name: 'Ann',
    event_id: 'x'.repeat(101),
    answers: { id: 'secret' },
  };
  expect(impersonal(data, person)).toEqual({ id: 'bk_1', status: 'PENDING', start_time: '2027-01-01T10:00:00Z' });
  expect(impersonal('odd', person)).toEqual({});
});

test('words are taken out where they stand alone, the longest first', () => {
  const words = wordsOf({
    id: 'bk_1',
    attendee_name: 'Ann Bee',
    nick: 'Ann',
    phone: '+48 1 (2)',
    n: 'x',
    status: 'Bee',
    more: ['Zoë'],
  });
  expect(words).toEqual(['+48 1 (2)', 'Ann Bee', 'Ann', 'Zoë']);
  const scrub = scrubber(person, words);
  expect(scrub('ANN BEE, Annika, Ann; call +48 1 (2) or zoë')).toBe(
    '(erased), Annika, (erased); call (erased) or (erased)',
  );
  expect(scrub('BeeAnn Zoëlla')).toBe('BeeAnn Zoëlla');
});
