import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { createEviction } from '../../../src/store/postgres/frozen.ts';
import { openPostgresStore, type PostgresStore } from '../../../src/store/postgres/store.ts';
import { claimed, deliveryOf, done, planned } from '../../contracts/store/harness.ts';
import { T0 } from '../../support/builders.ts';
import { openTestStore } from '../../support/postgres.ts';

// Ten seconds of silence are waited for.
vi.setConfig({ testTimeout: 60_000 });

const announce = { within: async () => {}, soon: () => {} };
const WHILE_SILENT = { timeout: 30_000, interval: 300 };

const fresh = async (): Promise<string> => {
  const { url, close } = await openTestStore();
  onTestFinished(close);
  return url;
};

const opened = async (url: string): Promise<PostgresStore> => {
  const store = await openPostgresStore(url, { announce, log: silentLog(), connections: 4, patience: 0 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
};

/** A real process that has claimed all mails that are due and the turn at Slack. */
const aProcess = async (url: string): Promise<{ readonly child: ChildProcess; said(): Promise<unknown> }> => {
  const program = join(import.meta.dirname, 'frozen-program.ts');
  const child = spawn(process.execPath, [program, url, String(T0)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  const said = async (): Promise<unknown> => JSON.parse(String((await once(child.stdout ?? child, 'data'))[0]));
  return { child, said };
};

it('a frozen process loses its turn and its attempts to others, and repeats nothing when it goes on', async () => {
  const url = await fresh();
  const store = await opened(url);
  const id = await planned(store);
  const { child, said } = await aProcess(url);
  expect(await said()).toEqual({ mine: true, claims: 1 });
  const elected = store.elect(['slack']);
  onTestFinished(() => elected[Symbol.asyncDispose]());

  child.kill('SIGSTOP');

  await expect.poll(() => store.recoverLost(T0 + 5), WHILE_SILENT).toBe(1);
  await expect.poll(() => elected.mine('slack')).toBe(true);
  expect((await deliveryOf(store, id)).attempts).toMatchObject([{ outcome: 'unclear', code: 'interrupted' }]);
  const again = await claimed(store, id, T0 + 6);

  const answer = said();
  child.stdin?.write('go on\n');
  child.kill('SIGCONT');

  expect(await answer).toEqual({ held: false });
  expect(await deliveryOf(store, id)).toMatchObject({
    status: 'running',
    attempts: [{ outcome: 'unclear' }, { outcome: 'running' }],
  });
  await store.settle(done(again));
  expect((await deliveryOf(store, id)).status).toBe('done');
  // It has joined anew, and is none that anybody has to wait for.
  expect(await store.recoverLost(T0 + 7)).toBe(0);
});

describe('eviction', () => {
  /** One that looks at others as `user`, at a time that the test sets, beside one who is connected and silent. */
  const aLook = async ({ user }: { readonly user?: string } = {}) => {
    const url = await fresh();
    const silent = new Client({ connectionString: url, application_name: 'silent one' });
    silent.on('error', () => {});
    await silent.connect();
    onTestFinished(() => silent.end());
    await silent.query(`INSERT INTO worker (name) VALUES ('silent one')`);
    const as = new URL(url);
    if (user) {
      await silent.query(
        `CREATE ROLE ${user} LOGIN PASSWORD 'pw'; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user}`,
      );
      onTestFinished(async () => void (await silent.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`)));
      Object.assign(as, { username: user, password: 'pw' });
    }
    const database = await openDatabase(as.href, { connections: 1 });
    onTestFinished(() => database.close());
    const logged: string[] = [];
    const log = pino({}, { write: (line: string) => logged.push(line) });
    const look = createEviction({ database, presence: { number: () => 0, seesAll: () => true }, log });
    const real = performance.now.bind(performance);
    let ahead = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
    onTestFinished(() => void vi.restoreAllMocks());
    return {
      silent,
      logged,
      look,
      pass: (seconds: number) => {
        ahead += seconds * 1_000;
      },
      left: async () => (await database.query('SELECT FROM worker')).length,
    };
  };

  it('spares whoever sends heartbeats, whatever happens to the clock of the database', async () => {
    const { silent, look, pass, left } = await aLook();
    await look();
    for (const hours of [-1, 2, -3]) {
      pass(8);
      await silent.query(`UPDATE worker SET seen_at = seen_at + $1::integer * interval '1 hour'`, [hours]);
      await look();
    }
    expect(await left()).toBe(1);

    pass(11);
    await look();
    expect(await left()).toBe(0);
    const ask = (): Promise<string> =>
      silent.query('SELECT 1').then(
        () => 'open',
        () => 'ended',
      );
    await expect.poll(ask).toBe('ended');
  });

  it('leaves sessions that its user may not end, and logs what to do', async () => {
    const { logged, look, pass, left } = await aLook({ user: `limited_${process.pid}` });
    await look();
    pass(11);
    await look();
    expect(await left()).toBe(0);
    expect(logged.join()).toMatch(/silent one.*may not end its sessions.*GRANT pg_signal_backend/);
  });
});
