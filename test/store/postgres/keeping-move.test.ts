import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openMoveTarget } from '../../../src/store/postgres/keeping-move.ts';
import { T0 } from '../../support/builders.ts';
import { openTestDatabase } from '../../support/postgres.ts';

test('a moved store has statistics of its index expressions, so that its first queries are planned well', async () => {
  const { url, close } = await openTestDatabase();
  onTestFinished(close);
  const webhooks = Array.from({ length: 20 }, (_, index) => ({
    seq: index + 1,
    id: `wh_${index}`,
    type: 'booking.created',
    received_at: T0,
    body: Buffer.from('{}'),
  }));
  {
    await using target = await openMoveTarget(url);
    await target.begin('source', 'state');
    await target.insert('webhook', webhooks);
    await target.finish(() => undefined);
  }

  const database = await openDatabase(url, { connections: 1 });
  onTestFinished(() => database.close());
  // Of what an index makes of a row, ANALYZE learns nothing before there is the index.
  const known = await database.query<{ name: string }>('SELECT DISTINCT tablename::text AS name FROM pg_stats');
  expect(known).toEqual(expect.arrayContaining([{ name: 'webhook' }, { name: 'webhook_id' }]));
});
