import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';

/** A folder of its own for one test, gone when the test is. */
export const tempFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A real store in a folder of its own, closed when the test ends. */
export const tempStore = async (): Promise<Store> => {
  const store = await openSqliteStore(join(await tempFolder(), 'test.db'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};
