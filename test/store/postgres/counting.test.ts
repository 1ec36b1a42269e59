import { expect, test } from 'vitest';
import type { Database } from '../../../src/store/postgres/database.ts';
import { status } from '../../../src/store/postgres/status.ts';
import { openFresh } from './filled.ts';

/** As many webhooks, each in a transaction of its own. */
const add = (database: Database, name: string, count: number) =>
  database.query(
    `DO $$ BEGIN FOR n IN 1..${count} LOOP
       INSERT INTO webhook (id, type, received_at, body) VALUES ('${name}_' || n, 't', 0, '') ON CONFLICT DO NOTHING;
       COMMIT;
     END LOOP; END $$`,
  );

test('webhooks and deliveries are counted correctly while others insert and delete', async () => {
  const database = await openFresh();
  const counted = async () => {
    const { webhooks, deliveries } = await status(database)();
    return { webhooks, done: deliveries.done };
  };

  await Promise.all([add(database, 'a', 700), add(database, 'b', 900), add(database, 'c', 800)]);
  expect(await counted()).toEqual({ webhooks: 2_400, done: 0 });
  await add(database, 'a', 20);
  await database.query(
    `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, action, status, due_at)
     SELECT 'dl_' || seq, seq, 'r', 'email', 'd', 'k', 1, 'skip', '{}', 'done', 0 FROM webhook WHERE seq <= 50`,
  );
  await database.query('DELETE FROM delivery WHERE webhook <= 10');
  await database.query('DELETE FROM webhook WHERE seq <= 10');
  await expect(
    database.transaction(async (sql) => {
      await sql.query('DELETE FROM delivery');
      throw new Error('no');
    }),
  ).rejects.toThrow('no');

  expect(await counted()).toEqual({ webhooks: 2_390, done: 40 });
  // What was noted is summed up now and then, so that it does not get more and more.
  const [noted] = await database.query<{ rows: number }>('SELECT count(*) AS rows FROM tally_change');
  expect(noted?.rows).toBeLessThan(1_100);
});
