import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { connectionTo } from '../../src/store/postgres/connection.ts';
import { reachDatabase } from '../../src/store/postgres/reach.ts';
import { examine } from '../../src/watch/doctor/check.ts';
import { createClockWatch } from '../../src/watch/doctor/clock.ts';
import { postgresCheck } from '../../src/watch/doctor/postgres.ts';
import { openTestDatabase, openTestStore } from '../support/postgres.ts';
import { startPostgres } from '../support/postgres-server.ts';

const look = async (url: string, idle?: number) => {
  const clock = createClockWatch(Date.now);
  const check = postgresCheck(connectionTo(url), () => reachDatabase(url), idle);
  const [found, ...more] = await examine([check], { clock: clock.note });
  return { found, more, clock: await clock.check.run() };
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

test('a server that may lose everything with its power is a problem', async () => {
  // As all servers of tests.
  const careless = await openTestDatabase();
  onTestFinished(careless.close);
  expect((await look(careless.url)).more).toMatchObject([
    { state: 'problem', says: expect.stringContaining('fsync=off'), remedy: expect.stringContaining('fsync = on') },
  ]);
  const careful = await startPostgres({ fsync: true });
  onTestFinished(() => careful.stop());
  expect((await look(careful.url())).more).toEqual([]);
});

test('a transaction that somebody has left open is told, with how to end it', async () => {
  const database = await openTestDatabase();
  onTestFinished(database.close);
  const somebody = new Client({ connectionString: database.url, application_name: 'a report' });
  somebody.on('error', () => {});
  await somebody.connect();
  onTestFinished(() => somebody.end());
  await somebody.query('BEGIN');
  const { rows } = await somebody.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const told = (idle?: number) =>
    look(database.url, idle).then(({ more }) => more.filter(({ state }) => state === 'warning'));
  expect(await told()).toEqual([]);
  expect(await told(0)).toMatchObject([
    {
      says: expect.stringContaining(`a report (process ${rows[0]?.pid})`),
      remedy: expect.stringContaining(`pg_terminate_backend(${rows[0]?.pid})`),
    },
  ]);
});
