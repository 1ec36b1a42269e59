import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { EMPTY_TEAM } from '../../src/core/team-changes.ts';
import { sourceName, sourceState } from '../../src/keep/move.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { ALERTS_CARD } from '../../src/store/card-name.ts';
import { openDatabase } from '../../src/store/postgres/database.ts';
import { openMoveTarget } from '../../src/store/postgres/keeping-move.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { teamText } from '../../src/team/shape.ts';
import { nameStore } from '../../src/watch/store-name.ts';
import { call } from '../commands/world.ts';
import { claimed, died, performed, planned, routed } from '../contracts/store/harness.ts';
import { botEnv, NODE, startBot } from '../support/bot.ts';
import { anAct, aReceived, aWebhook, T0 } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { lastingPort } from '../support/port.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { tempFolder } from '../support/temp.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

const cli = (env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((settle) => {
    execFile(NODE, [CLI, ...args], { cwd: tmpdir(), env }, (error, out, err) =>
      settle({ code: error ? error.code : 0, out, err }),
    );
  });

const emptyDatabase = async (): Promise<string> => {
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  return database.url;
};

/** A store with something in every table, odd text too. */
const aFilledStore = async (bookings = 5): Promise<string> => {
  const folder = await tempFolder();
  await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  const odd = 'NUL \0, half \ud800, last \u{10ffff}, "\\u0000", 😀';
  await performed(store, await planned(store, { kind: 'slack' }));
  await died(store, await planned(store));
  await claimed(store, await planned(store));
  await planned(store);
  for (let number = 0; number < bookings; number += 1) {
    await routed(
      store,
      aWebhook({ data: { id: `bk_${number}`, attendee_name: `Łukasz ${number} ${odd}`, note: odd } }),
    );
  }
  await routed(
    store,
    aWebhook({ type: 'registration.created', data: { id: 'reg_1', event_id: 'evt_1', guest_count: 3 } }),
  );
  await store.accept(aReceived({ webhook: aWebhook({ data: { id: 'bk_waits' } }) }));
  await store.recordRejections([{ at: T0, reason: 'invalid', remote: '::1', bytes: 5, userAgent: 'curl \0' }]);
  await store.setPause('email', { since: T0, until: T0 + 1, code: 'x', message: 'NUL \0' });
  await store.saveCard('C1|booking:bk_1', { channel: 'C1', ts: '1', version: 1, detail: { text: odd } });
  await store.saveThread('k', { root: 'a', last: 'b', subject: odd });
  await store.saveInvite('u', { sequence: 1, delivery: 'dl', version: 1, stamp: T0, method: 'CANCEL', times: 't' });
  await store.refuseAddress({ address: 'gone@example.com', at: T0, code: '550', message: 'no such user' });
  await store.recordAct(anAct());
  await writeFile(join(folder, 'team.json'), teamText(EMPTY_TEAM));
  return folder;
};

const openedAt = async (url: string) => {
  const announce = { within: async () => {}, soon: () => {} };
  const store = await openPostgresStore(url, { announce, log: silentLog(), connections: 2 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

/** Everything that was taken away while rows were written. */
const LOOKS = `
  SELECT indexname AS name, indexdef AS made FROM pg_indexes WHERE schemaname = current_schema()
  UNION ALL SELECT conname, concat(conrelid::regclass, ' ', convalidated, ' ', pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
  UNION ALL SELECT tgname, concat(tgrelid::regclass, ' ', tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY 1, 2`;

it('moves everything, says that both sides are equal, and refuses to do it again', async () => {
  const folder = await aFilledStore();
  const url = await emptyDatabase();
  const env = botEnv(folder);

  const { code, out, err } = await cli(env, 'store', 'migrate', '--to', url, '--json');
  expect(err).not.toContain('remedy');
  const told = JSON.parse(out);
  expect(told).toMatchObject({ equal: true, resumed: false, team: true });
  expect(told.tables.filter(({ from }: { from: { rows: number } }) => from.rows === 0)).toEqual([]);
  expect(code).toBe(0);

  // A bot that was not told of the move would tell once more what waits.
  await expect(startBot(env)).rejects.toThrow(/was moved to PostgreSQL.*DATABASE_URL/s);

  const again = await cli(env, 'store', 'migrate', '--to', url);
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/was moved to PostgreSQL.*Set DATABASE_URL to that database/s);
  // Nor does anybody look into what is old, change it or copy it.
  for (const args of [['search', 'john'], ['retry', '--all'], ['erase', 'a@example.com', '--yes'], ['backup']]) {
    expect(await call(args, { env })).toMatchObject({ code: 1, err: expect.stringContaining('Set DATABASE_URL') });
  }

  const before = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  onTestFinished(() => before[Symbol.asyncDispose]());
  const after = await openedAt(url);
  expect(await after.status()).toEqual(await before.status());
  expect(await after.registrations('evt_1')).toEqual(await before.registrations('evt_1'));
  const search = { words: 'lukasz', status: 'pending' };
  const found = await before.search(search, { limit: 50, offset: 0 });
  expect(found).toHaveLength(5);
  expect((await after.search(search, { limit: 50, offset: 0 })).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
  // Numbers go on behind those that came along, and what is known is known.
  expect(await after.accept(aReceived({ id: 'wh_new' }))).toBe('stored');
  const [waiting] = await before.unrouted(1);
  expect(await after.accept(aReceived({ id: waiting?.id ?? '' }))).toBe('duplicate');
  expect(await routed(after, aWebhook())).toEqual([]);
  expect(await after.recoverRunning(T0)).toBe(1);
  const looks = async (of: string) => {
    const database = await openDatabase(of);
    const rows = await database.query<{ name: string; made: string }>(LOOKS);
    await database.close();
    return rows;
  };
  expect(await looks(url)).toEqual(await looks(await emptyDatabase()));
}, 90_000);

it('goes on after it was killed, and ends equal', async () => {
  const folder = await aFilledStore(300);
  const url = await emptyDatabase();
  const env = botEnv(folder);
  // Killed when the first table is there, whichever is under way by then.
  const child = spawn(NODE, [CLI, 'store', 'migrate', '--to', url], { cwd: tmpdir(), env });
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  await eventually(() => expect(printed).toContain('webhook:'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect(openedAt(url)).rejects.toThrow('A store is half moved to this database');
  for (const args of [['search', 'john'], ['rules'], ['backup'], ['store', 'status']]) {
    const { code, err } = await call(args, { env: { ...env, DATABASE_URL: url } });
    expect([args, code, err]).toEqual([args, 1, expect.stringContaining('half moved to this database')]);
  }

  const { code, out } = await cli(env, 'store', 'migrate', '--to', url, '--json');
  expect(JSON.parse(out)).toMatchObject({ equal: true, resumed: true });
  expect(code).toBe(0);
}, 90_000);

it('begins anew where the store was used since it was broken off', async () => {
  const folder = await aFilledStore();
  const url = await emptyDatabase();
  {
    await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
    await using target = await openMoveTarget(url);
    await target.begin(await sourceName(store), await sourceState(store));
    for (const table of ['webhook', 'resource', 'routing', 'act', 'delivery'] as const) {
      await target.insert(table, await store.rows(table, undefined, 100));
    }
    // As a bot does that is started on SQLite once more.
    const [waiting] = await store.due('email', T0 + 1_000, 1);
    await performed(store, waiting?.id ?? '');
    await store.saveCard(ALERTS_CARD, { channel: '', ts: '', version: 0, detail: { savedAt: T0 } });
  }
  const { code, err } = await call(['store', 'migrate', '--to', url], { env: { DATA_DIR: folder } });
  expect(err).toContain('the store was used since: all of it is moved anew');
  expect(code).toBe(0);
}, 90_000);

it('takes a database on which a bot was only started for an empty one', async () => {
  const url = await emptyDatabase();
  const target = await openedAt(url);
  await nameStore(target);
  await target.saveCard(ALERTS_CARD, { channel: '', ts: '', version: 0, detail: {} });
  await target[Symbol.asyncDispose]();
  const { code } = await call(['store', 'migrate', '--to', url], { env: { DATA_DIR: await aFilledStore() } });
  expect(code).toBe(0);
}, 90_000);

it('names tables that are not its own', async () => {
  const url = await emptyDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE webhook (theirs text)');
  await client.end();
  const { code, err } = await call(['store', 'migrate', '--to', url], { env: { DATA_DIR: await aFilledStore() } });
  expect([code, err]).toEqual([1, expect.stringMatching(/not webkasa-bot's.*"webhook".*nothing else uses/s)]);
}, 90_000);

it('refuses a database that holds something else', async () => {
  const url = await emptyDatabase();
  await (await openedAt(url)).accept(aReceived());
  const refused = await cli(botEnv(await aFilledStore()), 'store', 'migrate', '--to', url);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('rows in webhook, unrouted')]);
}, 90_000);

it('refuses a store that a bot runs on', async () => {
  const folder = await aFilledStore();
  const bot = await startBot(botEnv(folder));
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  const running = await cli(botEnv(folder), 'store', 'migrate', '--to', 'postgres://nobody@127.0.0.1:1/none');
  expect([running.code, running.err]).toEqual([1, expect.stringContaining('Stop it first')]);
}, 90_000);

it('says what is wrong with the address it was given, and not with another', async () => {
  const env = botEnv(await aFilledStore());
  const to = async (url: string) => (await call(['store', 'migrate', '--to', url], { env })).err;
  expect(await to(`postgres://bot@127.0.0.1:${await lastingPort()}/bot`)).toMatch(/No database answers.*or mend --to/s);
  expect(await to('postgres://bot@no host/bot')).toContain('--to takes a URL');
  expect(await to('https://example.com')).not.toContain('DATABASE_URL');
}, 60_000);
