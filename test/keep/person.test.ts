import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { impersonal, mapTexts, personOf, withoutGuest } from '../../src/keep/person.ts';
import { isNamedAfter, scrubber, scrubberOfOthers, wordsOf } from '../../src/keep/words.ts';

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

test.each([
  ['RENÉ@ÖSTER.example'],
  ['rene\u0301@o\u0308ster.example'],
  ['rené@xn--ster-4qa.example'],
  ['ｒｅｎé＠öster．example'],
  ['ren\u00ad\u00e9@öster.example'],
  ['Mail\\nren\\u00e9@\\u00f6ster.example'],
  ['https://x.example/?e=%3CREN%C3%89%40%C3%B6ster.example'],
  ['"ren\\\\u00e9@öster.example"'],
  ['ren&#233;&commat;öster.example'],
  ["'rené@öster.example'"],
])('an address is the same however it is spelt: %j', (text) => {
  for (const given of ['René@Öster.example', 'rene\u0301@XN--STER-4QA.example']) {
    const one = personOf(given);
    expect(one.address).toBe('rené@öster.example');
    expect(one.isIn(text)).toBe(true);
    expect(one.isIn(one.without(text))).toBe(false);
    expect(one.without(text)).toContain('(erased)');
  }
});

test.each([
  [' Ann.B+x@EXAMPLE.com ', true],
  ['Ann Bee <ann.b+x@example.com>', true],
  ['mailto:ann.b+x@example.com', true],
  ['ann.b+x@example.com, bob@example.com', false],
  ['jo.ann.b+x@example.com', false],
  ['_ann.b+x@example.com', false],
  [undefined, false],
])('whether %j is the address of that one person: %j', (value, theirs) => expect(person.isTheirs(value)).toBe(theirs));

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
  expect(scrub('Zoe\u0308, 48-12')).toBe('(erased), 48-12');
  const phone = scrubber(person, ['+48 600 700 800']);
  expect(phone('at 48600700800, or +48-600.700-800; not 148600700800')).toBe(
    'at (erased), or (erased); not 148600700800',
  );
});

test('of others a name goes beside the address, and anywhere where it says by itself who is meant', () => {
  const scrub = scrubberOfOthers(person, ['Ann', 'Ann Bee', '+48 600 700 800']);
  expect(scrub('Ann is here, and Ann Bee, 48600700800')).toBe('Ann is here, and (erased), (erased)');
  expect(scrub('Ann, ann.b+x@example.com')).toBe('(erased), (erased)');
});

test.each([
  ['by-ann-bee.csv', true],
  ['2027/Ann Bée.csv', true],
  ['ann.b+x@example.com.csv', true],
  ['by-joann-bee.csv', false],
  ['ann.csv', false],
])('whether the file %j is named after somebody: %j', (file, after) => {
  expect(isNamedAfter(file, person, ['Ann Bée'])).toBe(after);
});
