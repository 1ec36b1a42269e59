import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { botEnv, NODE, startBot } from '../support/bot.ts';
import { tempFolder } from '../support/temp.ts';
import { ROOT, textOf } from './files.ts';

const compile = (env: Record<string, string>): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(NODE, [join(ROOT, 'bin/compile.js')], { env: { PATH: process.env.PATH ?? '', ...env } });

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).filter((file) => /[0-9a-f]{8}$/.test(file)).sort();

test('`npm ci` compiles all that the first start needs', async () => {
  expect(JSON.parse(textOf('package.json')).scripts.postinstall).toBe('node bin/compile.js');
  const [kept, data, temp] = [await tempFolder(), await tempFolder(), await tempFolder()];
  expect(await compile({ NODE_COMPILE_CACHE: kept, TMPDIR: temp })).toEqual({ stdout: '', stderr: '' });
  const compiled = await filesIn(kept);
  expect(compiled.length).toBeGreaterThan(500);
  expect(await readdir(temp)).toEqual([]);

  const bot = await startBot({ ...botEnv(data), NODE_COMPILE_CACHE: kept });
  expect(await bot.end('SIGTERM')).toBe(0);
  expect(await filesIn(kept)).toEqual(compiled);
});

test('settings of a bot are not used while installing', async () => {
  const [kept, data, temp] = [await tempFolder(), await tempFolder(), await tempFolder()];
  await mkdir(join(data, 'mine'));
  await compile({ NODE_COMPILE_CACHE: kept, TMPDIR: temp, DATA_DIR: join(data, 'mine'), NODE_ENV: 'production' });
  expect(await readdir(join(data, 'mine'))).toEqual([]);
  expect((await filesIn(kept)).length).toBeGreaterThan(500);
});

test('an installation goes on where the bot cannot be started', async () => {
  const missing = join(await tempFolder(), 'missing');
  expect(await compile({ TMPDIR: missing })).toEqual({ stdout: '', stderr: '' });
});
