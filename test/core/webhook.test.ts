import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createdAt,
  dataOf,
  isKnownType,
  KNOWN_TYPES,
  oddities,
  parseWebhook,
  versionOf,
  type Webhook,
} from '../../src/core/webhook.ts';
import { aWebhook, bytesOf, T0 } from '../support/builders.ts';

const parse = (text: string) => parseWebhook(new TextEncoder().encode(text));
const parsed = (text: string): Webhook => {
  const result = parse(text);
  if ('problem' in result) throw new Error(result.problem);
  return result.webhook;
};

describe('parsing a webhook', () => {
  it('keeps every field, known or not', () => {
    const webhook = { id: 'wh_1', type: 'x.y', created_at: 5, data: [1], more: { ł: '🦊', no: null } };
    expect(parseWebhook(bytesOf(webhook))).toEqual({ webhook });
  });

  it('needs no more than an id and a type', () => {
    expect(parse('{"id":"a","type":"b"}')).toEqual({ webhook: { id: 'a', type: 'b' } });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half of it', '{"id":"a","type":'],
    ['two values', '{"id":"a","type":"b"}{}'],
    ['a byte order mark', '\uFEFF{"id":"a","type":"b"}'],
    ['a NUL in front', '\0{"id":"a","type":"b"}'],
    ['a NUL behind', '{"id":"a","type":"b"}\0'],
    ['a bare NUL in a string', '{"id":"a\0","type":"b"}'],
  ])('refuses %s as not JSON', (_, text) => {
    expect(parse(text)).toEqual({ problem: 'The body is not JSON.' });
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a surrogate', [0xed, 0xa0, 0x80]],
    ['a character cut off', [0xf0, 0x9f, 0xa6]],
    ['Latin-1', [0xe9]],
  ])('refuses %s as not UTF-8', (_, bytes) => {
    const [before, after] = [Buffer.from('{"id":"a","type":"b","x":"'), Buffer.from('"}')];
    expect(parseWebhook(Buffer.concat([before, Buffer.from(bytes), after]))).toEqual({
      problem: 'The body is not valid UTF-8.',
    });
  });

  it.each(['[]', '[{"id":"a","type":"b"}]', 'null', '1', '"id"', 'true'])('refuses %s as not an object', (text) => {
    expect(parse(text)).toEqual({ problem: 'The body is not a JSON object.' });
  });

  it.each([
    ['{"type":"b"}', 'The body has no string "id".'],
    ['{"id":"","type":"b"}', 'The body has no string "id".'],
    ['{"id":7,"type":"b"}', 'The body has no string "id".'],
    ['{"id":["a"],"type":"b"}', 'The body has no string "id".'],
    ['{"id":"a"}', 'The body has no string "type".'],
    ['{"id":"a","type":null}', 'The body has no string "type".'],
    ['{"id":"a","type":""}', 'The body has no string "type".'],
    ['{}', 'The body has no string "id" and no string "type".'],
    ['{"__proto__":{"id":"a","type":"b"}}', 'The body has no string "id" and no string "type".'],
  ])('refuses %s and says what is missing', (text, problem) => {
    expect(parse(text)).toEqual({ problem });
  });

  it('takes a NUL that is written as JSON writes it', () => {
    expect(parsed('{"id":"a\\u0000b","type":"b"}').id).toBe('a\0b');
  });

  it('takes a field named __proto__ for a field', () => {
    const webhook = parsed('{"id":"a","type":"b","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":2}}}');

    expect(Object.keys(dataOf(webhook))).toEqual(['__proto__']);
    expect(dataOf(webhook).polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('survives what nests 400,000 levels deep (%s), and what is made of it can be copied', (opening, closing) => {
    const levels = 400_000;
    const deep = `${opening.repeat(levels)}1${closing.repeat(levels)}`;

    const webhook = parsed(`{"id":"a","type":"b","data":{"id":"bk_1","deep":${deep}}}`);

    expect(dataOf(webhook).id).toBe('bk_1');
    expect(JSON.stringify(structuredClone(webhook))).toContain('"(nested too deeply)"');
  });

  it('leaves what nests as deep as people nest things alone', () => {
    const webhook = { id: 'a', type: 'b', data: JSON.parse(`${'{"a":['.repeat(40)}1${']}'.repeat(40)}`) };
    expect(parseWebhook(bytesOf(webhook))).toEqual({ webhook });
  });

  it('never throws, whatever the bytes', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.record({ id: fc.anything(), type: fc.anything(), data: fc.jsonValue() }).map((value) => {
        const text = JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? Number(field) : field));
        return new TextEncoder().encode(text);
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        const result = parseWebhook(bytes);
        if ('problem' in result) {
          expect(result.problem).toMatch(/^The body .*\.$/);
          return;
        }
        expect(result.webhook.id.length * result.webhook.type.length).toBeGreaterThan(0);
        expect(versionOf(result.webhook, T0)).toBeGreaterThan(0);
        expect(Array.isArray(oddities(result.webhook))).toBe(true);
      }),
    );
  });
});

