import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PlannedDelivery } from '../../src/core/delivery.ts';
import { DeliveryError, StoreFailure } from '../../src/core/errors.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { startDeliverer } from '../../src/deliver/deliverer.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Store } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { anActor } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { scriptedChannel } from '../support/scripted-channel.ts';
import { tempFolder, tempStore } from '../support/temp.ts';

let count = 0;

/** Plans one mail for a webhook of its own. */
const plan = async (store: Store, overrides: Partial<PlannedDelivery> = {}): Promise<string> => {
  count += 1;
  const webhookId = `wh_${count}`;
  const id = `dl_${count}`;
  const body = Buffer.from(JSON.stringify({ id: webhookId, type: 'booking.created', data: { id: `bk_${count}` } }));
  await store.accept({ id: webhookId, type: 'booking.created', receivedAt: count, body });
  const seq = (await store.unrouted(1000)).find((webhook) => webhook.id === webhookId)?.seq ?? 0;
  const delivery: PlannedDelivery = {
    id,
    webhookId,
    rule: 'rule',
    kind: 'email',
    destination: 'email:a@example.com',
    key: `booking:bk_${count}|email:a@example.com`,
    version: count,
    late: 'skip',
    action: { kind: 'email', email: { to: 'a@example.com', template: 'booking-created' } },
    ...overrides,
  };
  await store.saveRouting({
    seq,
    createdAt: count,
    decidedAt: 1,
    decisions: [{ rule: 'rule', planned: [id], reasons: [] }],
    deliveries: [delivery],
    oddities: [],
    movedFrom: null,
    key: undefined,
    resource: undefined,
    expectedVersion: undefined,
  });
  return id;
};

const start = async (store: Store, channels: Channel[], now: () => number = Date.now, log = silentLog()) => {
  const deliverer = await startDeliverer({
    store,
    channels,
    now,
    random: () => 0.5,
    pressure: { high: () => false },
    log,
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= Promise.resolve(deliverer[Symbol.asyncDispose]());
    return stopped;
  };
  onTestFinished(stop);
  return { wake: deliverer.wake, stop };
};

const storyOf = async (store: Store, id: string) => {
  const found = (await store.story(id)).webhooks.flatMap((webhook) => webhook.deliveries).find((one) => one.id === id);
  if (!found) throw new Error(`no delivery ${id}`);
  return found;
};

const waitForStatus = (store: Store, id: string, status: string) =>
  vi.waitFor(async () => expect((await storyOf(store, id)).status).toBe(status), { timeout: 15_000, interval: 20 });

/** Advances the clock to whenever the delivery is due next, until it has reached the status. */
const passTimeUntil = (store: Store, id: string, status: string, passTo: (dueAt: number) => void) =>
  vi.waitFor(
    async () => {
      const story = await storyOf(store, id);
      passTo(story.status === 'pending' ? story.dueAt : 0);
      expect(story.status).toBe(status);
    },
    { timeout: 20_000, interval: 5 },
  );

const fine = () => ({ summary: 'taken' });

test('what is left out on purpose is no failure in the log', async () => {
  const store = await tempStore();
  const id = await plan(store);
  const logged: { level: number; msg: string; delivery?: string }[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) });
  const channel = scriptedChannel(() => {
    throw new DeliveryError('begun', 'Not sent: it has begun.', { verdict: 'obsolete' });
  });
  await start(store, [channel], Date.now, log);
  await eventually(async () => expect((await store.status()).deliveries.superseded).toBe(1));
  expect(logged).toEqual([
    expect.objectContaining({ level: 30, delivery: id, msg: expect.stringContaining('left out') }),
  ]);
});

