import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { performed, planned } from '../contracts/store/harness.ts';
import { T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

const DAY = 86_400_000;
const NOW = T0 + 100 * DAY;

/** Data with one booking that is over and one that came in lately. */
const aFolder = async (): Promise<Record<string, string>> => {
  const folder = await tempFolder();
  await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  await performed(store, await planned(store));
  await performed(store, await planned(store, {}, NOW - DAY), NOW - DAY);
  return { DATA_DIR: folder };
};

describe('store', () => {
  test('status counts what is kept', async () => {
    const { code, out } = await call(['store', 'status'], { env: await aFolder() });
    expect(code).toBe(0);
    expect(out).toMatch(/^webhook +2$/m);
    expect(out).toMatch(/ MB on disk, of which 0\.0 MB are free/);
  });

  test('forget counts first, then forgets, and leaves what is not over', async () => {
    const env = await aFolder();
    const forget = (...more: string[]) => call(['store', 'forget', ...more], { env, now: NOW });
    const over = { webhooks: 1, resources: 1, deliveries: 1 };

    const dry = await forget('--before', '2027-04-01', '--dry-run', '--json');
    expect(JSON.parse(dry.out)).toEqual({
      before: '2027-04-01T00:00:00.000Z',
      dryRun: true,
      oldest: new Date(T0).toISOString(),
      ...over,
    });
    const done = await forget('--before', '2027-04-01');
    expect(done.out).toContain('Forgot what was over before 2027-04-01: 1 bookings');
    expect(JSON.parse((await forget('--before', '2027-04-01', '--json')).out)).toMatchObject({ webhooks: 0 });
    const { out } = await call(['store', 'status', '--json'], { env });
    expect(JSON.parse(out).rows).toMatchObject({ webhook: 1, delivery: 1, resource: 1 });
  });

  test('forget says why there is nothing to forget', async () => {
    const folder = await tempFolder();
    {
      await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
      await performed(store, await planned(store, {}, NOW - DAY), NOW - DAY);
    }
    const { out } = await call(['store', 'forget', '--before', '2027-04-01'], { env: { DATA_DIR: folder }, now: NOW });
    expect(out).toContain(
      `Nothing was over before 2027-04-01 (the oldest came ${new Date(NOW - DAY).toISOString().slice(0, 10)})`,
    );
    expect(out).toContain('its newest webhook was received');
  });

  test('forget takes RETENTION_DAYS where no day is named', async () => {
    const env = { ...(await aFolder()), RETENTION_DAYS: '30' };
    const { out } = await call(['store', 'forget', '--dry-run', '--json'], { env, now: NOW });
    expect(JSON.parse(out)).toMatchObject({ before: new Date(NOW - 30 * DAY).toISOString(), webhooks: 1 });
  });

  test('compact leaves all that is kept', async () => {
    const env = await aFolder();
    const { code, out } = await call(['store', 'compact'], { env });
    expect([code, out]).toEqual([0, expect.stringContaining(' became ')]);
    const { out: status } = await call(['store', 'status', '--json'], { env });
    expect(JSON.parse(status)).toMatchObject({ unused: 0, rows: { webhook: 2 } });
  });

  test.each([
    [['store', 'sell'], 'takes status, forget, compact or migrate'],
    [['store', 'forget'], 'needs --before DATE, or RETENTION_DAYS'],
    [['store', 'forget', '--before', 'soon'], 'takes a day like'],
    [['store', 'forget', '--before', '2027-02-31'], 'takes a day like 2027-01-31, not "2027-02-31"'],
    [['store', 'forget', '--before', '2027-04-20'], '7 days ago at least'],
    [['store', 'status', '--dry-run'], 'are for store forget'],
    [['store', 'migrate'], 'needs --to URL'],
    [['store', 'migrate', '--to', 'mysql://x/y'], 'takes a URL like postgres://'],
    [['erase', 'John'], 'is not a mail address'],
    [['erase', 'a@b.example', '--yes', '--check'], 'not both'],
    [['backup', 'x', '--keep', '2'], '--keep is for backups in DATA_DIR/backups'],
  ])('%j is wrong usage', async (args, message) => {
    const { code, err } = await call(args, { env: await aFolder(), now: NOW });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  test.each([[['store', 'status']], [['erase', 'a@b.example']], [['backup']]])(
    '%j makes no data where there is none',
    async (args) => {
      const { code, err } = await call(args, { env: { DATA_DIR: await tempFolder() } });
      expect([code, err]).toEqual([1, expect.stringContaining('There is no data in')]);
    },
  );
});
