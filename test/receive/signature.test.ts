import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSignature, sign } from '../../src/receive/signature.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const secret = fc.string({ minLength: 1, maxLength: 40 });

test('signs as the documented example of HMAC-SHA256 does', () => {
  // RFC 4231, test case 2.
  expect(sign(Buffer.from('what do ya want for nothing?'), 'Jefe')).toBe(
    'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

describe('any bytes and any secret', () => {
  test('what is signed is valid, with any other secrets beside it', () => {
    fc.assert(
      fc.property(bytes, secret, fc.array(secret), fc.array(secret), (body, own, before, after) => {
        expect(checkSignature(sign(body, own), body, [...before, own, ...after])).toBe('valid');
      }),
    );
  });

  test('a body with one bit flipped is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), secret, fc.nat(), (body, own, at) => {
        const changed = Uint8Array.from(body);
        const index = at % body.length;
        changed[index] = (changed[index] ?? 0) ^ (1 << (at % 8));
        expect(checkSignature(sign(body, own), changed, [own])).toBe('wrong');
      }),
    );
  });

  test('a body cut short or with something after it is refused', () => {
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 1, maxLength: 9 }), secret, (body, more, own) => {
        const longer = Buffer.concat([body, more]);
        expect(checkSignature(sign(body, own), longer, [own])).toBe('wrong');
        expect(checkSignature(sign(longer, own), body, [own])).toBe('wrong');
      }),
    );
  });

  test('another secret is refused', () => {
    fc.assert(
      fc.property(bytes, secret, fc.array(secret), (body, own, others) => {
        fc.pre(!others.some((other) => sameKey(other, own)));
        expect(checkSignature(sign(body, own), body, others)).toBe('wrong');
      }),
    );
  });

  test('any text that is not the signature is refused, and nothing throws', () => {
    fc.assert(
      fc.property(bytes, secret, fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (body, own, header) => {
        expect(checkSignature(header, body, [own])).toBe(header === '' ? 'missing' : 'malformed');
        expect(['malformed', 'wrong']).toContain(checkSignature(`sha256=${header}`, body, [own]));
      }),
    );
  });
});

/** HMAC fills keys up with zero bytes: two texts that differ only in those are one key (RFC 2104). */
const sameKey = (left: string, right: string): boolean =>
  left.replace(/\0+$/, '') === right.replace(/\0+$/, '') || Buffer.from(left).equals(Buffer.from(right));

test('each of the 512 single-bit changes of a header is refused', () => {
  const body = Buffer.from('{"id":"a","type":"b"}');
  const header = Buffer.from(sign(body, 'whsec'), 'latin1');
  for (let bit = 0; bit < header.length * 8; bit += 1) {
    const changed = Buffer.from(header);
    const index = Math.floor(bit / 8);
    changed[index] = (changed[index] ?? 0) ^ (1 << (bit % 8));
    expect(checkSignature(changed.toString('latin1'), body, ['whsec']), `bit ${bit}`).not.toBe('valid');
  }
});

test.each([
  ['nothing', ''],
  ['space after', 'sha256=%s '],
  ['a line break after', 'sha256=%s\n'],
  ['space before', ' sha256=%s'],
  ['the digest alone', '%s'],
  ['SHA256=', 'SHA256=%s'],
  ['sha1=', 'sha1=%s'],
  ['twice', 'sha256=%s, sha256=%s'],
  ['a zero byte after', 'sha256=%s\0'],
])('the form is exact: %s', (_name, form) => {
  const body = Buffer.from('body');
  const digest = sign(body, 'whsec').slice('sha256='.length);
  expect(checkSignature(form.replaceAll('%s', digest), body, ['whsec'])).toBe(form === '' ? 'missing' : 'malformed');
});

test('without secrets nothing is valid, and an empty secret is none', () => {
  const body = Buffer.from('body');
  expect(checkSignature(sign(body, ''), body, [])).toBe('wrong');
  expect(checkSignature(sign(body, ''), body, [''])).toBe('wrong');
  expect(checkSignature(sign(body, ''), body, ['', 'whsec'])).toBe('wrong');
});

test('compares in constant time, and every secret whichever matches', async () => {
  const source = await readFile(new URL('../../src/receive/signature.ts', import.meta.url), 'utf8');
  const check = source.slice(source.indexOf('export const checkSignature'));
  expect(check).toContain('timingSafeEqual(');
  // Each of these would stop at the first match.
  expect(check).not.toMatch(/\.(some|every|find|findIndex)\(|\bfor\b|\bwhile\b/);
});
