import { expect, onTestFinished, test } from 'vitest';
import { type HealthDeps, healthRouter } from '../../src/http/health.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { statusWithin } from '../../src/watch/status.ts';
import { aReceived, T0 } from '../support/builders.ts';
import { keptLog } from '../support/receiver.ts';
import { tempStore } from '../support/temp.ts';

const start = async (now = T0, more: Partial<HealthDeps> = {}) => {
  const store = await tempStore();
  const routers = [healthRouter({ status: () => store.status(), now: () => now, ...more })];
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, tls: undefined, routers, log: keptLog().log });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const get = async (path: string) => {
    const answer = await fetch(`${server.url}${path}`);
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), json: await answer.json() };
  };
  return { store, url: server.url, get };
};

test('an idle bot is healthy and ready', async () => {
  const { get } = await start();
  expect(await get('/healthz')).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect(await get('/readyz')).toMatchObject({
    status: 200,
    json: { status: 'ready', unrouted: 0, pending: 0, dead: 0, backlog_seconds: 0, paused: [] },
  });
});

test('tells how much waits, since when, and what is paused', async () => {
  const { store, get } = await start(T0 + 90_000);
  await store.accept(aReceived({ receivedAt: T0 }));
  await store.accept(aReceived({ receivedAt: T0 + 60_000 }));
  await store.setPause('email', { since: T0, until: T0 + 100_000, code: 'auth', message: 'The login was refused.' });
  expect((await get('/readyz')).json).toMatchObject({ unrouted: 2, backlog_seconds: 90, paused: ['email'] });
});

test('a clock set back does not make the backlog negative', async () => {
  const { store, get } = await start(T0 - 90_000);
  await store.accept(aReceived({ receivedAt: T0 }));
  expect((await get('/readyz')).json).toMatchObject({ unrouted: 1, backlog_seconds: 0 });
});

test('without its store the bot is healthy and not ready', async () => {
  const { store, get } = await start();
  await store[Symbol.asyncDispose]();
  expect((await get('/healthz')).status).toBe(200);
  const answer = await get('/readyz');
  expect(answer).toMatchObject({ status: 503, json: { error: { code: 'unavailable', message: expect.any(String) } } });
  expect(Number(answer.retryAfter)).toBeGreaterThan(0);
});

test('HEAD is answered too, as uptime checks ask', async () => {
  const { url } = await start();
  expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
});

test('a store that hangs makes the bot unready within its deadline, and is not asked again before it answers', async () => {
  let asked = 0;
  const hanging = {
    status: () => {
      asked += 1;
      return new Promise<never>(() => {});
    },
  };
  const { get } = await start(T0, { status: statusWithin(hanging, { within: 50, fresh: 0 }) });
  const answers = await Promise.all([get('/readyz'), get('/readyz')]);
  for (const { status, json } of answers) {
    expect([status, json]).toMatchObject([
      503,
      {
        checks: [
          { name: 'store', ok: false },
          { name: 'process', ok: true },
        ],
      },
    ]);
  }
  expect(asked).toBe(1);
});

test('a bot that stops, or whose loop stands still, says so in words', async () => {
  const stopping = await start(T0, { stopping: () => true });
  expect(await stopping.get('/readyz')).toMatchObject({
    status: 503,
    json: { error: { code: 'unavailable', message: 'The bot is stopping.' } },
  });
  const still = (minutes: number) => [{ loop: 'router', milliseconds: minutes * 60_000 }];
  expect((await (await start(T0, { still: () => still(4) })).get('/readyz')).status).toBe(200);
  expect(await (await start(T0, { still: () => still(7) })).get('/readyz')).toMatchObject({
    status: 503,
    json: {
      checks: expect.arrayContaining([{ name: 'router', ok: false, says: expect.stringContaining('7 minutes') }]),
    },
  });
});

test('a paused channel and what waits make no bot unready', async () => {
  const { store, get } = await start(T0 + 3_600_000);
  await store.accept(aReceived({ receivedAt: T0 }));
  await store.setPause('email', { since: T0, until: T0 + 1, code: 'auth', message: 'The login was refused.' });
  expect((await get('/readyz')).status).toBe(200);
});
