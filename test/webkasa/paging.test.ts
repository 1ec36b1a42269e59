import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPaging } from '../../src/webkasa/paging.ts';

type Listed = { readonly id: string };

const rowsNamed = (count: number, prefix = 'r'): Listed[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}` }));

type World = {
  readonly list: Listed[];
  /** How many rows a page has at the most, whatever is asked for. */
  readonly cap: number;
  readonly betweenPages?: (list: Listed[]) => void;
};

/** Reads a list as an API gives its pages, and says what came of it and at what price. */
const readAll = ({ list, cap, betweenPages }: World, { size = 100, most = 20_000 } = {}) => {
  const paging = createPaging(size, most);
  for (let pages = 1; ; pages += 1) {
    const { limit, offset } = paging.next();
    const taken = paging.take(list.slice(offset, offset + Math.min(limit, cap)));
    if (taken !== 'more') return { taken, pages, ids: [...paging.rows.keys()] };
    if (pages > 5_000) throw new Error('reads for ever');
    betweenPages?.(list);
  }
};

describe('a list that stays as it is', () => {
  test.each([0, 1, 2, 3, 10, 11, 99, 100, 101, 190, 1_000])('is read to its end: %i rows', (count) => {
    const { taken, ids, pages } = readAll({ list: rowsNamed(count), cap: 100 });
    expect(taken).toBe('end');
    expect(ids).toEqual(rowsNamed(count).map(({ id }) => id));
    expect(pages).toBeLessThanOrEqual(Math.ceil(count / 90) + 1);
  });

  test('is read to its end also where pages are smaller than asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 200 }), (cap, count) => {
        const { taken, ids } = readAll({ list: rowsNamed(count), cap });
        expect(taken).toBe('end');
        expect(ids).toHaveLength(count);
      }),
    );
  });
});

/** What happens to a list between two pages: rows go and come, each at a place between 0 and 1 of it. */
const aShift = fc.array(
  fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), take: fc.nat(40), add: fc.nat(40) }),
  { maxLength: 4 },
);

test('whatever the pages and the shifts between them, every row that stayed is found exactly once', () => {
  fc.assert(
    fc.property(
      fc.nat(300),
      fc.integer({ min: 2, max: 120 }),
      fc.array(aShift, { maxLength: 12 }),
      (count, cap, shifts) => {
        const gone = new Set<string>();
        const list = rowsNamed(count);
        let added = 0;
        const betweenPages = (rows: Listed[]): void => {
          for (const { at, take, add } of shifts.shift() ?? []) {
            const place = Math.floor(at * rows.length);
            const fresh = rowsNamed(add, `new${added}-`);
            added += 1;
            for (const { id } of rows.splice(place, take, ...fresh)) gone.add(id);
          }
        };
        const { taken, ids } = readAll({ list, cap, betweenPages });
        const stayed = rowsNamed(count).filter(({ id }) => !gone.has(id));
        // With pages of a few rows, it takes too many of them to go back over what was taken away.
        if (cap >= 20) expect(taken).toBe('end');
        if (taken === 'end') expect(ids).toEqual(expect.arrayContaining(stayed.map(({ id }) => id)));
        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
    { numRuns: 1_500 },
  );
});

test('a row that was read twice is as it was read the last time', () => {
  const paging = createPaging(100, 1_000);
  paging.take([...rowsNamed(99), { id: 'last', status: 'PENDING' }]);
  paging.take([{ id: 'r98' }, { id: 'last', status: 'CANCELLED' }]);
  expect(paging.rows.get('last')).toEqual({ id: 'last', status: 'CANCELLED' });
});

describe('what could be read for ever', () => {
  test('pages that are all the same are given up soon, with what was on them', () => {
    const paging = createPaging(100, 20_000);
    let pages = 1;
    while (paging.take(rowsNamed(100)) === 'more') pages += 1;
    expect(pages).toBeLessThan(30);
    expect(paging.rows.size).toBe(100);
  });

  test('a list that never has an end is read to so many rows', () => {
    const paging = createPaging(100, 1_000);
    let pages = 0;
    let taken: string;
    do {
      const { limit, offset } = paging.next();
      taken = paging.take(Array.from({ length: limit }, (_, index) => ({ id: `r${offset + index}` })));
      pages += 1;
    } while (taken === 'more');
    expect(taken).toBe('lost');
    expect(paging.rows.size).toBeGreaterThan(1_000);
    expect(pages).toBeLessThan(15);
  });

  test('a list of other rows each time is given up', () => {
    const paging = createPaging(100, 20_000);
    let pages = 1;
    while (paging.take(rowsNamed(100, `page${pages}-`)) === 'more') pages += 1;
    expect(pages).toBeLessThan(60);
  });

  test('any rows at all end it', () => {
    const anyRow = fc.oneof(fc.jsonValue(), fc.record({ id: fc.constantFrom('a', 'b', 'c', '', '__proto__') }));
    fc.assert(
      fc.property(fc.array(fc.array(anyRow, { maxLength: 12 }), { minLength: 1, maxLength: 10 }), (answers) => {
        const paging = createPaging(100, 500);
        for (let pages = 0; paging.take(answers[pages % answers.length] ?? []) === 'more'; pages += 1)
          expect(pages).toBeLessThan(100);
      }),
    );
  });

  test('rows without an id are none, and a page of nothing else is no list', () => {
    const paging = createPaging(100, 1_000);
    expect(paging.take([{ id: 'a' }, null, 7, { id: '' }, { id: 3 }, { name: 'x' }])).toBe('more');
    expect([...paging.rows.keys()]).toEqual(['a']);
    expect(createPaging(100, 1_000).take([null, 7])).toBe('lost');
  });
});
