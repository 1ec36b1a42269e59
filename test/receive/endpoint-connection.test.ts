import { describe, expect, test } from 'vitest';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import { bodyOf, sharedReceiver, signed, startReceiver } from '../support/receiver.ts';

const PATH = '/webhooks/webkasa';

const signedRequest = (body: string, ...headers: readonly (readonly [string, string])[]): string =>
  requestText(PATH, [...Object.entries(signed(body)), ['Content-Length', Buffer.byteLength(body)], ...headers]) + body;

describe('other methods and paths', () => {
  const receiver = sharedReceiver();

  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s is not allowed', async (method) => {
    const answer = await fetch(receiver().url, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(await answer.json()).toEqual({ error: { code: 'method_not_allowed', message: expect.any(String) } });
  });

  test('HEAD is not allowed, and answered without a body', async () => {
    const answer = await fetch(receiver().url, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([405, 'POST', '']);
  });

  test('a signed webhook in a PUT is not stored', async () => {
    const body = bodyOf('wh_evt_put');
    const answer = await fetch(receiver().url, { method: 'PUT', body, headers: signed(body) });
    expect(answer.status).toBe(405);
    expect(await receiver().storedIds()).not.toContain('wh_evt_put');
  });

  test.each(['/', '/webhooks', '/webhooks/webkasa2', '/webhooks/webkasa/x', '/%E0%A4%A', '//', '/..'])(
    'nothing is at %s',
    async (path) => {
      const connection = await openConnection(receiver().url);
      connection.socket.write(requestText(path, [['Connection', 'close']]));
      const received = await connection.closed();
      expect(statusesIn(received)).toEqual([404]);
      expect(received).toContain('{"error":{"code":"not_found"');
    },
  );

  test.each([
    ['a slash at its end', `${PATH}/`],
    ['a query', `${PATH}?from=webkasa&x=%`],
    ['the whole URL in the request line, as proxies may send it', `http://bot.example.com${PATH}`],
  ])('the endpoint answers with %s', async (name, path) => {
    const body = bodyOf(name);
    const connection = await openConnection(receiver().url);
    connection.socket.write(signedRequest(body, ['Connection', 'close']).replace(PATH, path));
    expect(statusesIn(await connection.closed())).toEqual([200]);
    expect(await receiver().storedIds()).toContain(name);
  });
});

describe('one connection, several requests', () => {
  test('a valid webhook after refused ones is accepted', async () => {
    const receiver = await startReceiver();
    const connection = await openConnection(receiver.url);
    connection.socket.write(signedRequest(bodyOf('wh_evt_1')).replace('sha256=', 'sha1=') + signedRequest('[]'));
    connection.socket.write(signedRequest(bodyOf('wh_evt_2'), ['Connection', 'close']));
    expect(statusesIn(await connection.closed())).toEqual([401, 400, 200]);
    expect(await receiver.storedIds()).toEqual(['wh_evt_2']);
  });

  test('fifty sent without waiting are stored and answered in order', async () => {
    const receiver = await startReceiver();
    const connection = await openConnection(receiver.url);
    const ids = Array.from({ length: 50 }, (_, index) => `wh_evt_${index}`);
    const requests = ids.map((id) => signedRequest(bodyOf(id)));
    connection.socket.write(requests.join('') + requestText('/nothing', [['Connection', 'close']]));
    expect(statusesIn(await connection.closed())).toEqual([...ids.map(() => 200), 404]);
    expect(await receiver.storedIds()).toEqual(ids);
  });

  test('what follows a body longer than its Content-Length is not taken for a part of it', async () => {
    const receiver = await startReceiver();
    const body = bodyOf('wh_evt_1');
    const connection = await openConnection(receiver.url);
    connection.socket.write(
      requestText(PATH, [...Object.entries(signed(body)), ['Content-Length', body.length - 5]]) + body,
    );
    expect(statusesIn(await connection.closed())).toEqual([400]);
    expect(await receiver.storedIds()).toEqual([]);
  });
});

test('a sender that asks first (Expect: 100-continue) is told to go on', async () => {
  const receiver = await startReceiver();
  const body = bodyOf('wh_evt_1');
  const [head = '', rest = ''] = signedRequest(body, ['Expect', '100-continue'], ['Connection', 'close']).split(
    /(?<=\r\n\r\n)/,
  );
  const connection = await openConnection(receiver.url);
  connection.socket.write(head);
  await connection.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  connection.socket.write(rest);
  expect(statusesIn(await connection.closed())).toEqual([200]);
  expect(await receiver.storedIds()).toEqual(['wh_evt_1']);
});

describe('requests whose end is not certain', () => {
  const receiver = sharedReceiver();
  const body = bodyOf('wh_evt_1');
  const length = String(Buffer.byteLength(body));

  test.each<[name: string, headers: readonly (readonly [string, string])[]]>([
    [
      'two different Content-Lengths',
      [
        ['Content-Length', length],
        ['Content-Length', '5'],
      ],
    ],
    [
      'the same Content-Length twice',
      [
        ['Content-Length', length],
        ['Content-Length', length],
      ],
    ],
    [
      'Content-Length, then chunked',
      [
        ['Content-Length', length],
        ['Transfer-Encoding', 'chunked'],
      ],
    ],
    [
      'chunked, then Content-Length',
      [
        ['Transfer-Encoding', 'chunked'],
        ['Content-Length', length],
      ],
    ],
    ['a signed Content-Length', [['Content-Length', `+${length}`]]],
    ['a list for a Content-Length', [['Content-Length', `${length}, ${length}`]]],
    ['an unknown Transfer-Encoding', [['Transfer-Encoding', 'xchunked']]],
    ['a space before the colon', [['Content-Length ', length]]],
    [
      'a header folded over two lines',
      [
        ['X-Folded', 'a\r\n b'],
        ['Content-Length ', length],
      ],
    ],
    ['chunks that are none', [['Transfer-Encoding', 'chunked']]],
  ])('%s: refused, and nothing stored', async (_name, headers) => {
    const connection = await openConnection(receiver().url);
    connection.socket.write(requestText(PATH, [...Object.entries(signed(body)), ...headers]) + body);
    expect(statusesIn(await connection.closed())).toEqual([400]);
    expect(await receiver().storedIds()).toEqual([]);
  });

  test('neither a length nor chunks: a request without a body', async () => {
    const connection = await openConnection(receiver().url);
    connection.socket.write(requestText(PATH, Object.entries(signed(body))) + body);
    expect(statusesIn(await connection.closed())).toEqual([400]);
    expect(await receiver().storedIds()).toEqual([]);
  });
});