test('a store that fails for a while is said once, with each new reason, and again when it works', async () => {
  const store = await tempStore();
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line).error ?? JSON.parse(line).msg) });
  const reasons = ['it is locked', 'it is locked', 'the disk is full', 'the disk is full'];
  const due: Store['due'] = async (...asked) => {
    const reason = reasons.shift();
    if (reason !== undefined) throw new StoreFailure(reason);
    return store.due(...asked);
  };
  const id = await plan(store);
  const deliverer = await start({ ...store, due }, [scriptedChannel(fine)], Date.now, log);
  await vi.waitFor(
    async () => {
      deliverer.wake();
      expect((await storyOf(store, id)).status).toBe('done');
    },
    { timeout: 15_000, interval: 20 },
  );
  expect(logged).toEqual(['it is locked', 'the disk is full', 'the store works again: deliveries go on']);
});

describe('the deliverer', () => {
  test('performs what is planned and records the attempt with the answer', async () => {
    const store = await tempStore();
    const id = await plan(store);
    await start(store, [scriptedChannel(fine)]);
    await waitForStatus(store, id, 'done');
    expect((await storyOf(store, id)).attempts).toMatchObject([{ outcome: 'done', message: 'taken' }]);
  });

  test('tries a passing failure again after a pause, on the next try tells an unclear one to look first', async () => {
    const store = await tempStore();
    let time = 1_000_000;
    const channel = scriptedChannel(async ({ tools }, nth) => {
      if (nth > 1) return fine();
      await tools.note({ offset: 7 });
      throw new DeliveryError('lost', 'no answer', { verdict: 'retry', unclear: true });
    });
    const id = await plan(store);
    const { wake } = await start(store, [channel], () => time);
    await eventually(async () => expect((await storyOf(store, id)).attempts[0]?.outcome).toBe('retry'));
    const { dueAt, status } = await storyOf(store, id);
    expect({ status, inMs: dueAt - time }).toEqual({ status: 'pending', inMs: 10_000 });
    time = dueAt;
    wake();
    await waitForStatus(store, id, 'done');
    expect(channel.performed.map(({ delivery }) => delivery.unclear)).toEqual([
      null,
      { startedAt: 1_000_000, endedAt: 1_000_000, note: { offset: 7 } },
    ]);
  });

  test('ends a permanent failure at once as a dead letter that says why', async () => {
    const store = await tempStore();
    const channel = scriptedChannel(() => {
      throw new DeliveryError('no_such_user', '550 no such user', { verdict: 'permanent' });
    });
    const id = await plan(store);
    await start(store, [channel]);
    await waitForStatus(store, id, 'dead');
    expect((await store.failed(10))[0]).toMatchObject({
      id,
      attempts: [{ code: 'no_such_user', message: '550 no such user' }],
    });
  });

  test('gives up after seventeen passing failures, about three days later', async () => {
    const store = await tempStore();
    const begun = 1_000_000;
    let time = begun;
    const channel = scriptedChannel(() => {
      throw new DeliveryError('busy', '450 busy', { verdict: 'retry' });
    });
    const id = await plan(store);
    const { wake } = await start(store, [channel], () => time);
    await passTimeUntil(store, id, 'dead', (dueAt) => {
      time = Math.max(time, dueAt);
      wake();
    });
    const { attempts } = await storyOf(store, id);
    expect(attempts).toHaveLength(17);
    expect(attempts.at(-1)?.message).toBe('Given up after 17 tries. 450 busy');
    expect((time - begun) / 3_600_000).toBeGreaterThan(60);
    expect((time - begun) / 3_600_000).toBeLessThan(84);
  });

  test('waits as long as the provider asks, without using the delivery up', async () => {
    const store = await tempStore();
    let time = 1_000_000;
    const channel = scriptedChannel((_, nth) => {
      if (nth <= 20) throw new DeliveryError('rate_limited', 'slow down', { verdict: 'wait', retryAfterMs: 30_000 });
      return fine();
    });
    const id = await plan(store);
    const { wake } = await start(store, [channel], () => time);
    await passTimeUntil(store, id, 'done', (dueAt) => {
      time = Math.max(time, dueAt);
      wake();
    });
    expect(time).toBe(1_000_000 + 20 * 30_000);
    expect((await storyOf(store, id)).tries).toBe(1);
  });

  test('pauses a channel whose credentials fail, keeps its deliveries, and goes on when they work again', async () => {
    const store = await tempStore();
    let time = 1_000_000;
    let broken = true;
    const mail = scriptedChannel(() => {
      if (broken) throw new DeliveryError('bad_login', '535 bad login', { verdict: 'channel' });
      return fine();
    });
    const slack = scriptedChannel(fine, { kind: 'slack' });
    const ids = [await plan(store), await plan(store), await plan(store)];
    const { wake } = await start(store, [mail, slack], () => time);
    await eventually(async () => expect((await store.status()).pauses).toHaveLength(1));
    expect((await store.status()).pauses[0]).toMatchObject({ kind: 'email', code: 'bad_login', until: time + 60_000 });

    const other = await plan(store, {
      kind: 'slack',
      destination: 'slack:#x',
      key: 'x',
      action: { kind: 'slack', slack: { channel: '#x', as: 'plain' } },
    });
    wake();
    await waitForStatus(store, other, 'done');
    await eventually(async () =>
      expect((await store.status()).deliveries).toMatchObject({ pending: 3, running: 0, dead: 0 }),
    );

    const before = mail.performed.length;
    time += 60_000;
    wake();
    await eventually(() => expect(mail.performed.length).toBe(before + 1));
    await eventually(async () =>
      expect((await store.status()).pauses[0]).toMatchObject({ since: 1_000_000, until: time + 120_000 }),
    );
    broken = false;
    time += 120_000;
    wake();
    for (const id of ids) await waitForStatus(store, id, 'done');
    expect((await store.status()).pauses).toEqual([]);
    expect((await storyOf(store, ids[0] ?? '')).tries).toBe(1);
  });

  test('goes on at once when a retry, of this process or another, lifts a pause', async () => {
    const folder = await tempFolder();
    const file = join(folder, 'test.db');
    await using store = await openSqliteStore(file);
    const time = 1_000_000;
    let broken = true;
    const mail = scriptedChannel(() => {
      if (broken) throw new DeliveryError('bad_login', '535 bad login', { verdict: 'channel' });
      return fine();
    });
    const ids = [await plan(store), await plan(store)];
    const { stop } = await start(store, [mail], () => time);
    await eventually(async () => expect((await store.status()).pauses).toHaveLength(1));
    const idle = async () => expect((await store.status()).deliveries).toMatchObject({ pending: 2, running: 0 });
    await vi.waitFor(idle, { timeout: 10_000 });

    const by = anActor();
    await using other = await openSqliteStore(file);
    const attempts = mail.performed.length;
    expect(await other.retry(ids[0] ?? '', time, by)).toEqual([ids[0]]);
    await eventually(async () => {
      expect(mail.performed.length).toBe(attempts + 1);
      expect((await store.status()).pauses).toHaveLength(1);
    });
    await vi.waitFor(idle, { timeout: 10_000 });

    broken = false;
    expect(await store.retry(ids[1] ?? '', time, by)).toEqual([ids[1]]);
    for (const id of ids) await waitForStatus(store, id, 'done');
    expect((await store.status()).pauses).toEqual([]);
    await stop();
  });

  test('never has more attempts under way than the channel takes, and takes as many', async () => {
    const store = await tempStore();
    const gates: (() => void)[] = [];
    const channel = scriptedChannel(() => new Promise((resolve) => gates.push(() => resolve(fine()))));
    const ids: string[] = [];
    for (let i = 0; i < 12; i += 1) ids.push(await plan(store));
    await start(store, [channel]);
    await eventually(() => expect(gates.length).toBe(4));
    await eventually(async () => {
      gates.shift()?.();
      expect((await store.status()).deliveries.done).toBe(12);
    });
    expect(channel.mostAtOnce()).toBe(4);
  });

  test('puts off what the channel has no place for, using no attempt', async () => {
    const store = await tempStore();
    const time = Date.now();
    let asked = 0;
    const channel = scriptedChannel(fine, {
      admit: (due) => due.map(() => (++asked === 1 ? time : time + 3_600_000)),
    });
    const first = await plan(store);
    const second = await plan(store);
    await start(store, [channel], () => time);
    await waitForStatus(store, first, 'done');
    await eventually(async () => expect((await storyOf(store, second)).dueAt).toBe(time + 3_600_000));
    expect((await storyOf(store, second)).attempts).toEqual([]);
  });

  test('stopping lets an attempt under way finish and hands back what was claimed beyond it', async () => {
    const store = await tempStore();
    let finish: () => void = () => {};
    const channel = scriptedChannel(() => new Promise((resolve) => (finish = () => resolve(fine()))), {
      concurrency: 1,
    });
    const first = await plan(store);
    const second = await plan(store);
    const { stop } = await start(store, [channel]);
    await eventually(async () => expect((await store.status()).deliveries.running).toBe(2));
    const stopped = stop();
    finish();
    await stopped;
    expect(await storyOf(store, first)).toMatchObject({ status: 'done' });
    expect(await storyOf(store, second)).toMatchObject({ status: 'pending', tries: 0 });
    expect(channel.performed).toHaveLength(1);
  });

  test('what a stop finds half-way claimed is handed back, not begun', async () => {
    const store = await tempStore();
    const channel = scriptedChannel(fine);
    const id = await plan(store);
    const claiming = Promise.withResolvers<void>();
    const stopping = Promise.withResolvers<void>();
    const slow: Store = {
      ...store,
      async claim(...args) {
        claiming.resolve();
        await stopping.promise;
        return store.claim(...args);
      },
    };
    const { stop } = await start(slow, [channel]);
    await claiming.promise;
    const stopped = stop();
    stopping.resolve();
    await stopped;
    expect(channel.performed).toHaveLength(0);
    expect(await storyOf(store, id)).toMatchObject({ status: 'pending', tries: 0 });
  });

  test('after a crash, what was under way goes on and is told to look first', async () => {
    const store = await tempStore();
    const id = await plan(store);
    await store.claim([id], 5);
    const channel = scriptedChannel(fine);
    await start(store, [channel]);
    await waitForStatus(store, id, 'done');
    expect(channel.performed[0]?.delivery.unclear).toMatchObject({ startedAt: 5, note: null });
    expect((await storyOf(store, id)).attempts.map(({ outcome }) => outcome)).toEqual(['unclear', 'done']);
  });

  test('a channel that fails in a way nobody foresaw is tried again, not lost', async () => {
    const store = await tempStore();
    const channel = scriptedChannel(() => {
      throw new TypeError('undefined is not a function');
    });
    const id = await plan(store);
    await start(store, [channel]);
    await eventually(async () => expect((await storyOf(store, id)).attempts[0]?.code).toBe('internal'));
    expect((await storyOf(store, id)).status).toBe('pending');
  });

  test('a store that fails in the middle of an attempt is called that, and it is tried again', async () => {
    const store = await tempStore();
    const channel = scriptedChannel(() => {
      throw new StoreFailure("The database can't be reached: read ECONNRESET");
    });
    const id = await plan(store);
    await start(store, [channel]);
    await eventually(async () => expect((await storyOf(store, id)).attempts[0]?.code).toBe('store_failed'));
    expect((await storyOf(store, id)).status).toBe('pending');
  });

  test('tells one destination about one resource in the order of versions, also across failures', async () => {
    const store = await tempStore();
    let time = 1_000_000;
    const told: number[] = [];
    const channel = scriptedChannel(async ({ delivery }, nth) => {
      if (nth % 3 === 1) throw new DeliveryError('busy', '450 busy', { verdict: 'retry' });
      await pause(1);
      told.push(Number(delivery.id.slice(3)));
      return fine();
    });
    const ids: string[] = [];
    for (const version of [30, 10, 20, 40]) ids.push(await plan(store, { key: 'one', version }));
    const { wake } = await start(store, [channel], () => time);
    await vi.waitFor(
      async () => {
        time += 60_000;
        wake();
        expect((await store.status()).deliveries.done).toBe(4);
      },
      { timeout: 10_000, interval: 20 },
    );
    const inOrder = [ids[1], ids[2], ids[0], ids[3]].map((id) => Number(id?.slice(3)));
    expect(told).toEqual(inOrder);
  });
});
