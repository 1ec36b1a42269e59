import { expect, onTestFinished, test } from 'vitest';
import { connectionTo } from '../../src/store/postgres/connection.ts';
import { reachDatabase } from '../../src/store/postgres/reach.ts';
import { examine } from '../../src/watch/doctor/check.ts';
import { createClockWatch } from '../../src/watch/doctor/clock.ts';
import { postgresCheck } from '../../src/watch/doctor/postgres.ts';
import { openTestDatabase, openTestStore } from '../support/postgres.ts';

const look = async (url: string) => {
  const clock = createClockWatch(Date.now);
  const check = postgresCheck(connectionTo(url), () => reachDatabase(url));
  const [found] = await examine([check], { clock: clock.note });
  return { found, clock: await clock.check.run() };
};

test('a database with the store in it is fine, and so is its clock', async () => {
  const database = await openTestStore();
  onTestFinished(database.close);
  const { found, clock } = await look(database.url);
  expect(found).toMatchObject({ state: 'ok', says: expect.stringMatching(/^PostgreSQL \d\d, with pg_trgm$/) });
  expect(clock).toMatchObject([{ state: 'ok', says: expect.stringContaining('PostgreSQL') }]);
});

test('an empty one is told as such, and one that is not there without its password', async () => {
  const database = await openTestDatabase();
  onTestFinished(database.close);
  expect((await look(database.url)).found).toMatchObject({
    state: 'warning',
    remedy: expect.stringContaining('first start'),
  });
  const absent = new URL(database.url);
  absent.pathname = '/not_there';
  absent.password = 'marked-password';
  const { found } = await look(absent.href);
  expect(found).toMatchObject({ state: 'problem', remedy: expect.any(String) });
  expect(JSON.stringify(found)).not.toContain('marked-password');
});
