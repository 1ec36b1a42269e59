import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeOutboxFile } from '../../src/deliver/outbox/file.ts';
import { readSecret } from '../../src/receive/secret.ts';
import { sign } from '../../src/receive/signature.ts';
import { SAMPLES } from '../../src/samples/index.ts';
import { botEnv, startBot } from '../support/bot.ts';
import { tempFolder } from '../support/temp.ts';

const everythingIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).map((entry) => join(entry.parentPath, entry.name));

test('no id, however odd, takes a file out of the outbox', async () => {
  const root = await tempFolder();
  const folder = join(root, 'outbox', 'mail');
  const odd = fc.oneof(
    fc.constantFrom(
      '../../x',
      '/etc/passwd',
      '..',
      '.',
      '',
      'a/../../b',
      'C:\\x',
      'x\0.eml',
      '~root',
      '%2e%2e/x',
      '．．/x',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  await fc.assert(
    fc.asyncProperty(odd, async (id) => {
      const path = await writeOutboxFile({ folder, at: 0, id, ending: '.eml', content: 'x' }, 'SMTP_URL');
      expect(dirname(path)).toBe(folder);
      expect(basename(path)).toMatch(/^19700101T000000Z-[\w.-]*\.eml$/);
    }),
    { numRuns: 100 },
  );
  const outside = (await everythingIn(root)).filter((path) => !path.startsWith(folder) && path !== dirname(folder));
  expect(outside).toEqual([]);
});

test('all that a bot writes is for its own user alone', async () => {
  const folder = join(await tempFolder(), 'data');
  const bot = await startBot(botEnv(folder, { WEBKASA_WEBHOOK_SECRET: '', NODE_COMPILE_CACHE: await tempFolder() }));
  const secret = (await readSecret(folder)) ?? '';
  const body = JSON.stringify({ ...SAMPLES['booking.created'], id: 'wh_evt_1' });
  const headers = { 'x-webkasa-signature': sign(Buffer.from(body), secret) };
  expect((await fetch(bot.webhookUrl, { method: 'POST', body, headers })).status).toBe(200);
  // The starter rules tell of it by mail, in Slack and in a sheet.
  const written = async (): Promise<string[]> => (await everythingIn(folder)).map((path) => path.slice(folder.length));
  await expect
    .poll(async () => (await written()).filter((path) => /\.eml$|\.json$|\.csv$/.test(path)).length)
    .toBeGreaterThan(2);
  expect(await bot.end('SIGTERM')).toBe(0);
  const open = [];
  for (const path of [folder, ...(await everythingIn(folder))]) {
    const { mode } = await stat(path);
    if (mode & 0o077) open.push(`${path} ${mode.toString(8)}`);
  }
  expect(open).toEqual([]);
});
