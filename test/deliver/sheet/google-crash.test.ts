import { expect, onTestFinished, test, vi } from 'vitest';
import type { Channel } from '../../../src/deliver/channel.ts';
import { startDeliverer } from '../../../src/deliver/deliverer.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import type { Store } from '../../../src/store/ports.ts';
import { startGoogle } from '../../support/google.ts';
import { tempStore } from '../../support/temp.ts';
import { aGoogleChannel, aGoogleRow } from './google-rows.ts';

const KEYS = [{}, { key: 'Booking' }];

/** Plans a row for each id, each for a webhook of its own. */
const plan = async (store: Store, google: { readonly id: string }, ids: readonly string[], over: { key?: string }) => {
  for (const [index, id] of ids.entries()) {
    const body = Buffer.from(JSON.stringify({ id: `wh_${id}`, type: 'booking.created', data: { id } }));
    await store.accept({ id: `wh_${id}`, type: 'booking.created', receivedAt: index, body });
    const { destination, action } = aGoogleRow(google, id, { Booking: id, Status: 'pending' }, over);
    await store.saveRouting({
      seq: (await store.unrouted(1))[0]?.seq ?? 0,
      createdAt: index,
      decidedAt: 1,
      decisions: [{ rule: 'sheet', planned: [`dl_${id}`], reasons: [] }],
      deliveries: [
        {
          id: `dl_${id}`,
          webhookId: `wh_${id}`,
          rule: 'sheet',
          kind: 'sheet',
          destination,
          key: `booking:${id}|${destination}`,
          version: 1,
          late: 'deliver',
          action,
        },
      ],
      oddities: [],
      movedFrom: null,
      key: undefined,
      resource: undefined,
      expectedVersion: undefined,
    });
  }
};

const deliverAll = async (store: Store, channel: Channel): Promise<void> => {
  let later = 0;
  const deliverer = await startDeliverer({
    store,
    channels: [channel],
    now: () => Date.now() + later,
    random: () => 0.5,
    pressure: { high: () => false },
    log: silentLog(),
  });
  onTestFinished(() => deliverer[Symbol.asyncDispose]());
  await vi.waitFor(
    async () => {
      // Backoff takes no time.
      later += 60_000;
      deliverer.wake();
      const { deliveries } = await store.status();
      expect(deliveries.pending + deliveries.running).toBe(0);
    },
    { timeout: 15_000, interval: 20 },
  );
  expect((await store.status()).deliveries.dead).toBe(0);
};

test.each(KEYS)('a crash between what Google took and our knowing of it doubles no row: %j', async (over) => {
  const google = await startGoogle();
  const store = await tempStore();
  const ids = ['bk_1', 'bk_2', 'bk_3'];
  await plan(store, google, ids, over);
  const crashed = await aGoogleChannel(google);
  const [written, unwritten] = await store.claim(['dl_bk_1', 'dl_bk_2'], Date.now());
  if (!written || !unwritten) throw new Error('nothing was claimed');
  await crashed.perform(written, {
    signal: new AbortController().signal,
    note: (note) => store.note(written.attempt, note),
  });

  await deliverAll(store, await aGoogleChannel(google));
  expect(
    google
      .rows('Sheet1')
      .slice(1)
      .map(([id]) => id)
      .sort(),
  ).toEqual(ids);
  const [story] = (await store.story('dl_bk_1')).webhooks;
  expect(JSON.stringify(story)).toContain('written by the attempt before');
});

test.each(KEYS)('through failures of all kinds the deliverer writes every row once: %j', async (over) => {
  const google = await startGoogle();
  google.quota = 1_000;
  google.troubles.push('error-before', 'lost-answer', 'error-after', 'lost-request', 'lost-answer', 'error-after');
  const store = await tempStore();
  const ids = Array.from({ length: 40 }, (_, index) => `bk_${100 + index}`);
  await plan(store, google, ids, over);
  await deliverAll(store, await aGoogleChannel(google, { lingering: 0 }));
  expect(
    google
      .rows('Sheet1')
      .slice(1)
      .map(([id]) => id)
      .sort(),
  ).toEqual(ids);
});
