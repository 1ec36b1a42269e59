import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { describeStoreContract } from '../../contracts/store.ts';

describeStoreContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-'));
  const file = join(folder, 'bot.db');
  const store = await openSqliteStore(file);
  let current = store;
  return {
    store,
    async reopen() {
      await current[Symbol.asyncDispose]();
      current = await openSqliteStore(file);
      return current;
    },
    async close() {
      await current[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
