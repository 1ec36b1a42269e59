import { expect, onTestFinished, test } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { metricsRouter } from '../../src/watch/endpoint.ts';
import { measuredChannel } from '../../src/watch/measured-channel.ts';
import { measuredStore } from '../../src/watch/measured-store.ts';
import { createMetrics } from '../../src/watch/metrics.ts';
import { createPulses } from '../../src/watch/pulses.ts';
import { statusWithin } from '../../src/watch/status.ts';
import { addStoreGauges } from '../../src/watch/store-gauges.ts';
import { aReceived, aRouting, T0 } from '../support/builders.ts';
import { keptLog } from '../support/receiver.ts';
import { tempStore } from '../support/temp.ts';

/** A measured store behind a real /metrics. */
const start = async () => {
  const bare = await tempStore();
  const metrics = createMetrics({ store: 'sqlite' });
  const pulses = createPulses();
  const store = measuredStore(bare, { metrics, pulses });
  const refresh = addStoreGauges(metrics.registry, statusWithin(store, { fresh: 0 }), () => T0 + 60_000);
  const routers = [metricsRouter(metrics.registry, refresh)];
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, tls: undefined, routers, log: keptLog().log });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const scrape = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
  /** The value of a series, undefined where there is none. */
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await scrape()).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };
  return { bare, store, metrics, pulses, scrape, value };
};

/** Routes a webhook with one mail planned, and claims it. */
const claimOne = async ({ store }: Pick<Awaited<ReturnType<typeof start>>, 'store'>) => {
  await store.accept(aReceived());
  const [stored] = await store.unrouted(1);
  if (!stored) throw new Error('nothing to route');
  await store.saveRouting(aRouting(stored, { deliveries: [{}] }));
  const due = await store.due('email', T0 + 60_000, 10);
  const [claimed] = await store.claim(
    due.map(({ id }) => id),
    T0,
  );
  if (!claimed) throw new Error('nothing to claim');
  return claimed;
};

test('counts what is accepted, what came twice and what could not be stored', async () => {
  const { store, bare, value } = await start();
  const webhook = aReceived();
  await store.accept(webhook);
  await store.accept(webhook);
  expect(await value('webkasa_bot_webhooks_total{outcome="stored"}')).toBe(1);
  expect(await value('webkasa_bot_webhooks_total{outcome="duplicate"}')).toBe(1);
  expect(await value('webkasa_bot_accept_duration_seconds_count')).toBe(2);
  expect(await value('webkasa_bot_unrouted')).toBe(1);
  expect(await value('webkasa_bot_store_up')).toBe(1);
  await bare[Symbol.asyncDispose]();
  await expect(store.accept(aReceived())).rejects.toThrow();
  expect(await value('webkasa_bot_webhooks_total{outcome="failed"}')).toBe(1);
});

test('counts refusals by reason, as this process and as all have', async () => {
  const { store, value } = await start();
  const rejection = { at: T0, reason: 'signature_wrong', remote: '127.0.0.1', bytes: 1, userAgent: 'x' };
  await store.recordRejections([rejection, rejection]);
  expect(await value('webkasa_bot_requests_rejected_total{reason="signature_wrong"}')).toBe(2);
  expect(await value('webkasa_bot_rejected{reason="signature_wrong"}')).toBe(2);
});

test('tells what attempts came to, by channel, and how deliveries end', async () => {
  const { store, metrics, pulses, value } = await start();
  const claimed = await claimOne({ store });
  const refusing: Channel = {
    kind: 'email',
    concurrency: 1,
    fingerprint: () => '',
    perform: async () => {
      expect(await value('webkasa_bot_attempts_running{channel="email"}')).toBe(1);
      throw new DeliveryError('gone', 'There is no such mailbox.', { verdict: 'permanent' });
    },
  };
  const channel = measuredChannel(refusing, { metrics, pulses });
  const tools = { signal: new AbortController().signal, note: async () => {} };
  await expect(channel.perform(claimed, tools)).rejects.toThrow('no such mailbox');
  await store.settle({
    attempt: claimed.attempt,
    id: claimed.id,
    at: T0,
    outcome: {
      status: 'dead',
      verdict: 'permanent',
      code: 'gone',
      message: 'x',
      unclear: false,
      dueAt: T0,
      counts: true,
    },
  });
  expect(await value('webkasa_bot_attempts_running{channel="email"}')).toBe(0);
  expect(await value('webkasa_bot_attempt_duration_seconds_count{channel="email",result="permanent"}')).toBe(1);
  expect(await value('webkasa_bot_deliveries_ended_total{channel="email",status="dead"}')).toBe(1);
  expect(await value('webkasa_bot_deliveries{status="dead"}')).toBe(1);
});

test('tells what waits and since when, and what is paused', async () => {
  const { store, value } = await start();
  await store.accept(aReceived({ receivedAt: T0 }));
  await store.setPause('slack', { since: T0, until: T0, code: 'invalid_auth', message: 'x' });
  expect(await value('webkasa_bot_backlog_oldest_seconds')).toBe(60);
  expect(await value('webkasa_bot_paused{channel="slack"}')).toBe(1);
  expect(await value('webkasa_bot_paused{channel="email"}')).toBe(0);
});

test('a store that is gone is told as such, and nothing that was known of it before', async () => {
  const { bare, store, value } = await start();
  await store.accept(aReceived());
  expect(await value('webkasa_bot_unrouted')).toBe(1);
  await bare[Symbol.asyncDispose]();
  expect(await value('webkasa_bot_store_up')).toBe(0);
  expect(await value('webkasa_bot_unrouted')).toBeUndefined();
  expect(await value('webkasa_bot_store_failures_total')).toBeGreaterThan(0);
});

test('names nothing of a webhook, and has no series without bounds', async () => {
  const { store, scrape } = await start();
  const claimed = await claimOne({ store });
  // Only our own series: Node's, of what handles are open, come and go with the moment.
  const series = (text: string) => text.split('\n').filter((line) => line.startsWith('webkasa_bot_'));
  const names = (text: string) => series(text).map((line) => line.slice(0, line.lastIndexOf(' ')));
  const before = names(await scrape());
  for (let count = 0; count < 50; count += 1) await store.accept(aReceived());
  const text = await scrape();
  expect(names(text)).toEqual(before);
  for (const data of [claimed.id, claimed.webhook.id, 'john@example.com', 'John Doe']) expect(text).not.toContain(data);
});

test('a loop that asks for work is seen to go round', async () => {
  const { store, pulses } = await start();
  expect(pulses.still()).toEqual([]);
  await store.unrouted(1);
  await store.due('sheet', T0, 1);
  expect(pulses.still().map(({ loop }) => loop)).toEqual(['router', 'sheet lane']);
});

test('measuring costs the acceptance next to nothing', async () => {
  const metrics = createMetrics({ store: 'sqlite' });
  const bare = await tempStore();
  const instant = { ...bare, accept: async () => 'stored' as const };
  const measured = measuredStore(instant, { metrics, pulses: createPulses() });
  const webhook = aReceived();
  for (let count = 0; count < 5_000; count += 1) await measured.accept(webhook);
  // Of this process alone, however busy the machine is.
  const began = process.cpuUsage();
  for (let count = 0; count < 20_000; count += 1) await measured.accept(webhook);
  const { user, system } = process.cpuUsage(began);
  // A few on an idle machine; a commit takes hundreds.
  expect((user + system) / 20_000).toBeLessThan(50);
});
