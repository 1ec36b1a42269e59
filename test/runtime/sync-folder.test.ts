import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { syncFolder } from '../../src/runtime/sync-folder.ts';
import { tempFolder } from '../support/temp.ts';

test('a folder is synced', async () => {
  await syncFolder(await tempFolder());
});

test.runIf(process.platform === 'linux')('a file system that syncs no folders is no failure', async () => {
  await syncFolder('/proc');
});

test('what is no folder, or not there, is a failure', async () => {
  const file = join(await tempFolder(), 'file');
  await expect(syncFolder(file)).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(file, '');
  await expect(syncFolder(file)).rejects.toMatchObject({ code: 'ENOTDIR' });
});
