import { expect, onTestFinished, test } from 'vitest';
import { healthRouter } from '../../src/http/health.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { aReceived, T0 } from '../support/builders.ts';
import { keptLog } from '../support/receiver.ts';
import { tempStore } from '../support/temp.ts';

const start = async (now = T0) => {
  const store = await tempStore();
  const routers = [healthRouter(store, () => now)];
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
