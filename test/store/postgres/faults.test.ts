import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { aReceived } from '../../support/builders.ts';
import { openTestStore } from '../../support/postgres.ts';

const announce = { within: async () => {}, soon: () => {} };

const fresh = async (): Promise<string> => {
  const { url, close } = await openTestStore();
  onTestFinished(close);
  return url;
};

const connected = async (url: string): Promise<Client> => {
  const client = new Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
};

it('accepts while all else is stuck behind what somebody has locked', async () => {
  const url = await fresh();
  const store = await openPostgresStore(url, { announce, log: silentLog(), connections: 2 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const somebody = await connected(url);
  await somebody.query('BEGIN; LOCK TABLE resource');
  const stuck = Array.from({ length: 4 }, () => store.getResource({ kind: 'booking', id: 'bk_1' }));

  expect(await store.accept(aReceived())).toBe('stored');

  await somebody.query('COMMIT');
  await Promise.allSettled(stuck);
});

it('commits to disk, and sees what is committed, whatever the database has as its default', async () => {
  const url = await fresh();
  const somebody = await connected(url);
  const { rows } = await somebody.query<{ name: string }>('SELECT quote_ident(current_database()) AS name');
  for (const setting of ['synchronous_commit = off', `default_transaction_isolation = 'serializable'`]) {
    await somebody.query(`ALTER DATABASE ${rows[0]?.name} SET ${setting}`);
  }

  const database = await openDatabase(url);
  onTestFinished(() => database.close());

  expect(await database.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  expect(await database.query('SHOW transaction_isolation')).toEqual([{ transaction_isolation: 'read committed' }]);
});

it('takes no transaction for committed of which a statement failed, though nobody minded', async () => {
  const database = await openDatabase(await fresh());
  onTestFinished(() => database.close());

  const half = database.transaction(async (sql) => {
    await sql.query(`INSERT INTO rejection_count VALUES ('one', 1, 1)`);
    await sql.query('SELECT 1 / 0').catch(() => {});
  });

  await expect(half).rejects.toThrow('22012');
  expect(await database.query('SELECT reason FROM rejection_count')).toEqual([]);
});

it('leaves a server that may not write any more, and finds the one that may', async () => {
  const database = await openDatabase(await fresh(), { connections: 1 });
  onTestFinished(() => database.close());
  const write = (): Promise<unknown> => database.query(`INSERT INTO rejection_count VALUES ('one', 1, 1)`);
  await database.query('SET default_transaction_read_only = on');

  await expect(write()).rejects.toThrow('25006');

  await expect(write()).resolves.toEqual([]);
});
