import Router from '@koa/router';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../src/core/errors.ts';
import { type HttpServer, type ServerLimits, startHttpServer } from '../../src/http/server.ts';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import { keptLog } from '../support/receiver.ts';

/** Too long for any test: what ends in time did not wait for it. */
const LONG = 600_000;
const PATIENT: ServerLimits = {
  headersTimeout: LONG,
  requestTimeout: LONG,
  connectionsCheckingInterval: LONG,
  keepAliveTimeout: LONG,
  closeGrace: LONG,
};

/** `/slow` answers when the gate opens, and says when it was asked. */
const slowRouter = () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const router = new Router();
  router.get('/slow', async (ctx) => {
    asked.resolve();
    await gate.promise;
    ctx.body = { slow: true };
  });
  router.get('/fast', (ctx) => {
    ctx.body = { fast: true };
  });
  return { router, asked: asked.promise, open: gate.resolve };
};

const start = async (router: Router, limits = PATIENT): Promise<HttpServer> => {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    routers: [router],
    log: keptLog().log,
    limits,
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
};

describe('stopping', () => {
  test('a request under way is finished, and its connection does not hold up the stop', async () => {
    const { router, asked, open } = slowRouter();
    const server = await start(router);
    const connection = await openConnection(server.url);
    connection.socket.write(requestText('/slow', [], 'GET'));
    await asked;
    const stopped = server[Symbol.asyncDispose]();
    open();
    const received = await connection.closed();
    expect(statusesIn(received)).toEqual([200]);
    expect(received).toContain('{"slow":true}');
    expect(received).toMatch(/connection: close/i);
    await stopped;
  });

  test('no more connections are taken', async () => {
    const server = await start(slowRouter().router);
    await server[Symbol.asyncDispose]();
    await expect(fetch(`${server.url}/fast`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('idle connections are closed at once', async () => {
    const server = await start(slowRouter().router);
    const used = await openConnection(server.url);
    used.socket.write(requestText('/fast', [], 'GET'));
    await used.until(/\{"fast":true\}$/);
    const unused = await Promise.all(Array.from({ length: 20 }, () => openConnection(server.url)));
    await server[Symbol.asyncDispose]();
    for (const connection of [used, ...unused]) await connection.closed();
  });

  test('a sender that dawdles is cut off after the grace', async () => {
    const { router, asked } = slowRouter();
    const server = await start(router, { ...PATIENT, closeGrace: 100 });
    const waiting = await openConnection(server.url);
    waiting.socket.write(requestText('/slow', [], 'GET'));
    await asked;
    const dawdling = await openConnection(server.url);
    dawdling.socket.write('GET /fast HTTP/1.1\r\nHost: loc');
    await server[Symbol.asyncDispose]();
    expect([await waiting.closed(), await dawdling.closed()]).toEqual(['', '']);
  });

  test('twice is as good as once', async () => {
    const server = await start(slowRouter().router);
    await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
    await server[Symbol.asyncDispose]();
  });
});

test('connections are kept for longer than proxies keep theirs', async () => {
  const { router } = slowRouter();
  const deps = { host: '127.0.0.1', port: 0, tls: undefined, routers: [router], log: keptLog().log };
  const server = await startHttpServer(deps);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const kept = (await fetch(`${server.url}/fast`)).headers.get('keep-alive');
  expect(Number(kept?.match(/^timeout=(\d+)$/)?.[1])).toBeGreaterThan(60);
});

describe('where it can not listen it says why, and what to do', () => {
  const startOn = (host: string, port: number): Promise<unknown> =>
    startHttpServer({ host, port, tls: undefined, routers: [], log: keptLog().log }).then(
      (server) => server[Symbol.asyncDispose](),
      (error: unknown) => error,
    );

  test('a port in use', async () => {
    const { port } = new URL((await start(slowRouter().router)).url);
    const error = await startOn('127.0.0.1', Number(port));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({
      message: expect.stringContaining(`127.0.0.1:${port}`),
      remedy: expect.stringMatching(new RegExp(`port ${port}.*set PORT`)),
    });
  });

  test('an address of another machine', async () => {
    const error = await startOn('192.0.2.1', 0);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({
      message: expect.stringContaining('192.0.2.1'),
      remedy: expect.stringContaining('HOST'),
    });
  });

  test('a host name that is none', async () => {
    const error = await startOn('no-such-host.invalid', 0);
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({ remedy: expect.stringContaining('HOST') });
  });
});

test('IPv6 addresses are written as URLs have them', async ({ skip }) => {
  const server = await startHttpServer({
    host: '::1',
    port: 0,
    tls: undefined,
    routers: [slowRouter().router],
    log: keptLog().log,
  }).catch(() => skip('this machine has no IPv6'));
  onTestFinished(() => server[Symbol.asyncDispose]());
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${server.url}/fast`)).status).toBe(200);
});
