import { request } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import { bodyOf, expectRefusal, sharedReceiver, signed, startReceiver } from '../support/receiver.ts';

const LIMIT = 1_000_000;
const PATH = '/webhooks/webkasa';

/** A valid webhook of exactly so many bytes. */
const bodyOfSize = (id: string, size: number): string => {
  const start = `{"id":"${id}","type":"booking.created","data":{"notes":"`;
  return `${start}${'x'.repeat(size - start.length - 3)}"}}`;
};

/** Posts in chunks, without a Content-Length. */
const postChunked = (url: string, body: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers: signed(body) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    sent.on('error', reject);
    for (let at = 0; at < body.length; at += 300_000) sent.write(body.slice(at, at + 300_000));
    sent.end();
  });

const signedRequest = (body: string): string =>
  requestText(PATH, [...Object.entries(signed(body)), ['Content-Length', Buffer.byteLength(body)]]) + body;

describe('one megabyte and no more', () => {
  const receiver = sharedReceiver();

  test('exactly a megabyte is accepted, with its length said and in chunks', async () => {
    const own = await startReceiver();
    expect(Buffer.byteLength(bodyOfSize('wh_evt_1', LIMIT))).toBe(LIMIT);
    expect((await own.post(bodyOfSize('wh_evt_1', LIMIT))).status).toBe(200);
    expect((await postChunked(own.url, bodyOfSize('wh_evt_2', LIMIT))).status).toBe(200);
    expect(await own.storedIds()).toEqual(['wh_evt_1', 'wh_evt_2']);
  });

  test('a byte more is refused, with its length said', () =>
    expectRefusal(receiver(), 'payload_too_large', async () => {
      const answer = await receiver().post(bodyOfSize('wh_evt_1', LIMIT + 1));
      expect(answer.status).toBe(413);
      expect(answer.json).toEqual({
        error: { code: 'payload_too_large', message: expect.stringContaining('1000000 bytes') },
      });
    }));

  test('a length that is too much is refused before any of it is sent', () =>
    expectRefusal(receiver(), 'payload_too_large', async () => {
      const connection = await openConnection(receiver().url);
      connection.socket.write(requestText(PATH, [['Content-Length', LIMIT + 1]]));
      expect(statusesIn(await connection.until(/\}$/))).toEqual([413]);
    }));

  test('a byte more is refused in chunks', () =>
    expectRefusal(receiver(), 'payload_too_large', async () => {
      const { status, text } = await postChunked(receiver().url, bodyOfSize('wh_evt_1', LIMIT + 1));
      expect(status).toBe(413);
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'payload_too_large' } });
    }));

  test.each([
    ['with its length said', [['Content-Length', 20_000_000]] as const, '', ''],
    ['in one chunk', [['Transfer-Encoding', 'chunked']] as const, `${(20_000_000).toString(16)}\r\n`, '\r\n0\r\n\r\n'],
  ])('a sender of 20 MB that reads only after it has sent all is told, %s', async (_name, headers, before, after) => {
    const connection = await openConnection(receiver().url);
    await expectRefusal(receiver(), 'payload_too_large', async () => {
      connection.socket.pause();
      connection.socket.write(requestText(PATH, headers) + before);
      const all = Buffer.concat([Buffer.alloc(20_000_000, 'x'), Buffer.from(after)]);
      const failure = await new Promise((resolve) => connection.socket.write(all, resolve));
      expect(failure ?? 'none').toBe('none');
      connection.socket.resume();
      expect(await connection.until(/\}$/)).toContain('"payload_too_large"');
      expect(statusesIn(connection.received())).toEqual([413]);
    });
    // What was thrown away was this request and nothing else: the next one on the connection is understood.
    connection.socket.write(signedRequest('no webhook'));
    await connection.until(/"invalid_payload"/);
  });

  test('a sender that never stops is told, and cut off', async () => {
    const cutting = await startReceiver({
      serverLimits: {
        headersTimeout: 1_500,
        requestTimeout: 1_500,
        connectionsCheckingInterval: 50,
        keepAliveTimeout: 5_000,
        closeGrace: 1_000,
      },
    });
    await expectRefusal(cutting, 'payload_too_large', async () => {
      const connection = await openConnection(cutting.url);
      connection.socket.write(requestText(PATH, [['Transfer-Encoding', 'chunked']]));
      const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
      const goOn = (): void => {
        if (connection.socket.writable) connection.socket.write(chunk, () => setImmediate(goOn));
      };
      goOn();
      expect(statusesIn(await connection.closed())[0]).toBe(413);
    });
  });
});

