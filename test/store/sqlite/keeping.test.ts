import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { forgetContract } from '../../contracts/store/forget.ts';
import type { StoreHarness } from '../../contracts/store/harness.ts';

const open = async (): Promise<StoreHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-'));
  const file = join(folder, 'bot.db');
  let store = await openSqliteStore(file);
  return {
    store,
    async reopen() {
      await store[Symbol.asyncDispose]();
      store = await openSqliteStore(file);
      return store;
    },
    async close() {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

describe('forgetting, SQLite', () => forgetContract(open));
