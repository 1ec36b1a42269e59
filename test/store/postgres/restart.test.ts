import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Store } from '../../../src/store/ports.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../../src/store/postgres/store.ts';
import { done } from '../../contracts/store/harness.ts';
import { aReceived, aRouting, T0 } from '../../support/builders.ts';
import { eventually } from '../../support/eventually.ts';
import { startPostgres } from '../../support/postgres-server.ts';

const announce = { within: async () => {}, soon: () => {} };

/** Does it again and again until it is told to end, whatever fails in between, as the stages of the bot do. */
const loop = (work: () => Promise<void>): { end(): Promise<void> } => {
  let ending = false;
  const run = async (): Promise<void> => {
    while (!ending) await work().catch(() => new Promise((resolve) => setTimeout(resolve, 20)));
  };
  const running = run();
  return {
    end: () => {
      ending = true;
      return running;
    },
  };
};

it('recovers by itself after PostgreSQL was killed under load, and loses nothing', async () => {
  const server = await startPostgres({ fsync: true });
  onTestFinished(() => server.stop());
  const url = await server.createDatabase('bot');
  const stores: Store[] = [];
  for (const name of ['one', 'other']) {
    const store = await openPostgresStore(url, { announce, log: silentLog(), name, connections: 4 });
    onTestFinished(() => store[Symbol.asyncDispose]());
    stores.push(store);
  }
  const answered: string[] = [];
  const told = new Map<string, number>();
  const loops = stores.flatMap((store) => [
    loop(async () => {
      const webhooks = Array.from({ length: 5 }, () => aReceived());
      await Promise.all(webhooks.map(async (one) => (await store.accept(one)) === 'stored' && answered.push(one.id)));
    }),
    loop(async () => {
      for (const stored of await store.unrouted(20)) await store.saveRouting(aRouting(stored, { deliveries: [{}] }));
    }),
    loop(async () => {
      const due = await store.due('email', T0 + 1, 20);
      const claims = await store.claim(
        due.map(({ id }) => id),
        T0,
      );
      for (const claim of claims) {
        told.set(claim.id, (told.get(claim.id) ?? 0) + 1);
        await eventually(() => store.settle(done(claim)));
      }
    }),
  ]);
  const progress = async (): Promise<void> => {
    const before = { answered: answered.length, told: told.size };
    await expect.poll(() => answered.length).toBeGreaterThan(before.answered + 50);
    await expect.poll(() => told.size).toBeGreaterThan(before.told + 20);
  };

  await progress();
  await server.kill();
  await server.start();
  await progress();
  for (const [index, one] of loops.entries()) if (index % 3 === 0) await one.end();
  await expect
    .poll(async () => {
      const { unrouted, deliveries } = await (stores[0] as Store).status();
      return { unrouted, open: deliveries.pending + deliveries.running };
    })
    .toEqual({ unrouted: 0, open: 0 });
  for (const one of loops) await one.end();

  const database = await openDatabase(url);
  onTestFinished(() => database.close());
  const kept = await database.query<{ id: string; status: string }>(
    'SELECT w.id, d.status FROM webhook w JOIN delivery d ON d.webhook = w.seq',
  );
  // What was accepted without our hearing of it is kept too; WebKasa sends it again, and it is a duplicate then.
  expect(kept.map(({ id }) => id)).toEqual(expect.arrayContaining(answered));
  expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['done']));
  expect([...told.values()].every((times) => times === 1)).toBe(true);
}, 60_000);
