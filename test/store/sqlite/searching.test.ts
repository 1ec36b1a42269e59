import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { applyWebhook } from '../../../src/core/resource.ts';
import { type Database, openDatabase } from '../../../src/store/sqlite/database.ts';
import { resources } from '../../../src/store/sqlite/resources.ts';
import { searching } from '../../../src/store/sqlite/searching.ts';
import { aWebhook, T0 } from '../../support/builders.ts';
import { tempFolder } from '../../support/temp.ts';

/** A store with the bookings of these people, the first of them first heard of; and how many rows were read of it so far. */
const storeOf = async (people: readonly { readonly email: string; readonly title?: string }[]) => {
  const database = openDatabase(join(await tempFolder(), 'test.db'));
  onTestFinished(() => database.close());
  const known = resources(database);
  database.exec('BEGIN');
  people.forEach(({ email, title }, number) => {
    const key = { kind: 'booking', id: `bk_${number}` };
    const webhook = aWebhook({ data: { id: key.id, attendee_name: 'Ann', attendee_email: email, title } });
    known.save(applyWebhook(undefined, key, webhook, T0, 'UTC').resource, undefined);
  });
  database.exec('COMMIT');
  let rows = 0;
  const counting: Database = {
    ...database,
    prepare: <Row>(sql: string) => {
      const statement = database.prepare<Row>(sql);
      const all: typeof statement.all = (...values) => {
        const found = statement.all(...values);
        rows += found.length;
        return found;
      };
      return { ...statement, all };
    },
  };
  return { search: searching(counting).search, read: () => rows };
};

test('words that many have, and hardly anybody together, are found without reading all who have one of them', async () => {
  const people = Array.from({ length: 3_000 }, (_, n) => ({
    email: `p${n}@${n % 2 === 0 ? 'outlook' : 'gmail'}.com`,
    ...(n < 6 && { title: 'Meeting of gmail.com' }),
  }));
  const { search, read } = await storeOf(people);
  const idsOf = (offset: number) =>
    search({ words: 'outlook.com gmail.com' }, { limit: 2, offset }).map(({ id }) => id);
  expect([idsOf(0), idsOf(2), idsOf(3)]).toEqual([['bk_4', 'bk_2'], ['bk_0'], []]);
  expect(read()).toBeLessThan(3 * 520);
});

test.each(['newest', 'soonest'] as const)(
  'a long word whose pieces many have is found without reading all of them, %s first',
  async (order) => {
    const people = Array.from({ length: 3_000 }, (_, n) => ({
      email: `p${n}@example.com`,
      title: n % 500 === 0 ? 'featherstonehaugh' : 'featherston rstonehaugh',
    }));
    const { search, read } = await storeOf(people);
    const soonest = ['bk_0', 'bk_500', 'bk_1000', 'bk_1500', 'bk_2000', 'bk_2500'];
    const ids = order === 'soonest' ? soonest : soonest.toReversed();
    const pageAt = (offset: number) =>
      search({ words: 'featherstonehaugh', order }, { limit: 2, offset }).map(({ id }) => id);

    expect([pageAt(0), pageAt(4), pageAt(6)]).toEqual([ids.slice(0, 2), ids.slice(4), []]);
    expect(read()).toBeLessThan(3 * 1_100);
  },
);
