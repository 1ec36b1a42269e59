import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { forgetAll, startRetention } from '../../src/keep/retention.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createPressure } from '../../src/runtime/pressure.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { performed, planned, routed } from '../contracts/store/harness.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { tempFolder } from '../support/temp.ts';

const DAY = 86_400_000;
const on = async () => true;

const opened = async () => {
  const file = join(await tempFolder(), 'bot.db');
  const store = await openSqliteStore(file);
  onTestFinished(() => store[Symbol.asyncDispose]());
  return { file, store };
};

it('forgets by itself what is over for longer than it is told to keep, and nothing else', async () => {
  const { store } = await opened();
  await performed(store, await planned(store, {}, T0));
  await performed(store, await planned(store, {}, T0 + 80 * DAY), T0 + 80 * DAY);
  const now = () => T0 + 100 * DAY;
  const retention = startRetention({ store, days: 60, pressure: createPressure(now), now, log: silentLog(), first: 0 });

  await eventually(async () => expect((await store.status()).webhooks).toBe(1));
  await retention[Symbol.asyncDispose]();

  expect((await store.status()).deliveries.done).toBe(1);
});

it('waits while requests pour in, and stops at once when it is told to', async () => {
  const { store } = await opened();
  await performed(store, await planned(store));
  const now = () => T0 + 40 * DAY;
  let asked = 0;
  const pressure = {
    high: () => {
      asked += 1;
      return true;
    },
  };
  const retention = startRetention({ store, days: 30, pressure, now, log: silentLog(), first: 0 });
  await eventually(async () => expect(asked).toBeGreaterThan(2));
  const begun = performance.now();
  await retention[Symbol.asyncDispose]();
  expect(performance.now() - begun).toBeLessThan(5_000);
});

it('stops at once while another process has the turn, and forgets nothing when its own comes', async () => {
  const { store } = await opened();
  await performed(store, await planned(store));
  const now = () => T0 + 40 * DAY;
  const other = Promise.withResolvers<void>();
  const othersTurn = store.inTurn('retention', () => other.promise);
  const turns: Promise<unknown>[] = [];
  const inTurn: typeof store.inTurn = (name, work) => {
    const turn = store.inTurn(name, work);
    turns.push(turn);
    return turn;
  };
  const retention = startRetention({
    store: { ...store, inTurn },
    days: 30,
    pressure: createPressure(now),
    now,
    log: silentLog(),
    first: 0,
  });
  await eventually(async () => expect(turns).toHaveLength(1));

  await retention[Symbol.asyncDispose]();
  other.resolve();
  await Promise.all([othersTurn, ...turns]);

  expect((await store.status()).webhooks).toBe(1);
});

it('forgets an event in the same go as its registrations', async () => {
  const { store } = await opened();
  const evening = { id: 'evt_1', start_date: '2027-01-20', start_time: '10:00', timezone: 'UTC' };
  await routed(store, aWebhook({ type: 'event.created', data: evening }));
  await routed(store, aWebhook({ type: 'registration.created', data: { id: 'reg_1', event_id: 'evt_1' } }));

  expect(await forgetAll(store, T0 + 90 * DAY, on)).toEqual({ webhooks: 2, resources: 2, deliveries: 0 });
});

it('makes the file smaller', async () => {
  const { store, file } = await opened();
  const padding = 'x'.repeat(20_000);
  for (let number = 0; number < 60; number += 1) {
    await routed(store, aWebhook({ data: { id: `bk_${number}`, padding } }));
  }
  const before = (await store.size()).bytes;
  await forgetAll(store, T0 + 90 * DAY, on);
  const { bytes, unused, givesBack } = await store.size();
  await store[Symbol.asyncDispose]();

  expect({ unused, givesBack }).toEqual({ unused: 0, givesBack: true });
  expect(bytes).toBeLessThan(before / 4);
  expect((await stat(file)).size).toBe(bytes);
});
