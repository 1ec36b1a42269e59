import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OperatorError } from '../../src/core/errors.ts';
import { keptSecret, readSecret, secretFile } from '../../src/receive/secret.ts';
import { tempFolder } from '../support/temp.ts';

test('the first start makes a secret, and every later one finds it', async () => {
  const folder = await tempFolder();
  expect(await readSecret(folder)).toBeUndefined();
  const secret = await keptSecret(folder);
  expect(secret).toMatch(/^whsec_[0-9a-f]{48}$/);
  expect(await keptSecret(folder)).toBe(secret);
  expect(await readSecret(folder)).toBe(secret);
});

test('each folder has a secret of its own', async () => {
  expect(await keptSecret(await tempFolder())).not.toBe(await keptSecret(await tempFolder()));
});

test('only its owner may read it', async () => {
  const folder = await tempFolder();
  await keptSecret(folder);
  expect((await stat(secretFile(folder))).mode & 0o777).toBe(0o600);
});

test('many starts at once agree on one secret, and leave nothing else behind', async () => {
  const startAfter = async (turns: number, folder: string): Promise<string> => {
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return keptSecret(folder);
  };
  for (let turn = 1; turn <= 20; turn += 1) {
    const folder = await tempFolder();
    // Each a little later than the other, so that they meet at every step of the way.
    const starts = Array.from({ length: 20 }, (_, index) => startAfter((index * turn) % 40, folder));
    const secrets = new Set(await Promise.all(starts));
    expect(secrets.size).toBe(1);
    expect((await readFile(secretFile(folder), 'utf8')).trim()).toBe([...secrets][0]);
    expect(await readdir(folder)).toEqual(['webhook-secret']);
  }
});

test('an empty file is no secret', async () => {
  const folder = await tempFolder();
  await writeFile(secretFile(folder), '\n');
  expect(await readSecret(folder)).toBeUndefined();
  const error = await keptSecret(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OperatorError);
  expect(error).toMatchObject({
    message: expect.stringContaining(secretFile(folder)),
    remedy: expect.stringContaining('WEBKASA_WEBHOOK_SECRET'),
  });
});

test('a folder that is not there is said with a remedy', async () => {
  const missing = join(await tempFolder(), 'missing');
  await expect(keptSecret(missing)).rejects.toThrow(OperatorError);
  await expect(keptSecret(missing)).rejects.toThrow(missing);
});
