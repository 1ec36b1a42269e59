import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { isDatabaseFilled } from '../../src/store/postgres/keeping-dump.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { performed, planned, routed } from '../contracts/store/harness.ts';
import { botEnv, NODE } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { openTestDatabase, openTestStore } from '../support/postgres.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { tempFolder } from '../support/temp.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

const cli = (env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((settle) => {
    execFile(NODE, [CLI, ...args], { cwd: tmpdir(), env }, (error, out, err) =>
      settle({ code: error ? error.code : 0, out, err }),
    );
  });

const openedAt = (url: string) =>
  openPostgresStore(url, {
    announce: { within: async () => {}, soon: () => {} },
    log: silentLog(),
    connections: 2,
  });

test('a database with nothing in it, or with tables alone, is not taken for data', async () => {
  const empty = await openTestDatabase();
  onTestFinished(empty.close);
  expect(await isDatabaseFilled(empty.url)).toBe(false);
  const made = await openTestStore();
  onTestFinished(made.close);
  expect(await isDatabaseFilled(made.url)).toBe(false);
  await using store = await openedAt(made.url);
  await routed(store, aWebhook());
  expect(await isDatabaseFilled(made.url)).toBe(true);
});

/** A server with the programs that copy its databases, as packages of PostgreSQL install them; not everywhere. */
const installed = (): string | undefined => {
  try {
    const folder = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim();
    return ['postgres', 'pg_dump', 'pg_restore'].every((name) => existsSync(join(folder, name))) ? folder : undefined;
  } catch {
    return undefined;
  }
};

const programs = installed();

describe.runIf(programs !== undefined)('a PostgreSQL database', () => {
  test('is backed up with the counts of its rows, and restored into an empty one', async () => {
    const server = await startPostgres({ ...(programs && { programs }) });
    onTestFinished(() => server.stop());
    const [url, other] = [await server.createDatabase('one'), await server.createDatabase('other')];
    const at = async (address: string) => {
      const folder = await tempFolder();
      await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
      return botEnv(folder, { DATABASE_URL: address, PATH: `${programs}:${process.env.PATH}` });
    };
    const rowsAt = async (address: string) => {
      await using store = await openedAt(address);
      return (await store.size()).rows;
    };
    {
      await using store = await openedAt(url);
      await performed(store, await planned(store));
      await routed(store, aWebhook({ data: { id: 'bk_2', note: 'two\nlines, \\. and a \t' } }));
    }

    const safe = join(await tempFolder(), 'safe');
    const made = await cli(await at(url), 'backup', safe, '--json');
    expect(made.err).toBe('');
    const { rows } = JSON.parse(made.out).database;
    expect(rows).toMatchObject({ webhook: 2, attempt: 1 });
    expect(rows).toEqual(await rowsAt(url));

    const env = { ...(await at(other)), DATA_DIR: await tempFolder() };
    const restored = await cli(env, 'restore', safe);
    expect([restored.code, restored.err]).toEqual([0, '']);
    expect(await rowsAt(other)).toEqual(rows);
    const again = await cli(env, 'restore', safe);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('There is data already: the database')]);
  }, 90_000);
});
