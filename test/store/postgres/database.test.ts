import { expect, it, onTestFinished } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/postgres/database.ts';
import { openTestDatabase } from '../../support/postgres.ts';

const freshUrl = async (): Promise<string> => {
  const { url, close } = await openTestDatabase();
  onTestFinished(close);
  return url;
};

const opened = async (url: string): Promise<Database> => {
  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  return database;
};

it('brings the schema up to date once, though several processes start at the same time', async () => {
  const url = await freshUrl();

  const [one] = await Promise.all([opened(url), opened(url), opened(url)]);

  expect(await one?.query('SELECT version FROM schema_version')).toEqual([{ version: expect.any(Number) }]);
});

it('refuses a schema that a newer version wrote', async () => {
  const url = await freshUrl();
  const database = await opened(url);
  await database.query('UPDATE schema_version SET version = 999');

  await expect(openDatabase(url)).rejects.toThrow(/newer webkasa-bot \(schema 999/);
});

it('keeps any text, even NULs and unpaired surrogates', async () => {
  const database = await opened(await freshUrl());
  const texts = ['a\0b', '\0', '🦊', `"'\\{},`, '\u{10ffff}', '\ud83e', ''];

  const [row] = await database.query<{ one: string; all: string[]; count: number }>(
    'SELECT $1::text AS one, $2::text[] AS all, 9007199254740991::bigint AS count',
    ['x\0y', texts],
  );

  expect(row?.one).toBe('x\0y');
  expect(row?.all).toEqual(['a\0b', '\0', '🦊', `"'\\{},`, '\ufffd', '\ufffd', '']);
  expect(row?.count).toBe(Number.MAX_SAFE_INTEGER);
});

it('rolls back a failing transaction, and goes on', async () => {
  const database = await opened(await freshUrl());
  const add = (reason: string) => `INSERT INTO rejection_count VALUES ('${reason}', 1, 1)`;

  const failing = database.transaction(async (sql) => {
    await sql.query(add('one'));
    throw new Error('no');
  });

  await expect(failing).rejects.toThrow('no');
  await database.transaction((sql) => sql.query(add('two')));
  expect(await database.query('SELECT reason FROM rejection_count')).toEqual([{ reason: 'two' }]);
});

it('tries a transaction again after a deadlock', async () => {
  const database = await opened(await freshUrl());
  await database.query(`INSERT INTO rejection_count VALUES ('a', 0, 0), ('b', 0, 0)`);
  const raise = `UPDATE rejection_count SET count = count + 1 WHERE reason = $1`;
  const met = Promise.withResolvers<void>();
  let here = 0;
  const both = (first: string, second: string) =>
    database.transaction(async (sql) => {
      await sql.query(raise, [first]);
      here += 1;
      if (here === 2) met.resolve();
      await met.promise;
      await sql.query(raise, [second]);
    });

  await Promise.all([both('a', 'b'), both('b', 'a')]);

  expect(await database.query('SELECT count FROM rejection_count')).toEqual([{ count: 2 }, { count: 2 }]);
});

it('names neither the password nor values of rows in its failures', async () => {
  const database = await opened(await freshUrl());

  await expect(database.query('SELECT $1::bigint', ['john@example.com'])).rejects.toThrow(
    /^The database can't take a value \(22P02\)\.$/,
  );
  const gone = openDatabase('postgres://bot:hunter2@127.0.0.1:1/bot');
  await expect(gone).rejects.toThrow(/can't be reached: connect ECONNREFUSED/);
  await expect(gone).rejects.not.toThrow(/hunter2/);
  await expect(openDatabase('hunter2@nowhere')).rejects.toThrow('DATABASE_URL is not the address');
});

it('refuses what is asked of it after it was closed', async () => {
  const database = await opened(await freshUrl());
  await database.close();

  await expect(database.query('SELECT 1')).rejects.toThrow(/closed/);
});

it('gives a statement its own time limit, and the next one the usual limit', async () => {
  const database = await openDatabase(await freshUrl(), { connections: 1, longest: 300 });
  onTestFinished(() => database.close());
  const slow = 'SELECT pg_sleep(0.6)';
  const cut = /statement timeout/;

  await expect(database.query(slow)).rejects.toThrow(cut);
  await database.query(slow, [], 60_000);
  await expect(database.query(slow)).rejects.toThrow(cut);
  await database.transaction((sql) => sql.query(slow), 60_000);
  await expect(database.query(slow)).rejects.toThrow(cut);
  // A shorter one is a limit too; nor does a failure leave it behind.
  await expect(database.query('SELECT pg_sleep(60)', [], 200)).rejects.toThrow(cut);
  await expect(database.query('SELECT 1 / 0', [], 60_000)).rejects.toThrow('22012');
  await expect(database.query(slow)).rejects.toThrow(cut);
});