describe('senders that dawdle', () => {
  test('a body that drips in is refused after the time for bodies', async () => {
    const receiver = await startReceiver({ limits: { limit: LIMIT, timeout: 300 } });
    const body = bodyOf('wh_evt_1');
    await expectRefusal(receiver, 'request_timeout', async () => {
      const connection = await openConnection(receiver.url);
      connection.socket.write(
        requestText(PATH, [...Object.entries(signed(body)), ['Content-Length', Buffer.byteLength(body)]]),
      );
      let sent = 0;
      const drip = setInterval(() => {
        if (sent < body.length - 1) connection.socket.write(body.charAt(sent));
        sent += 1;
      }, 20);
      const received = await connection.closed();
      clearInterval(drip);
      expect(statusesIn(received)).toEqual([408]);
      expect(received).toContain('"error":{"code":"request_timeout"');
    });
  });

  test('headers that do not come are not waited for', async () => {
    const receiver = await startReceiver({
      serverLimits: {
        headersTimeout: 300,
        requestTimeout: 5_000,
        connectionsCheckingInterval: 50,
        keepAliveTimeout: 5_000,
        closeGrace: 1_000,
      },
    });
    const connections = await Promise.all([openConnection(receiver.url), openConnection(receiver.url)]);
    connections[0].socket.write(`POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nX-WebKasa-Sig`);
    for (const connection of connections) expect(statusesIn(await connection.closed())).toEqual([408]);
    expect(await receiver.storedIds()).toEqual([]);
  });

  test('two hundred idle connections and two hundred half requests hold up nobody', async () => {
    const receiver = await startReceiver();
    const connections = await Promise.all(Array.from({ length: 400 }, () => openConnection(receiver.url)));
    for (const { socket } of connections.slice(0, 200)) socket.write(requestText(PATH, [['Content-Length', 100]]));
    expect((await receiver.post(bodyOf('wh_evt_1'))).status).toBe(200);
    expect(await receiver.storedIds()).toEqual(['wh_evt_1']);
  });
});

describe('senders that hang up', () => {
  const body = bodyOf('wh_evt_1');
  const headers = [...Object.entries(signed(body)), ['Content-Length', Buffer.byteLength(body)]] as [string, string][];
  const half = body.slice(0, -20);

  test('half a request is not stored, and the bot goes on', async () => {
    const receiver = await startReceiver();
    await expectRefusal(receiver, 'aborted', async () => {
      const connection = await openConnection(receiver.url);
      connection.socket.write(requestText(PATH, [...headers, ['Expect', '100-continue']]));
      await connection.until(/100 Continue/);
      await new Promise((resolve) => connection.socket.write(half, resolve));
      connection.socket.resetAndDestroy();
      await vi.waitFor(async () => expect((await receiver.status()).rejections).toHaveLength(1), { timeout: 10_000 });
    });
    expect((await receiver.post(body)).json).toEqual({ received: true });
  });

  test('a body shorter than its Content-Length is not stored', async () => {
    const receiver = await startReceiver();
    await expectRefusal(receiver, 'aborted', async () => {
      const connection = await openConnection(receiver.url);
      connection.socket.end(requestText(PATH, headers) + half);
      expect(statusesIn(await connection.closed())).toEqual([400]);
      await vi.waitFor(async () => expect((await receiver.status()).rejections).toHaveLength(1), { timeout: 10_000 });
    });
  });
});
