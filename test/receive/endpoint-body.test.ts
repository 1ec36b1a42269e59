import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import { bodyOf, expectRefusal, MARK, sharedReceiver, signed } from '../support/receiver.ts';

describe('what is signed but no webhook', () => {
  const receiver = sharedReceiver();

  test.each<[name: string, body: string | Uint8Array, message: RegExp]>([
    ['empty', '', /not JSON/],
    ['no JSON', `hello ${MARK}`, /not JSON/],
    ['JSON cut short', bodyOf('wh_evt_1').slice(0, -1), /not JSON/],
    ['two JSON values', `${bodyOf('wh_evt_1')}${bodyOf('wh_evt_2')}`, /not JSON/],
    ['a form', 'id=wh_evt_1&type=booking.created', /not JSON/],
    ['an array', `[${bodyOf('wh_evt_1')}]`, /not a JSON object/],
    ['a string', '"wh_evt_1"', /not a JSON object/],
    ['a number', '42', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"id":"a","type":"b","x":"'), Buffer.from([0xff, 0x22, 0x7d])]),
      /UTF-8/,
    ],
    ['a surrogate in UTF-8', Buffer.from('{"id":"\xed\xa0\x80","type":"b"}', 'latin1'), /UTF-8/],
    ['an overlong form in UTF-8', Buffer.from('{"id":"a","type":"b","x":"\xc0\xaf"}', 'latin1'), /UTF-8/],
    ['UTF-16', Buffer.from(bodyOf('wh_evt_1'), 'utf16le'), /not JSON/],
    ['a byte order mark', `\ufeff${bodyOf('wh_evt_1')}`, /not JSON/],
    ['no id', '{"type":"booking.created"}', /no string "id"/],
    ['a number for an id', '{"id":1,"type":"booking.created"}', /no string "id"/],
    ['null for an id', '{"id":null,"type":"booking.created"}', /no string "id"/],
    ['an empty id', '{"id":"","type":"booking.created"}', /no string "id"/],
    ['no type', '{"id":"wh_evt_1"}', /no string "type"/],
    ['an object for a type', '{"id":"wh_evt_1","type":{}}', /no string "type"/],
    ['an empty type', '{"id":"wh_evt_1","type":""}', /no string "type"/],
    ['neither', '{"data":{"id":"bk_1"}}', /no string "id" and no string "type"/],
    [
      'both inherited only',
      '{"__proto__":{"id":"wh_evt_1","type":"booking.created"}}',
      /no string "id" and no string "type"/,
    ],
  ])('%s', async (_name, body, message) => {
    await expectRefusal(receiver(), 'invalid_payload', async () => {
      const answer = await receiver().post(body);
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual({ error: { code: 'invalid_payload', message: expect.stringMatching(message) } });
    });
  });

  test('compressed: the signature covers the bytes, and they are no JSON', async () => {
    const gzipped = gzipSync(bodyOf('wh_evt_1'));
    await expectRefusal(receiver(), 'invalid_payload', async () => {
      const answer = await receiver().post(gzipped, { ...signed(gzipped), 'Content-Encoding': 'gzip' });
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'invalid_payload' } } });
    });
  });
});

describe('signed, with a string id and type, is always accepted', () => {
  const receiver = sharedReceiver();

  test.each([
    ['an unknown type', '{"id":"wh_odd_1","type":"invoice.paid","data":{"id":"in_1"}}'],
    ['no data', '{"id":"wh_odd_2","type":"booking.created"}'],
    ['data of another kind', '{"id":"wh_odd_3","type":"booking.created","data":[1,"two",null]}'],
    ['a created_at that is no time', '{"id":"wh_odd_4","type":"booking.created","created_at":{"never":true}}'],
    ['data nested 400,000 deep', `{"id":"wh_odd_5","type":"a.b","data":${'['.repeat(400_000)}${']'.repeat(400_000)}}`],
    [
      '10,000 keys',
      JSON.stringify({
        id: 'wh_odd_6',
        type: 'booking.created',
        data: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index])),
      }),
    ],
    [
      '__proto__ and constructor as keys',
      '{"id":"wh_odd_7","type":"booking.created","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"data":{"__proto__":{"polluted":true}}}',
    ],
    [
      'numbers beyond any range',
      '{"id":"wh_odd_8","type":"booking.created","data":{"n":1e999,"m":-0,"k":123456789012345678901234567890}}',
    ],
    ['a content type that is none', '{"id":"wh_odd_9","type":"booking.created"}'],
  ])('%s', async (_name, body) => {
    const answer = await receiver().post(body, { ...signed(body), 'Content-Type': 'nonsense' });
    expect(answer).toMatchObject({ status: 200, json: { received: true } });
    const stored = (await receiver().store.unrouted(1000)).at(-1);
    expect(Buffer.from(stored?.body ?? []).equals(Buffer.from(body))).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('200 or 400 for any signed bytes, and 200 exactly where there is a string id and type', async () => {
    const field = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue());
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ id: field, type: field, data: fc.jsonValue() }, { requiredKeys: [] })
        .map((json) => Buffer.from(JSON.stringify(json))),
    );
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const { status } = await receiver().post(bytes);
        expect(status).toBe(isWebhook(bytes) ? 200 : 400);
      }),
      { numRuns: 60 },
    );
  });

  test('the bytes are the same however they were cut on their way', async () => {
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (name, sizes) => {
          sent += 1;
          const body = Buffer.from(JSON.stringify({ id: `wh_evt_${sent}`, type: 'booking.created', data: { name } }));
          const connection = await openConnection(receiver().url);
          connection.socket.write(
            requestText('/webhooks/webkasa', [
              ...Object.entries(signed(body)),
              ['Transfer-Encoding', 'chunked'],
              ['Connection', 'close'],
            ]),
          );
          for (let at = 0, turn = 0; at < body.length; turn += 1) {
            const chunk = body.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
            connection.socket.write(
              Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
            );
            at += chunk.length;
          }
          connection.socket.write('0\r\n\r\n');
          expect(statusesIn(await connection.closed())).toEqual([200]);
          const stored = (await receiver().store.unrouted(1000)).at(-1);
          expect(Buffer.from(stored?.body ?? []).equals(body)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

const isWebhook = (bytes: Buffer): boolean => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const { id, type } = JSON.parse(text) ?? {};
    return typeof id === 'string' && id !== '' && typeof type === 'string' && type !== '';
  } catch {
    return false;
  }
};
