import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Resource } from '../../../src/core/resource.ts';
import type { SearchQuery } from '../../../src/core/search-query.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 10, 20);

const names = ['Anna Kowalska', 'Anna Kowal', 'Hannah Lee', 'Bo Li', 'Johannes Kowalski', 'Alexandra Hamilton'];
const statuses = ['PENDING', 'CONFIRMED', 'cancelled', null];
const schedules = ['sch_1', 'sch_2', 'sch_11'];
const verbs = ['created', 'confirmed', 'cancelled'];
// Few of each, so that all of them meet; and long questions, which are answered in another way than short ones.
const words = [
  '',
  'anna',
  'kowalsk',
  'li',
  'an ko',
  'johannes kowalski',
  'alexandra.hamilton@example.com',
  'bk_1',
  'zz',
];

const resources = fc.array(
  fc.record({
    name: fc.constantFrom(...names),
    status: fc.constantFrom(...statuses),
    schedule: fc.constantFrom(...schedules),
    verb: fc.constantFrom(...verbs),
    start: fc.option(fc.integer({ min: 0, max: 400 * 24 }), { freq: 8 }),
  }),
  { minLength: 60, maxLength: 60 },
);

const instant = fc.integer({ min: -24, max: 410 * 24 }).map((hour) => FIRST + hour * 3_600_000);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const questions = fc.record({
  words: fc.constantFrom(...words),
  status: optional(fc.constantFrom('pending', 'Confirmed', 'CANCELLED')),
  schedule: optional(fc.constantFrom('sch_1', 'sch_11')),
  type: optional(fc.constantFrom('booking', 'booking.*', 'booking.cancelled', 'event')),
  from: optional(instant),
  to: optional(fc.oneof(instant, fc.constant(FIRST + 410 * DAY))),
  order: optional(fc.constantFrom<('newest' | 'soonest')[]>('newest', 'soonest')),
  limit: fc.integer({ min: 1, max: 12 }),
  offset: fc.constantFrom(0, 0, 1, 5, 50),
});

type Question = typeof questions extends fc.Arbitrary<infer T> ? T : never;

/** What was given, without the rest: an absent filter is absent. */
const queryOf = ({ limit: _, offset: __, ...question }: Question): SearchQuery =>
  Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined)) as SearchQuery;

/** What has to be found, by looking at each of them. */
const expected = (all: readonly Resource[], { words: asked, order, ...filters }: Question): Resource[] => {
  const fits = (one: Resource): boolean => {
    const text = ` ${one.attendeeName} ${one.attendeeEmail} ${one.id} ${one.scheduleId} `.toLowerCase();
    const starts = one.startsAt;
    return (
      asked.split(' ').every((word) => text.includes(word.length === 2 ? ` ${word}` : word)) &&
      (filters.status === undefined || one.status?.toLowerCase() === filters.status.toLowerCase()) &&
      (filters.schedule === undefined || one.scheduleId === filters.schedule) &&
      (filters.type === undefined || [one.kind, `${one.kind}.*`, one.lastType].includes(filters.type)) &&
      (filters.from === undefined || (starts !== null && starts >= filters.from)) &&
      (filters.to === undefined || (starts !== null && starts < filters.to))
    );
  };
  const found = all.filter(fits);
  if (order !== 'soonest') return found.reverse();
  const dated = found.filter(({ startsAt }) => startsAt !== null);
  const undated = found.filter(({ startsAt }) => startsAt === null);
  return [...dated.sort((a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0)), ...undated.reverse()];
};

/** Books them, and returns them in the order they were first heard of. */
const fill = async (
  store: Store,
  wanted: readonly (typeof resources extends fc.Arbitrary<(infer T)[]> ? T : never)[],
) => {
  const all: Resource[] = [];
  for (const [index, { name, status, schedule, verb, start }] of wanted.entries()) {
    const id = `bk_${index}`;
    const data = {
      id,
      status,
      schedule_id: schedule,
      attendee_name: name,
      attendee_email: `${name.toLowerCase().replace(' ', '.')}@example.com`,
      start_time: start === null ? null : new Date(FIRST + start * 3_600_000).toISOString(),
    };
    await routed(store, aWebhook({ type: `booking.${verb}`, data }));
    const resource = await store.getResource({ kind: 'booking', id });
    if (resource) all.push(resource);
  }
  return all;
};

export const searchModelContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('return exactly what a scan of all resources returns, in the same order', async () => {
    const { store } = await fresh();
    const [wanted = []] = fc.sample(resources, { seed: 7, numRuns: 1 });
    const all = await fill(store, wanted);

    await fc.assert(
      fc.asyncProperty(questions, async (question) => {
        const { limit, offset } = question;
        const found = await store.search(queryOf(question), { limit, offset });

        expect(found.map(({ id }) => id)).toEqual(
          expected(all, question)
            .slice(offset, offset + limit)
            .map(({ id }) => id),
        );
      }),
      { numRuns: 300 },
    );
  });
};
