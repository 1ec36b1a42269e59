import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { attempt, failedWith, takeIn } from '../query/filled.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

/** A bot's data folder with one booking whose mail is dead; the store stays open, as that of a running bot does. */
const withData = async () => {
  const folder = await tempFolder();
  const store = await openSqliteStore(join(folder, 'webkasa-bot.db'), { alone: true });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await takeIn(store, aWebhook({ id: 'wh_evt_a', data: { id: 'bk_1' } }), { deliveries: [{ id: 'dl_1' }] });
  await attempt(store, 'dl_1', T0, failedWith('permanent', 'smtp_550', 'No such user.', T0));
  return { store, env: { DATA_DIR: folder, TIMEZONE: 'Europe/Berlin' } };
};

describe('questions, asked beside a running bot', () => {
  test.each([
    [['search', 'john'], 0, /bk_1 +booking +John Doe/],
    [['search', 'nobody'], 1, /Nothing is found for nobody/],
    [['search', 'john', 'status:pending', 'after:2027-02-15', 'before:2027-02-16'], 0, /bk_1 +booking +John Doe/],
    [['search', 'status:on hold', 'john'], 1, /Nothing is found for john status:"on hold"/],
    [['search', 'status:"on hold" john'], 1, /Nothing is found for john status:"on hold"/],
    [['search', 'status:confrimed'], 1, /WebKasa documents no status “confrimed”: .* Did you mean status:confirmed\?/],
    [['upcoming'], 0, /From now to 2027-01-22: nothing takes place/],
    [['today'], 0, /Today, 2027-01-15: nothing takes place/],
    [['show', 'sum_9'], 1, /There is no summary sum_9/],
    [['show', 'bk_1'], 0, /✗ email john@example\.com: dead/],
    [['show', 'bk_9'], 1, /Nothing is known under bk_9/],
    [['why', 'wh_evt_a'], 0, /failed for good \(smtp_550\): No such user\./],
    [['why', 'bk_9'], 1, /Nothing is known under bk_9/],
    [['failed'], 0, /1 × dead {2}email {2}smtp_550/],
    [['retry', 'bk_1'], 0, /Due now: 1\./],
    [['retry', '--all'], 0, /Due now: 1\./],
    [['retry', 'bk_9'], 1, /Nothing is known under bk_9/],
  ])('%j ends with %i', async (args, code, text) => {
    const { env } = await withData();
    const answer = await call(args, { env });
    expect(answer).toMatchObject({ code, err: '' });
    expect(answer.out).toMatch(text);
  });

  test.each([
    ['search', 'john'],
    ['search', 'nobody'],
    ['show', 'bk_1'],
    ['why', 'bk_1'],
    ['why', 'bk_9'],
    ['failed'],
    ['retry', 'bk_1'],
    ['retry', '--all'],
  ])('%s %s --json is one document and nothing else', async (...args) => {
    const { env } = await withData();
    const { out, err } = await call([...args.filter((arg) => typeof arg === 'string'), '--json'], { env });
    expect(err).toBe('');
    expect(JSON.parse(out)).toBeTypeOf('object');
    expect(out).not.toContain('\x1b');
  });

  test.each([['failed'], ['why', 'bk_2'], ['show', 'bk_2'], ['retry', 'bk_2']])(
    '%s %s names a channel as the team does',
    async (...typed) => {
      const args = typed.filter((word) => word !== undefined);
      const { store, env } = await withData();
      const deliveries = [{ id: 'dl_2', kind: 'slack', destination: 'slack:C0BOOKINGS' }] as const;
      await takeIn(store, aWebhook({ id: 'wh_evt_b', data: { id: 'bk_2' } }), { deliveries });
      await attempt(store, 'dl_2', T0, failedWith('permanent', 'is_archived', 'C0BOOKINGS is archived.', T0));
      const by = { id: 'U0ANNA', name: 'anna', via: 'slack' };
      const at = '2027-01-15T10:30:00Z';
      const subscription = {
        id: 'sub_1',
        channel: 'C0BOOKINGS',
        channelName: '#bookings',
        types: ['*'],
        filters: [],
        by,
        at,
      };
      await writeFile(join(env.DATA_DIR, 'team.json'), JSON.stringify({ version: 1, subscriptions: [subscription] }));
      const { out } = await call(args, { env });
      expect(out).toContain('#bookings');
      expect(out).not.toContain('C0BOOKINGS');
    },
  );

  test('a misspelt filter is answered with the nearest one', async () => {
    const { env } = await withData();
    const answer = await call(['search', 'stauts:pending'], { env });
    expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringContaining('\nDid you mean: search status:') });
  });

  test('a retry is kept with who asked for it', async () => {
    const { env } = await withData();
    await call(['retry', 'bk_1'], { env });
    const { out } = await call(['why', 'bk_1'], { env });
    expect(out).toContain(`${userInfo().username} (command line) had bk_1 tried again: 1 delivery made due`);
  });

  test('retry of a mail to everyone ends with 0 where those it came to only wait, and says which pause it lifted', async () => {
    const { store, env } = await withData();
    const event = aWebhook({ id: 'wh_evt_e', type: 'event.updated', data: { id: 'evt_1' } });
    await takeIn(store, event, { deliveries: [{ id: 'dl_all', destination: 'email:everyone-registered' }] });
    const mail = aPlannedDelivery({
      id: 'dl_child',
      webhookId: 'wh_evt_e',
      key: 'registration:reg_1|email:a@example.com',
    });
    await attempt(store, 'dl_all', T0, { status: 'done', receipt: { summary: '1 registered' }, planned: [mail] });
    await attempt(store, 'dl_child', T0, failedWith('retry', 'smtp_unreachable', 'Not there.', T0 + 60_000));
    await store.setPause('email', { since: T0, until: T0 + 60_000, code: 'bad_login', message: 'Mend SMTP_URL.' });
    const { code, out } = await call(['retry', 'dl_all'], { env });
    expect(out).toContain('Due now: 1.');
    expect(out).toContain('The pause of email is lifted');
    expect(code).toBe(0);
  });

  test('retry reaches the running bot', async () => {
    const { store, env } = await withData();
    expect(await store.due('email', T0, 10)).toEqual([]);
    await call(['retry', 'dl_1'], { env });
    expect(await store.due('email', T0, 10)).toEqual([{ id: 'dl_1', destination: 'email:john@example.com' }]);
  });

  test('colours are for terminals, and for those who like them', async () => {
    const { env } = await withData();
    const plain = await call(['why', 'bk_1'], { env });
    const coloured = await call(['why', 'bk_1'], { env, columns: 200 });
    expect(plain.out).not.toContain('\x1b');
    expect(coloured.out).toContain('\x1b[31m✗\x1b[39m');
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out);
    expect((await call(['why', 'bk_1'], { env: { ...env, NO_COLOR: '1' }, columns: 200 })).out).toBe(plain.out);
  });

  test('a narrow terminal gets narrow lines', async () => {
    const { env } = await withData();
    const { out } = await call(['search', 'john'], { env: { ...env, NO_COLOR: '1' }, columns: 70 });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(70);
    expect(out).toContain('…');
  });
});
