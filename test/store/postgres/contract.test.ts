import { afterAll } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Announce } from '../../../src/store/postgres/announce.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { describeStoreContract } from '../../contracts/store.ts';
import { emptyStore, openTestStore, type TestDatabase } from '../../support/postgres.ts';

/** Nobody listens: whoever has work to do in these tests is told by the test. */
const silence: Announce = { within: async () => {}, soon: () => {} };

/** Those that no test uses now: emptying one is several times as quick as making another. */
const free: TestDatabase[] = [];
afterAll(() => Promise.all(free.map((database) => database.close())));

describeStoreContract('PostgreSQL', async () => {
  const database = free.pop() ?? (await openTestStore());
  const open = () => openPostgresStore(database.url, { announce: silence, log: silentLog(), connections: 5 });
  const store = await open();
  let current = store;
  let closed = false;
  return {
    store,
    async reopen() {
      await current[Symbol.asyncDispose]();
      current = await open();
      return current;
    },
    async close() {
      if (closed) return;
      closed = true;
      await current[Symbol.asyncDispose]();
      await emptyStore(database);
      free.push(database);
    },
  };
});
