import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databaseOf } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { checkBackup, keepNewest, makeBackup, type Part } from '../../src/keep/backup.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { aReceived } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';

/** The database of a bot with one webhook, and a way to back it up with these parts. */
const aStore = async (parts: readonly Part[] = []) => {
  const data = await tempFolder();
  const store = await openSqliteStore(join(data, 'webkasa-bot.db'));
  await store.accept(aReceived());
  await store[Symbol.asyncDispose]();
  const database = await databaseOf(readConfig({ DATA_DIR: data }));
  const backUp = (folder: string) =>
    makeBackup(folder, { database, parts, version: '1.0.0', at: Date.now() }, () => {});
  return { database, backUp };
};

it('lets one of two that write the same backup finish, and tells the other', async () => {
  const { database, backUp } = await aStore();
  const folder = join(await tempFolder(), '20270101T000000Z');

  const ended = await Promise.allSettled([backUp(folder), backUp(folder)]);

  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = ended.find(({ status }) => status === 'rejected');
  expect(refused).toMatchObject({ reason: { message: expect.stringContaining('Another backup is being written') } });
  expect((await checkBackup(folder, database, '1.0.0')).database.rows.webhook).toBe(1);
});

it('copies what links lead to, in folders made of them too', async () => {
  const mounted = await tempFolder();
  const [outside, templates] = [join(mounted, 'outside'), join(mounted, 'templates')];
  await mkdir(join(outside, 'email'), { recursive: true });
  await writeFile(join(outside, 'email', 'reminder.mjml'), 'hello');
  await writeFile(join(outside, 'note.txt'), 'a note');
  await mkdir(templates);
  await symlink(join(outside, 'email'), join(templates, 'email'));
  await symlink(join(outside, 'note.txt'), join(templates, 'note.txt'));
  await symlink(join(templates, 'itself'), join(templates, 'itself'));
  const { database, backUp } = await aStore([{ name: 'templates', path: templates }]);
  const folder = join(await tempFolder(), 'safe');

  await backUp(folder);

  expect(await readFile(join(folder, 'templates', 'email', 'reminder.mjml'), 'utf8')).toBe('hello');
  expect(await readFile(join(folder, 'templates', 'note.txt'), 'utf8')).toBe('a note');
  expect((await checkBackup(folder, database, '1.0.0')).files.map(({ name }) => name)).toContain('templates/note.txt');
});

it('tells a file of a backup that is missing from one that can not be read', async () => {
  const data = await tempFolder();
  await writeFile(join(data, 'rules.yaml'), 'rules: []');
  const { database, backUp } = await aStore([{ name: 'rules.yaml', path: join(data, 'rules.yaml') }]);
  const folder = join(await tempFolder(), 'safe');
  await backUp(folder);

  await rm(join(folder, 'rules.yaml'));
  await expect(checkBackup(folder, database, '1.0.0')).rejects.toThrow('rules.yaml is missing');
  await mkdir(join(folder, 'rules.yaml'));
  await expect(checkBackup(folder, database, '1.0.0')).rejects.toThrow(/rules\.yaml can't be read \(EISDIR/);
});

it('removes old backups where another process removes them at the same time', async () => {
  const folder = await tempFolder();
  const names = Array.from({ length: 8 }, (_, index) => `2020010${index + 1}T000000Z`);
  for (const name of names) {
    await mkdir(join(folder, name, 'sheets'), { recursive: true });
    await writeFile(join(folder, name, 'sheets', 'all.csv'), 'row');
  }

  await Promise.all(Array.from({ length: 4 }, () => keepNewest(folder, 2)));

  expect((await readdir(folder)).sort()).toEqual(names.slice(-2));
});
