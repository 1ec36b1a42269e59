import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type HttpServerDeps, type ServerLimits, startHttpServer } from '../../src/http/server.ts';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import { keptLog } from '../support/receiver.ts';

const LONG = 600_000;
const PATIENT: ServerLimits = {
  headersTimeout: LONG,
  requestTimeout: LONG,
  connectionsCheckingInterval: 50,
  keepAliveTimeout: LONG,
  closeGrace: 500,
};

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const CERTIFICATE = { certFile: fixture('localhost.crt'), keyFile: fixture('localhost.key') };

const start = async (
  limits: Partial<ServerLimits> = {},
  tls?: HttpServerDeps['tls'],
  onLong: (socket: Socket) => void = () => {},
): Promise<string> => {
  const router = new Router();
  router.get('/', (ctx) => {
    ctx.body = { ok: true };
  });
  router.get('/long', (ctx) => {
    onLong(ctx.socket);
    ctx.body = 'x'.repeat(1_000_000);
  });
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    tls,
    routers: [router],
    log: keptLog().log,
    limits: { ...PATIENT, ...limits },
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.url;
};

const get = (headers: readonly (readonly [string, string])[] = [['Connection', 'close']], path = '/'): string =>
  requestText(path, headers, 'GET');

/** The statuses of what a server answers to bytes of any kind, which must end with it closing the connection. */
const answersTo = async (url: string, bytes: string): Promise<number[]> => {
  const connection = await openConnection(url);
  connection.socket.write(bytes, 'latin1');
  return statusesIn(await connection.closed());
};

const close = ['Connection', 'close'] as const;

describe('requests of a size that no sender needs', () => {
  test('a hundred headers are taken, one more is not', async () => {
    const url = await start();
    const headers = (count: number) => Array.from({ length: count }, (_, index) => [`X-${index}`, 'y'] as const);
    // Host and Connection count too.
    expect(await answersTo(url, get([...headers(98), close]))).toEqual([200]);
    expect(await answersTo(url, get([...headers(99), close]))).toEqual([431]);
    expect(await answersTo(url, get([...headers(2_500), close]))).toEqual([431]);
  });

  test.each([
    ['a request line', get([close], `/?${'x'.repeat(16_384)}`)],
    ['a header', get([['X-Long', 'x'.repeat(16_384)], close])],
    [
      'headers together',
      get([...Array.from({ length: 90 }, (_, index) => [`X-${index}`, 'x'.repeat(200)] as const), close]),
    ],
    ['the name of a header', get([['x'.repeat(16_384), 'y'], close])],
  ])('%s over 16 KB', async (_what, request) => {
    expect(await answersTo(await start(), request)).toEqual([431]);
  });

  test('a header that never ends is not waited for', async () => {
    const connection = await openConnection(await start());
    connection.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ');
    const goOn = (): void => {
      if (connection.socket.writable) connection.socket.write('x'.repeat(1_000), () => setImmediate(goOn));
    };
    goOn();
    expect(statusesIn(await connection.closed())).toEqual([431]);
  });
});

describe('requests that two programs could read differently', () => {
  const chunked = ['Transfer-Encoding', 'chunked'] as const;
  const withBody = (headers: readonly (readonly [string, string])[], body: string): string =>
    requestText('/', headers, 'POST') + body + get();

  test.each([
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'chunked twice',
      withBody(
        [
          ['Transfer-Encoding', 'chunked, chunked'],
          ['Content-Length', '5'],
        ],
        '0\r\n\r\n',
      ),
    ],
    ['chunked, and then something else', withBody([['Transfer-Encoding', 'chunked, identity']], '0\r\n\r\n')],
    ['a tab in chunked', withBody([['Transfer-Encoding', '\tchunked\x0b']], '0\r\n\r\n')],
    ['chunked before its colon', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a length in hex', withBody([['Content-Length', '0x5']], 'hello')],
    ['a length below nothing', withBody([['Content-Length', '-1']], '')],
    ['a line that ends in a mere line feed', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['a return in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n'],
    ['a null in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['a line feed in a chunk extension', withBody([chunked], '5;x\nhello\r\n0\r\n\r\n')],
    ['a chunk longer than it says', withBody([chunked], '3\r\nhello\r\n0\r\n\r\n')],
    ['a chunk size beyond counting', withBody([chunked], 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n')],
    ['a signed chunk size', withBody([chunked], '+5\r\nhello\r\n0\r\n\r\n')],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a space in the path', 'GET / / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('%s is refused, and nothing after it is answered', async (_what, request) => {
    const statuses = await answersTo(await start(), request);
    expect(statuses.at(-1)).toBe(400);
    expect(statuses.filter((status) => status === 200)).toEqual([]);
  });

  test.each(['CONNECT example.com:80', 'CONNECT /'])('%s opens no way through', async (line) => {
    const connection = await openConnection(await start());
    connection.socket.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(statusesIn(await connection.closed()).filter((status) => status < 400)).toEqual([]);
  });

  test('an upgrade that is asked for is not made', async () => {
    const headers = [
      ['Connection', 'Upgrade, close'],
      ['Upgrade', 'h2c'],
    ] as const;
    expect(await answersTo(await start(), get(headers))).toEqual([200]);
  });
});

describe('many connections', () => {
  test('above the most there may be, idle ones make room for new ones', async () => {
    const url = await start({ maxConnections: 20 });
    const idle = await Promise.all(Array.from({ length: 20 }, () => openConnection(url)));
    await expect.poll(async () => (await openConnection(url)).closed().then(() => true), { timeout: 5_000 }).toBe(true);
    for (const connection of idle) await connection.closed();
    expect(await answersTo(url, get())).toEqual([200]);
  });

  test('who does not read the answer is cut off', async () => {
    const asked = Promise.withResolvers<Socket>();
    const connection = await openConnection(await start({ timeout: 300 }, undefined, asked.resolve));
    connection.socket.pause();
    connection.socket.write(get([], '/long').repeat(50));
    const serving = await asked.promise;
    if (!serving.closed) await once(serving, 'close');
    connection.socket.resume();
    expect(statusesIn(await connection.closed()).length).toBeLessThan(50);
  });

  test('five hundred requests in one piece are answered in order, over one connection', async () => {
    const statuses = await answersTo(await start(), get([]).repeat(500) + get());
    expect(statuses).toEqual(Array.from({ length: 501 }, () => 200));
  });
});

describe('over TLS', () => {
  const versionWith = (url: string, maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: Number(new URL(url).port),
        rejectUnauthorized: false,
        minVersion: 'TLSv1',
        maxVersion,
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      onTestFinished(() => void socket.destroy());
      socket.once('secureConnect', () => resolve(socket.getProtocol())).once('error', reject);
    });

  test('1.2 and 1.3 are spoken, nothing older', async () => {
    const url = await start({}, CERTIFICATE);
    expect(await versionWith(url, 'TLSv1.3')).toBe('TLSv1.3');
    expect(await versionWith(url, 'TLSv1.2')).toBe('TLSv1.2');
    await expect(versionWith(url, 'TLSv1.1')).rejects.toThrow(/protocol version/);
  });

  test('a handshake that does not go on is not waited for', async () => {
    const connection = await openConnection(await start({ headersTimeout: 300 }, CERTIFICATE));
    connection.socket.write(Buffer.from([0x16, 0x03, 0x01]));
    expect(await connection.closed()).not.toContain('200');
  });
});

test.each(['/', '/nothing'])('browsers are told not to guess, run, frame or keep what is at %s', async (path) => {
  const { headers } = await fetch((await start()) + path);
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  expect(headers.has('x-powered-by') || headers.has('server')).toBe(false);
});
