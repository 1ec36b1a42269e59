import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resource } from '../../../src/core/resource.ts';
import type { SearchQuery } from '../../../src/core/search-query.ts';
import { searching } from '../../../src/store/postgres/searching.ts';
import { aResource, listening, openFresh, writeAll } from './filled.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 1);

/** More than are looked at one by one; names, titles and filters that all, many, few and hardly any have. */
const bookings: readonly Resource[] = Array.from({ length: 7_000 }, (_, n) =>
  aResource(n, {
    attendeeName: n % 900 === 5 ? 'Żółć Hamilton' : n % 2 === 0 ? 'Anna Kowalska' : 'Bo Li',
    attendeeEmail: `user${n}@${n % 3 === 0 ? 'outlook' : 'gmail'}.com`,
    // Among the first heard of only; and among all alike, but seldom.
    title: n < 2_500 ? 'Summer conference' : n % 300 === 0 ? '50%_off\\advice' : null,
    status: n % 1_000 === 7 ? 'NOSHOW' : n % 4 === 0 ? 'pending' : 'CONFIRMED',
    scheduleId: `sch_${n % 7}`,
    ...(n % 500 === 3 && { kind: 'event', lastType: 'event.created' }),
    ...(n % 60 === 11 && { lastType: 'booking.cancelled' }),
    startsAt: n % 11 === 0 ? null : START + ((n * 7_919) % 350) * 10 * HOUR,
  }),
);

const questions = fc.record(
  {
    words: fc.constantFrom(
      '',
      '',
      'anna',
      'li',
      'gmail',
      'outlook.com kowalska',
      'conference',
      'summer hamilton',
      'zolc',
      'zebra',
    ) as fc.Arbitrary<string>,
    status: fc.constantFrom('noshow', 'Pending', 'confirmed', 'none'),
    schedule: fc.constantFrom('sch_1', 'sch_6', 'sch_'),
    type: fc.constantFrom('booking', 'event.*', 'booking.cancelled', 'event.cancelled'),
    from: fc.integer({ min: -10, max: 3_600 }).map((hour) => START + hour * HOUR),
    to: fc.integer({ min: -10, max: 3_600 }).map((hour) => START + hour * HOUR + 0.5),
    order: fc.constantFrom<('newest' | 'soonest')[]>('newest', 'soonest'),
  },
  { requiredKeys: ['words'] },
);

const pages = fc.record({ limit: fc.integer({ min: 1, max: 30 }), offset: fc.constantFrom(0, 0, 0, 3, 40, 1_200) });

/** What has to be found, by looking at each of them. */
const expected = ({ words, status, schedule, type, from, to, order }: SearchQuery): Resource[] => {
  const fits = (one: Resource): boolean => {
    const text = ` ${one.attendeeName} ${one.attendeeEmail} ${one.title ?? ''} `.toLowerCase().replace('żółć', 'zolc');
    const kind = `${one.kind}.*`;
    return (
      words.split(' ').every((word) => text.includes(word.length === 2 ? ` ${word}` : word)) &&
      (status === undefined || one.status?.toLowerCase() === status.toLowerCase()) &&
      (schedule === undefined || one.scheduleId === schedule) &&
      (type === undefined || [one.kind, kind, one.lastType].includes(type)) &&
      (from === undefined || (one.startsAt !== null && one.startsAt >= from)) &&
      (to === undefined || (one.startsAt !== null && one.startsAt < to))
    );
  };
  const found = bookings.filter(fits);
  if (order !== 'soonest') return found.reverse();
  const dated = found.filter(({ startsAt }) => startsAt !== null);
  const undated = found.filter(({ startsAt }) => startsAt === null);
  return [...dated.sort((a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0)), ...undated.reverse()];
};

const idsOf = (resources: readonly Resource[]): string[] => resources.map(({ id }) => id);

test('finds exactly what a check of every resource finds, by scan and by index', async () => {
  const fresh = await openFresh();
  await writeAll(fresh, bookings);
  const { database, statements } = listening(fresh);
  const { search } = searching(database);
  const asksIndexes = async (query: SearchQuery, limit = 10, offset = 0): Promise<boolean> => {
    statements.length = 0;
    expect(idsOf(await search(query, { limit, offset })), JSON.stringify(query)).toEqual(
      idsOf(expected(query).slice(offset, offset + limit)),
    );
    return statements.some(({ text }) => text.includes('plan_cache_mode'));
  };

  for (const words of ['', 'anna', 'gmail.com']) expect(await asksIndexes({ words })).toBe(false);
  for (const words of ['conference', 'hamilton', 'zebra', 'user77@gmail.com', 'user_7', 'off%adv']) {
    expect(await asksIndexes({ words }), words).toBe(true);
    expect(await asksIndexes({ words, order: 'soonest' }), words).toBe(words !== 'conference');
  }
  // Of which there are enough for the first look to tell that a longer one will do.
  expect(await asksIndexes({ words: '50%_off\\adv' })).toBe(false);
  expect(await asksIndexes({ words: '', type: 'booking.cancelled' }, 30)).toBe(false);
  await fc.assert(
    fc.asyncProperty(questions, pages, async (query, { limit, offset }) => {
      await asksIndexes(query, limit, offset);
    }),
    { numRuns: 80 },
  );
});

test('finds by more and longer words than are looked up in the index', async () => {
  const database = await openFresh();
  const long = 'a-title-that-goes-on-and-on-'.repeat(20);
  await writeAll(database, [
    aResource(1, { title: `one two three four five six seven eight ${long}end` }),
    aResource(2, { title: `one two three four five six seven nine ${long}start` }),
  ]);
  const { search } = searching(database);
  const found = async (words: string) => idsOf(await search({ words }, { limit: 10, offset: 0 }));

  expect(await found('one two three four five six seven')).toEqual(['bk_2', 'bk_1']);
  expect(await found('one two three four five six seven eight')).toEqual(['bk_1']);
  expect(await found(`${long}end`)).toEqual(['bk_1']);
  expect(await found(`${long}ends`)).toEqual([]);
  expect(await found('user2@gmail.com')).toEqual(['bk_2']);
  expect(await found('user2@gmail.co')).toEqual(['bk_2']);
  for (const words of ['user2@gmail.comx', 'user2@hotmail.com', 'ser2@@gmail.com'])
    expect(await found(words)).toEqual([]);
});
