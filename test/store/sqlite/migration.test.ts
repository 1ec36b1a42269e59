import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { deliveryOf } from '../../contracts/store/harness.ts';
import { anActor, aWebhook, bytesOf, T0 } from '../../support/builders.ts';
import { storeFile } from './process.ts';

const FIRST = new URL('../../../src/store/sqlite/migrations/0001-first.sql', import.meta.url);

/** A store as the first version left it: one webhook of a booking, its delivery done, and `more` bookings beside. */
const anOldStore = async (more = 0): Promise<string> => {
  const file = await storeFile();
  const database = new DatabaseSync(file);
  database.exec(readFileSync(FIRST, 'utf8'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA user_version = 1; BEGIN');
  const webhook = aWebhook({ id: 'wh_old', data: { id: 'bk_old' } });
  database.prepare(`INSERT INTO webhook VALUES (1, 'wh_old', 'booking.created', ?, ?)`).run(T0, bytesOf(webhook));
  database.exec(`INSERT INTO webhook_id VALUES ('wh_old', 1)`);
  const book = database.prepare(
    `INSERT INTO resource (kind, id, status, attendee_name, attendee_email, schedule_id, start, starts_at,
       previous_start_version, last_type, last_webhook_id, version, data)
     VALUES ('booking', ?, 'PENDING', ?, 'john@example.com', 'sch_abc123', '2027-02-15T10:00:00.000Z', ?, 0,
       'booking.created', 'wh_old', 1, ?)`,
  );
  const index = database.prepare('INSERT INTO resource_search (rowid, text) VALUES (?, ?)');
  for (const [number, name] of ['Łukasz Wąsik', ...Array(more).fill('Anna')].entries()) {
    const id = number === 0 ? 'bk_old' : `bk_${number}`;
    const data = JSON.stringify({ ...(webhook.data as object), id, attendee_name: name });
    const { lastInsertRowid } = book.run(id, name, Date.UTC(2027, 1, 15, 10), data);
    index.run(lastInsertRowid, ` ${name} `);
  }
  database.exec(`
    INSERT INTO routing VALUES (1, 1, ${T0}, ${T0}, NULL, '[{"rule":"r","planned":["dl_old"],"reasons":[]}]', '[]');
    INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, action, status, due_at, tries)
      VALUES ('dl_old', 1, 'r', 'slack', 'slack:#bookings', 'k', 1, 'skip',
        '{"kind":"slack","slack":{"channel":"#bookings"}}', 'done', ${T0}, 1);
    INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, action, status, due_at, tries)
      VALUES ('dl_dead', 1, 'r', 'email', 'email:x', 'l', 1, 'skip', '{"kind":"email","email":{}}', 'dead', ${T0}, 9);
    INSERT INTO attempt (delivery, started_at, ended_at, outcome, message) VALUES (1, ${T0}, ${T0}, 'done', 'posted');
    COMMIT`);
  database.close();
  return file;
};

it('brings a store of the first version up to date, with all that is in it', async () => {
  await using store = await openSqliteStore(await anOldStore());

  expect(await store.accept({ id: 'wh_old', type: 'booking.created', receivedAt: T0, body: bytesOf({}) })).toBe(
    'duplicate',
  );
  const { resources, webhooks, acts } = await store.story('bk_old');
  expect(resources.map(({ attendeeName }) => attendeeName)).toEqual(['Łukasz Wąsik']);
  expect(webhooks).toMatchObject([{ id: 'wh_old', decisions: [{ rule: 'r', planned: ['dl_old'] }] }]);
  expect(acts).toEqual([]);
  expect(await deliveryOf(store, 'dl_old')).toMatchObject({
    status: 'done',
    fingerprint: null,
    together: null,
    rerunBy: null,
    attempts: [{ outcome: 'done', message: 'posted' }],
  });
  expect(await store.retry('wh_old', T0, anActor())).toEqual(['dl_dead']);
  expect(await store.claim(['dl_dead'], T0)).toMatchObject([{ id: 'dl_dead', version: 1, rerun: null, tries: 1 }]);
});

it('makes its index anew, so that what was there before is found by words and filters alike', async () => {
  await using store = await openSqliteStore(await anOldStore(2_500));
  const ids = async (query: object, limit = 10_000) =>
    (await store.search({ words: '', ...query }, { limit, offset: 0 })).map(({ id }) => id);

  expect(await ids({ words: 'lukasz wasik' })).toEqual(['bk_old']);
  expect(await ids({ words: 'lukasz', status: 'pending', schedule: 'sch_abc123', from: T0 })).toEqual(['bk_old']);
  expect(await ids({ words: 'anna' })).toHaveLength(2_500);
  expect(await ids({ type: 'booking.created' })).toHaveLength(2_501);
  expect(await ids({ order: 'soonest' }, 1)).toEqual(['bk_old']);
});

it('brings it up to date once, and finds it as it was left', async () => {
  const file = await anOldStore(3);
  const first = await openSqliteStore(file);
  await first.saveCard('key', { channel: 'C1', ts: '1', version: 1, detail: {} });
  await first[Symbol.asyncDispose]();

  await using second = await openSqliteStore(file);

  expect((await second.getCard('key'))?.channel).toBe('C1');
  expect(await second.search({ words: 'anna' }, { limit: 10, offset: 0 })).toHaveLength(3);
});