describe('the data of a webhook', () => {
  it.each([undefined, null, 'text', 5, [1], true])('is empty where it is %j', (data) => {
    expect(dataOf({ id: 'a', type: 'b', data })).toEqual({});
  });
});

describe('when a webhook happened', () => {
  it.each([
    ['2027-01-15T10:30:00Z', Date.UTC(2027, 0, 15, 10, 30)],
    ['2027-01-15T10:30:00.25Z', Date.UTC(2027, 0, 15, 10, 30, 0, 250)],
    ['2027-01-15T11:30:00+01:00', Date.UTC(2027, 0, 15, 10, 30)],
    ['2027-01-15T10:30:00', Date.UTC(2027, 0, 15, 10, 30)],
    ['2027-01-15', Date.UTC(2027, 0, 15)],
  ])('is read from %s', (created_at, time) => {
    expect(createdAt(aWebhook({ created_at }), T0)).toBe(time);
  });

  it('does not depend on the zone of this machine', () => {
    const zone = process.env.TZ;
    try {
      const times = ['UTC', 'Asia/Tokyo', 'America/New_York'].map((name) => {
        process.env.TZ = name;
        return createdAt(aWebhook({ created_at: '2027-01-15T10:30:00' }), 0);
      });
      expect(new Set(times).size).toBe(1);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it.each([
    undefined,
    null,
    1_800_000_000,
    '',
    'soon',
    '0001-01-01T00:00:00Z',
    '+275000-01-01T00:00:00Z',
    ['2027-01-15'],
  ])('is when it was received where it says %j', (created_at) => {
    expect(createdAt(aWebhook({ created_at }), T0)).toBe(T0);
  });
});

describe('the version of a webhook', () => {
  const version = (type: string, created_at: unknown = '2027-01-15T10:30:00Z') =>
    versionOf(aWebhook({ type, created_at }), T0);

  it('follows created_at, whatever the type', () => {
    expect(version('booking.cancelled')).toBeLessThan(version('booking.created', '2027-01-15T10:30:00.001Z'));
  });

  it('is that of the receipt where it says to come from more than a year ahead', () => {
    const received = version('booking.created', new Date(T0).toISOString());
    expect(version('booking.created', '2099-01-01T00:00:00Z')).toBe(received);
    expect(version('booking.cancelled', new Date(T0 + 1_000).toISOString())).toBeGreaterThan(received);
    expect(version('booking.created', new Date(T0 + 365 * 24 * 3_600_000).toISOString())).toBeGreaterThan(received);
  });

  it('follows the life cycle within the same instant', () => {
    const cycle = ['booking.created', 'booking.confirmed', 'booking.completed', 'booking.cancelled'];
    const versions = cycle.map((type) => version(type));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(4);
    expect(version('event.updated')).toBe(version('booking.confirmed'));
  });

  it.each(['booking', 'booking.', '.', 'booking.constructor', 'booking.__proto__', 'toString', 'a.b.c'])(
    'is an exact number for the type %s',
    (type) => {
      expect(version(type)).toBe(version('booking.confirmed'));
      expect(Number.isSafeInteger(version(type, '9999-12-31T23:59:59.999Z'))).toBe(true);
    },
  );
});

describe('what is odd about a webhook', () => {
  it.each(KNOWN_TYPES)('is nothing for a %s as WebKasa sends it', (type) => {
    expect(oddities(aWebhook({ type }))).toEqual([]);
  });

  it.each(['booking.vanished', 'constructor', '__proto__', 'BOOKING.CREATED'])('is the type %s', (type) => {
    expect(isKnownType(type)).toBe(false);
    expect(oddities(aWebhook({ type, data: {} }))).toEqual([`"${type}" is not a type WebKasa documents`]);
  });

  it('is said field by field', () => {
    const odd = oddities(aWebhook({ data: { id: 5, start_time: 'soon', timezone: 'Mars/Olympus' } }));

    expect(odd.map((text) => text.split(':')[0])).toEqual(['data.id', 'data.start_time', 'data.timezone']);
    expect(odd[2]).toBe('data.timezone: is not an IANA time zone');
  });

  it.each([null, 'text', [], 5])('is data that is %j', (data) => {
    expect(oddities(aWebhook({ data }))).toHaveLength(1);
  });

  it('is not a field more than is known', () => {
    expect(oddities(aWebhook({ data: { new_field: [1] } }))).toEqual([]);
  });
});
