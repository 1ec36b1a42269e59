import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { StoreFailure } from '../../src/core/errors.ts';
import { startRouter, type WebhookRouter } from '../../src/route/router.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { RoutingStore } from '../../src/store/ports.ts';
import { aReceived, aWebhook, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { aCompiledRule } from './support.ts';

const RULE = aCompiledRule('{ on: ["*"], actions: [{ slack: { text: "{{ id }}" } }] }');

const start = (store: RoutingStore, log = silentLog()): WebhookRouter => {
  const router = startRouter({
    store,
    rulebook: () => ({ rules: [RULE] }),
    settings: { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' },
    slackChannel: '#bookings',
    pressure: { high: () => false },
    onPlanned: () => {},
    now: () => T0,
    log,
  });
  onTestFinished(() => router[Symbol.asyncDispose]());
  return router;
};

test('a backlog of very large webhooks is routed a few at a time, small ones many, and each resource in order', async () => {
  const store = await tempStore();
  const notes = 'x'.repeat(900_000);
  const large = Array.from({ length: 10 }, (_, index) => aWebhook({ data: { id: `bk_${index % 8}`, notes } }));
  const small = Array.from({ length: 20 }, () => aWebhook());
  for (const webhook of [...large, ...small]) await store.accept(aReceived({ webhook }));

  let saving = 0;
  let bytes = 0;
  let most = { bytes: 0, saving: 0 };
  const sizes = new Map((await store.unrouted(100)).map(({ seq, body }) => [seq, body.length]));
  const saved: number[] = [];
  start({
    ...store,
    async saveRouting(routing) {
      saving += 1;
      bytes += sizes.get(routing.seq) ?? 0;
      most = { bytes: Math.max(most.bytes, bytes), saving: Math.max(most.saving, saving) };
      const outcome = await store.saveRouting(routing);
      saved.push(routing.seq);
      saving -= 1;
      bytes -= sizes.get(routing.seq) ?? 0;
      return outcome;
    },
  });

  await expect.poll(async () => (await store.status()).unrouted, { timeout: 20_000 }).toBe(0);
  expect(saved).toHaveLength(30);
  for (const resource of [0, 1]) {
    const ofResource = saved.filter((seq) => seq <= 10 && (seq - 1) % 8 === resource);
    expect(ofResource).toEqual(ofResource.toSorted((one, other) => one - other));
  }
  expect(most.bytes).toBeLessThan(4_000_000);
  expect(most.saving).toBeGreaterThan(10);
}, 30_000);

test('a store that fails for a while is logged once, with each new reason, and again when it works', async () => {
  const store = await tempStore();
  await store.accept(aReceived());
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line).error ?? JSON.parse(line).msg) });
  const reasons = ['it is locked', 'it is locked', 'the disk is full', 'the disk is full'];
  const router = start(
    {
      ...store,
      async unrouted(limit) {
        const reason = reasons.shift();
        if (reason !== undefined) throw new StoreFailure(reason);
        return store.unrouted(limit);
      },
    },
    log,
  );

  await expect
    .poll(
      async () => {
        router.wake();
        return (await store.status()).unrouted;
      },
      { timeout: 15_000, interval: 20 },
    )
    .toBe(0);
  expect(logged).toEqual(['it is locked', 'the disk is full', 'the store works again: webhooks are routed']);
});
