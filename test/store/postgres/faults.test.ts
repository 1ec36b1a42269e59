import { Client } from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openPostgresStore, type PostgresStoreOptions } from '../../../src/store/postgres/store.ts';
import { claimed, deliveryOf, planned } from '../../contracts/store/harness.ts';
import { aReceived, T0 } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { openTestStore } from '../../support/postgres.ts';

const announce = { within: async () => {}, soon: () => {} };

const fresh = async (): Promise<string> => {
  const { url, close } = await openTestStore();
  onTestFinished(close);
  return url;
};

const opened = async (url: string, options: Partial<PostgresStoreOptions> = {}) => {
  const store = await openPostgresStore(url, { announce, log: silentLog(), connections: 2, ...options });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

const connected = async (url: string): Promise<Client> => {
  const client = new Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
};

it('accepts webhooks while everything else waits for a lock', async () => {
  const url = await fresh();
  const store = await opened(url);
  const somebody = await connected(url);
  await somebody.query('BEGIN; LOCK TABLE resource');
  const stuck = Array.from({ length: 4 }, () => store.getResource({ kind: 'booking', id: 'bk_1' }));

  expect(await store.accept(aReceived())).toBe('stored');

  await somebody.query('COMMIT');
  await Promise.allSettled(stuck);
});

it('commits to disk and reads what is committed, whatever the defaults of the database', async () => {
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

it('does not report a commit if a statement of the transaction failed, even if that was ignored', async () => {
  const database = await openDatabase(await fresh());
  onTestFinished(() => database.close());

  const half = database.transaction(async (sql) => {
    await sql.query(`INSERT INTO rejection_count VALUES ('one', 1, 1)`);
    await sql.query('SELECT 1 / 0').catch(() => {});
  });

  await expect(half).rejects.toThrow('22012');
  expect(await database.query('SELECT reason FROM rejection_count')).toEqual([]);
});

it('leaves a server that has become read-only, and connects to the one that is not', async () => {
  const database = await openDatabase(await fresh(), { connections: 1 });
  onTestFinished(() => database.close());
  const write = (): Promise<unknown> => database.query(`INSERT INTO rejection_count VALUES ('one', 1, 1)`);
  await database.query('SET default_transaction_read_only = on');

  await expect(write()).rejects.toThrow('25006');

  await expect(write()).resolves.toEqual([]);
});

it("uses the time of the database, whatever its machine's clock says", async () => {
  const url = await fresh();
  const hour = 3_600_000;
  const real = Date.now;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + hour);
  onTestFinished(() => void vi.restoreAllMocks());

  const store = await opened(url);

  expect(Date.now() - store.clock()).toBeGreaterThan(hour - 20_000);
  expect(Math.abs(real() - store.clock())).toBeLessThan(20_000);
});

describe('a process that was cut off', () => {
  it('declares nobody dead before those cut off in the same outage had time for a heartbeat', async () => {
    const url = await fresh();
    const [back, steady] = [await opened(url, { patience: 600_000 }), await opened(url, { patience: 0 })];
    const somebody = await connected(url);
    await claimed(back, await planned(back));
    await somebody.query(
      `WITH silent AS (INSERT INTO worker (name, seen_at) VALUES ('silent', now() - interval '1 hour') RETURNING number)
       UPDATE attempt SET worker = silent.number FROM silent`,
    );

    expect(await back.recoverRunning(T0)).toBe(0);
    expect(await back.recoverLost(T0)).toBe(0);
    await eventually(async () => expect(await steady.recoverLost(T0)).toBe(1));
  });

  it('no longer holds its claims once it was declared dead', async () => {
    const url = await fresh();
    const store = await opened(url);
    const somebody = await connected(url);
    const before = performance.now();
    expect(store.holds(before)).toBe(true);

    await somebody.query('DELETE FROM worker');

    await eventually(() => expect(store.holds(before)).toBe(false));
    await eventually(() => expect(store.holds(performance.now())).toBe(true));
  });

  it('claims nothing before it has registered anew', async () => {
    const url = await fresh();
    const store = await opened(url);
    const somebody = await connected(url);
    const id = await planned(store);
    const orphans = `SELECT a.seq FROM attempt a WHERE a.worker NOT IN (SELECT number FROM worker)`;

    await somebody.query('DELETE FROM worker');
    await store.claim([id], T0);

    expect((await somebody.query(orphans)).rows).toEqual([]);
    await eventually(async () => {
      await store.claim([id], T0);
      expect((await deliveryOf(store, id)).status).toBe('running');
    });
    expect((await somebody.query(orphans)).rows).toEqual([]);
  });
});
