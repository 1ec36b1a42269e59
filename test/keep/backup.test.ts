import { execFile } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { moveTo } from '../../src/keep/files.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { call } from '../commands/world.ts';
import { botEnv, NODE, post, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { tempFolder } from '../support/temp.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

const cli = (env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((settle) => {
    execFile(NODE, [CLI, ...args], { cwd: tmpdir(), env }, (error, out, err) =>
      settle({ code: error ? error.code : 0, out, err }),
    );
  });

const RULES = `rules:
  - id: row
    on: ["*"]
    actions: [{ sheet: { file: all.csv, columns: { Booking: "{{ data.id }}" } } }]
`;

const aBot = async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const env = botEnv(folder);
  const bot = await startBot(env);
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  let sent = 0;
  const send = async () => {
    sent += 1;
    expect((await post(bot.webhookUrl, aWebhook({ data: { id: `bk_${sent}` } }))).status).toBe(200);
  };
  return { folder, env, bot, send, sent: () => sent };
};

it('backs up while webhooks come in, and restores what was there at that moment', async () => {
  const { folder, env, bot, send, sent } = await aBot();
  for (let number = 0; number < 20; number += 1) await send();
  const safe = join(await tempFolder(), 'safe');

  const making = cli(env, 'backup', safe, '--json');
  let done = false;
  void making.then(() => {
    done = true;
  });
  while (!done) await send();
  const made = await making;
  expect(made.err).toBe('');
  const manifest = JSON.parse(made.out);
  const kept = manifest.database.rows.webhook;
  expect(kept).toBeGreaterThanOrEqual(20);
  expect(kept).toBeLessThanOrEqual(sent());
  const files = await readdir(safe);
  expect(files.sort()).toEqual(['database', 'manifest.json', 'rules.yaml', 'sheets']);
  expect((await stat(safe)).mode & 0o077).toBe(0);

  const running = await cli(env, 'restore', safe, '--force');
  expect([running.code, running.err]).toEqual([1, expect.stringContaining('Stop it first')]);
  await bot.end('SIGTERM');
  await writeFile(join(folder, 'rules.yaml'), 'rules: []');
  expect((await cli(env, 'restore', safe)).err).toContain('--force');

  const restored = await cli(env, 'restore', safe, '--force', '--json');
  expect(restored.err).toBe('');
  const { aside } = JSON.parse(restored.out);
  expect(await readFile(join(aside, 'rules.yaml'), 'utf8')).toBe('rules: []');
  expect(await readFile(join(folder, 'rules.yaml'), 'utf8')).toBe(RULES);
  {
    await using before = await openSqliteStore(join(aside, 'database'));
    expect((await before.status()).webhooks).toBe(sent());
  }

  // What was waiting goes on.
  const again = await startBot(env);
  onTestFinished(async () => void (await again.end('SIGKILL')));
  await eventually(async () => {
    await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
    expect(await store.status()).toMatchObject({ webhooks: kept, unrouted: 0, deliveries: { done: kept } });
  });
  const rows = (await readFile(join(folder, 'sheets/all.csv'), 'utf8')).split('\r\n');
  for (let number = 1; number <= 20; number += 1) expect(rows).toContain(`"bk_${number}"`);
}, 120_000);

it('restores into an empty folder, and nothing from a backup that was changed', async () => {
  const { env, bot, send } = await aBot();
  await send();
  const safe = join(await tempFolder(), 'safe');
  await cli(env, 'backup', safe);
  await bot.end('SIGTERM');

  const other = join(await tempFolder(), 'new');
  await mkdir(other);
  const elsewhere = botEnv(other);
  expect((await cli(elsewhere, 'restore', safe)).code).toBe(0);
  expect(await readFile(join(other, 'rules.yaml'), 'utf8')).toBe(RULES);

  await appendFile(join(safe, 'rules.yaml'), ' ');
  const third = await tempFolder();
  const refused = await cli(botEnv(third), 'restore', safe);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('rules.yaml was changed since')]);
  expect(await readdir(third)).toEqual([]);

  const none = await cli(botEnv(third), 'restore', other);
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('is no backup of this bot')]);
}, 60_000);

it('restores in place of a database that is damaged, with its log, and keeps that as it was', async () => {
  const { folder, env, bot, send } = await aBot();
  await send();
  const safe = join(await tempFolder(), 'safe');
  await cli(env, 'backup', safe);
  await bot.end('SIGKILL');
  const file = join(folder, 'webkasa-bot.db');
  await writeFile(file, 'no database');
  await writeFile(`${file}-wal`, 'no log');

  const restored = await cli(env, 'restore', safe, '--force', '--json');
  expect(restored.err).toBe('');
  const { aside } = JSON.parse(restored.out);
  expect(await readFile(join(aside, 'database'), 'utf8')).toBe('no database');
  expect(await readFile(join(aside, 'database-wal'), 'utf8')).toBe('no log');
  await using store = await openSqliteStore(file);
  expect((await store.status()).webhooks).toBe(1);
}, 60_000);

const OTHER_DISK = '/dev/shm';
const onOtherDisk = (): Promise<boolean> =>
  Promise.all([stat(OTHER_DISK), stat(tmpdir())]).then(
    ([one, other]) => one.dev !== other.dev,
    () => false,
  );

it.runIf(await onOtherDisk())('keeps aside what stands on another disk', async () => {
  const disk = await mkdtemp(join(OTHER_DISK, 'webkasa-bot-'));
  onTestFinished(() => rm(disk, { recursive: true }));
  const aside = await tempFolder();
  await writeFile(join(disk, 'rules.yaml'), RULES);
  await mkdir(join(disk, 'sheets/2027'), { recursive: true });
  await writeFile(join(disk, 'sheets/2027/all.csv'), 'row');
  for (const name of ['rules.yaml', 'sheets']) await moveTo(join(disk, name), join(aside, name));
  expect(await readdir(disk)).toEqual([]);
  expect(await readFile(join(aside, 'rules.yaml'), 'utf8')).toBe(RULES);
  expect(await readFile(join(aside, 'sheets/2027/all.csv'), 'utf8')).toBe('row');
  expect((await readdir(aside)).sort()).toEqual(['rules.yaml', 'sheets']);
});

it('says on a terminal what it is at, and leaves nothing of that', async () => {
  const folder = await tempFolder();
  await (await openSqliteStore(join(folder, 'webkasa-bot.db')))[Symbol.asyncDispose]();
  const { code, err } = await call(['backup'], { env: { DATA_DIR: folder }, terminal: true });
  expect(code).toBe(0);
  expect(err.split('\r\u001b[K')).toEqual([
    '',
    'copying the database …',
    'copying files …',
    'reading the copy again …',
    'making checksums …',
    '',
  ]);
});

it('keeps the newest backups, and takes away the others', async () => {
  const { folder, env, bot, send } = await aBot();
  await send();
  await bot.end('SIGTERM');
  for (const name of ['20200101T000000Z', '20210101T000000Z', 'mine']) {
    await mkdir(join(folder, 'backups', name), { recursive: true });
  }
  const { out, err } = await cli(env, 'backup', '--keep', '2');
  expect(err).toBe('');
  expect(out).toContain('Removed');
  const left = await readdir(join(folder, 'backups'));
  expect(left.sort()).toEqual(['20210101T000000Z', expect.stringMatching(/^20\d{6}T\d{6}Z$/), 'mine']);
}, 60_000);
