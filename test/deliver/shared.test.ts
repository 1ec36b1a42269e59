import { expect, onTestFinished, test } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { startDeliverer } from '../../src/deliver/deliverer.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { Store } from '../../src/store/ports.ts';
import { deliveryOf, planned } from '../contracts/store/harness.ts';
import { scriptedChannel } from '../support/scripted-channel.ts';
import { tempStore } from '../support/temp.ts';

/* Several deliverers on one store, as processes that share one have them. */

const EVERYBODY = { mine: () => true };
type Turn = { mine(): boolean; holds?(claimedAt: number): boolean };
const refused = () => {
  throw new DeliveryError('bad_login', 'The login was refused.', { verdict: 'channel' });
};
const fine = () => ({ summary: 'taken' });

const aWorker = async (store: Store, channel: Channel, shared: Turn = EVERYBODY, now = Date.now) => {
  const deliverer = await startDeliverer({
    store,
    channels: [channel],
    shared: { holds: () => true, ...shared },
    now,
    random: () => 0.5,
    pressure: { high: () => false },
    log: silentLog(),
  });
  onTestFinished(async () => deliverer[Symbol.asyncDispose]());
  return deliverer;
};

const statusOf = async (store: Store, id: string): Promise<string> => (await deliveryOf(store, id)).status;

test('a pause that one sets holds up the others, and is over for all once it works for one', async () => {
  const store = await tempStore();
  let time = Date.now();
  const now = (): number => time;
  const failing = await planned(store, {}, 1);
  let works = false;
  const first = scriptedChannel(() => (works ? fine() : refused()));
  const second = scriptedChannel(fine);
  const one = await aWorker(store, first, EVERYBODY, now);
  await expect.poll(() => first.performed.length).toBe(1);
  await expect.poll(async () => (await store.getPause('email')) !== undefined).toBe(true);

  // Now the second one may perform. The failed delivery is due again, and the channel is paused.
  let turn = false;
  const other = await aWorker(store, second, { mine: () => turn }, now);
  turn = true;
  time += 2_000;
  other.wake();
  // Its first refresh finds the pause; a process that has just started probes once all the same.
  await expect.poll(() => second.performed.length).toBe(1);
  await expect.poll(() => statusOf(store, failing)).toBe('done');
  await expect.poll(async () => store.getPause('email')).toBeUndefined();

  works = true;
  time += 2_000;
  const next = await planned(store, {}, 1);
  one.wake();
  other.wake();
  await expect.poll(() => statusOf(store, next)).toBe('done');
});

test('a pause that another set while this one runs holds it up, until it is lifted', async () => {
  const store = await tempStore();
  let time = Date.now();
  const channel = scriptedChannel(fine);
  const { wake } = await aWorker(store, channel, EVERYBODY, () => time);
  const first = await planned(store, {}, 1);
  wake();
  await expect.poll(() => statusOf(store, first)).toBe('done');

  await store.setPause('email', {
    since: time,
    until: time + 60_000,
    code: 'bad_login',
    message: 'The login was refused.',
  });
  // It asks at most once a second by its own clock.
  time += 1_500;
  let looks = 0;
  const counting = setInterval(() => {
    looks += 1;
    wake();
  }, 20);
  onTestFinished(() => clearInterval(counting));
  await expect.poll(() => looks).toBeGreaterThan(10);
  const held = await planned(store, {}, 1);
  looks = 0;
  await expect.poll(() => looks).toBeGreaterThan(20);
  expect(await statusOf(store, held)).toBe('pending');

  await store.setPause('email', undefined);
  time += 1_500;
  await expect.poll(() => statusOf(store, held)).toBe('done');
});

test('a start lifts no pause', async () => {
  const store = await tempStore();
  const pause = { since: 1, until: Date.now() + 60_000, code: 'bad_login', message: 'The login was refused.' };
  await store.setPause('email', pause);
  await aWorker(store, scriptedChannel(fine));
  expect(await store.getPause('email')).toEqual(pause);
});

test('whose turn it is not performs nothing, and goes on when its turn comes', async () => {
  const store = await tempStore();
  let turn: 'one' | 'other' = 'one';
  const mine = (who: 'one' | 'other') => ({ mine: () => turn === who });
  const [first, second] = [scriptedChannel(fine), scriptedChannel(fine)];
  const one = await aWorker(store, first, mine('one'));
  const other = await aWorker(store, second, mine('other'));
  const ids = await Promise.all(Array.from({ length: 5 }, () => planned(store, {}, 1)));
  other.wake();
  one.wake();
  await expect.poll(async () => Promise.all(ids.map((id) => statusOf(store, id)))).toEqual(Array(5).fill('done'));
  expect([first.performed.length, second.performed.length]).toEqual([5, 0]);

  turn = 'other';
  const next = await planned(store, {}, 1);
  one.wake();
  other.wake();
  await expect.poll(() => statusOf(store, next)).toBe('done');
  expect([first.performed.length, second.performed.length]).toEqual([5, 1]);
});

test('what was claimed when the turn went to another is handed back, without a try used up', async () => {
  const store = await tempStore();
  let turn = true;
  const { promise, resolve } = Promise.withResolvers<{ summary: string }>();
  const slow = scriptedChannel(() => promise, { concurrency: 1 });
  const ids = await Promise.all(Array.from({ length: 4 }, () => planned(store, {}, 1)));
  const taker = scriptedChannel(fine);
  const taking = await aWorker(store, taker, { mine: () => !turn });
  const { wake } = await aWorker(store, slow, { mine: () => turn });
  wake();
  await expect.poll(() => slow.performed.length).toBe(1);
  turn = false;
  wake();
  taking.wake();
  await expect.poll(() => taker.performed.length).toBe(3);
  resolve(fine());
  await expect.poll(async () => Promise.all(ids.map((id) => statusOf(store, id)))).toEqual(Array(4).fill('done'));
  expect(slow.performed).toHaveLength(1);
  expect(taker.performed.every(({ delivery }) => delivery.tries === 1)).toBe(true);
});

test('what was claimed before a process was cut off is not started after, but claimed anew', async () => {
  const store = await tempStore();
  let connectedSince = 0;
  const { promise, resolve } = Promise.withResolvers<{ summary: string }>();
  let calls = 0;
  const channel = scriptedChannel(() => (++calls === 1 ? promise : fine()), { concurrency: 1 });
  const ids = await Promise.all(Array.from({ length: 4 }, () => planned(store, {}, 1)));
  const worker = await aWorker(store, channel, { mine: () => true, holds: (claimedAt) => claimedAt >= connectedSince });
  const statuses = async () => Promise.all(ids.map((id) => statusOf(store, id)));
  await expect.poll(statuses).toEqual(Array(4).fill('running'));

  connectedSince = Number.POSITIVE_INFINITY;
  resolve(fine());
  worker.wake();
  await expect.poll(async () => (await statuses()).toSorted()).toEqual(['done', 'pending', 'pending', 'pending']);
  expect(channel.performed).toHaveLength(1);

  connectedSince = performance.now();
  worker.wake();
  await expect.poll(statuses).toEqual(Array(4).fill('done'));
  expect(channel.performed).toHaveLength(4);
});
