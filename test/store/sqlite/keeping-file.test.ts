import { copyFileSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { checkpointStoreFile } from '../../../src/store/sqlite/keeping-file.ts';
import { storeFile } from './process.ts';

/** A file whose schema has that version, as a bot that was killed leaves it: its last change is in the log beside it. */
const killed = async (version: number): Promise<string> => {
  const [running, left] = [await storeFile(), await storeFile()];
  const database = new DatabaseSync(running);
  database.exec(`PRAGMA journal_mode = WAL; CREATE TABLE note (text TEXT); PRAGMA user_version = ${version}`);
  database.exec(`PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO note VALUES ('in the log')`);
  for (const part of ['', '-wal']) copyFileSync(`${running}${part}`, `${left}${part}`);
  database.close();
  return left;
};

it.each([1, 9_000])('writes the log back into a file of schema %i, and leaves the schema at that', async (version) => {
  const file = await killed(version);

  checkpointStoreFile(file);

  expect(existsSync(`${file}-wal`)).toBe(false);
  using left = new DatabaseSync(file, { readOnly: true });
  expect(left.prepare('PRAGMA user_version').get()).toEqual({ user_version: version });
  expect(left.prepare('SELECT text FROM note').all()).toEqual([{ text: 'in the log' }]);
});

it.runIf(existsSync('/proc/self/fd'))('holds no file open that it could not open as a store', async () => {
  const file = await killed(9_000);

  expect(() => openDatabase(file)).toThrow(/newer webkasa-bot/);

  const open = readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      return [readlinkSync(`/proc/self/fd/${name}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((path) => path.startsWith(file))).toEqual([]);
});
