import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder } from '../../src/runtime/make-folder.ts';
import { tempFolder } from '../support/temp.ts';

test('makes a folder and those above it, whoever else does so at the same time', async () => {
  const folder = join(await tempFolder(), 'a/b/c');
  await Promise.all([makeFolder(folder, 0o700), makeFolder(folder, 0o700), makeFolder(`${folder}/../d`)]);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await makeFolder(folder);
});

test('names a folder that can not be made, where its place is a file', async () => {
  const file = join(await tempFolder(), 'file');
  await writeFile(file, '');
  for (const folder of [file, join(file, 'data')]) {
    await expect(makeFolder(folder)).rejects.toThrow(`The folder ${folder} can't be made`);
  }
});
