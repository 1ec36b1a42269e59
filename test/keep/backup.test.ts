import { execFile, spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
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

/** A backup of a small store with rules, what the team edited and a sheet, and where the rules stand. */
const aBackup = async () => {
  const folder = await tempFolder();
  const safe = join(await tempFolder(), 'safe');
  await (await openSqliteStore(join(folder, 'webkasa-bot.db')))[Symbol.asyncDispose]();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  await mkdir(join(folder, 'sheets'));
  await writeFile(join(folder, 'sheets/all.csv'), 'row');
  expect((await call(['backup', safe], { env: { DATA_DIR: folder } })).code).toBe(0);
  return { folder, safe };
};

it('leaves rules, templates and what the team edited alone that stand outside of an empty DATA_DIR', async () => {
  const { safe } = await aBackup();
  const live = await tempFolder();
  await writeFile(join(live, 'rules.yaml'), 'rules: []');
  await writeFile(join(live, 'team.json'), '{}');
  const rehearsal = join(await tempFolder(), 'new');
  const env = { DATA_DIR: rehearsal, RULES_FILE: join(live, 'rules.yaml') };

  const { code, out, err } = await call(['restore', safe], { env });
  expect([code, err]).toEqual([0, '']);
  expect(await readdir(live)).toEqual(['rules.yaml', 'team.json']);
  expect(await readFile(join(live, 'rules.yaml'), 'utf8')).toBe('rules: []');
  const beside = (await readdir(rehearsal)).find((name) => name.startsWith('restored-')) ?? '';
  expect(await readFile(join(rehearsal, beside, 'rules.yaml'), 'utf8')).toBe(RULES);
  expect(out).toContain(`Left as it was, outside of DATA_DIR: ${join(live, 'rules.yaml')}`);
  expect(out).toContain(join(rehearsal, beside));
  expect(out).not.toContain('What was there before');
});

it('names all that is there already, also without a database', async () => {
  const { safe } = await aBackup();
  const folder = await tempFolder();
  await mkdir(join(folder, 'sheets'));
  await writeFile(join(folder, 'rules.yaml'), 'rules: []');
  await writeFile(join(folder, 'sheets/mine.csv'), 'row');
  const { code, err } = await call(['restore', safe], { env: { DATA_DIR: folder } });
  expect([code, err]).toEqual([
    1,
    expect.stringContaining(`${join(folder, 'rules.yaml')}, ${join(folder, 'sheets')}.`),
  ]);
  expect((await readdir(folder)).sort()).toEqual(['rules.yaml', 'sheets']);
});

it.runIf(await onOtherDisk())('replaces rules on another disk, and leaves nothing half done there', async () => {
  const { folder, safe } = await aBackup();
  const disk = await mkdtemp(join(OTHER_DISK, 'webkasa-bot-'));
  onTestFinished(() => rm(disk, { recursive: true }));
  await writeFile(join(disk, 'rules.yaml'), 'rules: []');
  const env = { DATA_DIR: folder, RULES_FILE: join(disk, 'rules.yaml') };
  const { code, out } = await call(['restore', safe, '--force', '--json'], { env });
  expect(code).toBe(0);
  expect(await readdir(disk)).toEqual(['rules.yaml']);
  expect(await readFile(join(disk, 'rules.yaml'), 'utf8')).toBe(RULES);
  expect(await readFile(join(JSON.parse(out).aside, 'rules.yaml'), 'utf8')).toBe('rules: []');
});

it('takes away what a backup that was killed has left, and no other', async () => {
  const { folder } = await aBackup();
  const backups = join(folder, 'backups');
  const dead = spawnSync(NODE, ['-e', '']).pid;
  const draft = async (name: string, by: number, minutesAgo: number) => {
    const at = new Date(Date.now() - minutesAgo * 60_000);
    await mkdir(join(backups, name), { recursive: true });
    await writeFile(join(backups, name, 'being-written-by'), `${hostname()} ${by}\n`);
    for (const path of [join(backups, name, 'being-written-by'), join(backups, name)]) await utimes(path, at, at);
  };
  await draft('20200101T000000Z.unfinished', dead, 0);
  await draft('20200102T000000Z.unfinished', process.pid, 90);
  await draft('20200103T000000Z.unfinished', process.pid, 5);
  await mkdir(join(backups, 'mine.unfinished'));
  const { code } = await call(['backup'], { env: { DATA_DIR: folder } });
  expect(code).toBe(0);
  const left = await readdir(backups);
  expect(left.sort()).toEqual(['20200103T000000Z.unfinished', expect.stringMatching(/Z$/), 'mine.unfinished']);
  expect(await readdir(join(backups, left[1] ?? ''))).not.toContain('being-written-by');
});

it('goes into no folder that is backed up itself', async () => {
  const { folder } = await aBackup();
  for (const inside of ['sheets/x', 'outbox/mail']) {
    const { code, err } = await call(['backup', join(folder, inside)], { env: { DATA_DIR: folder } });
    expect([code, err]).toEqual([1, expect.stringContaining('Name a folder elsewhere')]);
  }
  expect(await readdir(join(folder, 'sheets'))).toEqual(['all.csv']);
});

it.each([
  ['version', '9.0.0'],
  ['format', 2],
])('restores no backup of a newer %s, and says so', async (name, value) => {
  const { safe } = await aBackup();
  const file = join(safe, 'manifest.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), [name]: value }));
  const empty = await tempFolder();
  const { code, err } = await call(['restore', safe], { env: { DATA_DIR: empty } });
  expect([code, err]).toEqual([1, expect.stringMatching(/newer than this one .* Nothing was restored\./)]);
  expect(await readdir(empty)).toEqual([]);
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
