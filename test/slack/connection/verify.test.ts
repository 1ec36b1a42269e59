import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSlackSignature, createReplayGuard, slackSign, TOLERANCE } from '../../../src/slack/connection/verify.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const BODY = Buffer.from('command=%2Fwebkasa&text=search+john');
const NOW = Date.parse('2026-11-23T10:00:00Z');
const TIMESTAMP = String(NOW / 1000);
const SIGNATURE = slackSign(BODY, TIMESTAMP, SECRET);
const given = { signature: SIGNATURE, timestamp: TIMESTAMP };

test("the signature is that of Slack's own example", () => {
  const body = Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  );
  expect(slackSign(body, '1531420618', SECRET)).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  );
});

test('what Slack signed is valid', () => {
  expect(checkSlackSignature(given, BODY, SECRET, NOW)).toBe('valid');
});

describe('is refused', () => {
  const digest = SIGNATURE.slice(3);
  test.each([
    ['no signature', { ...given, signature: '' }, 'missing'],
    ['no timestamp', { ...given, timestamp: '' }, 'missing'],
    ['another version', { ...given, signature: `v1=${digest}` }, 'malformed'],
    ['the digest alone', { ...given, signature: digest }, 'malformed'],
    ['a digit too few', { ...given, signature: SIGNATURE.slice(0, -1) }, 'malformed'],
    ['a digit too many', { ...given, signature: `${SIGNATURE}0` }, 'malformed'],
    ['capital letters', { ...given, signature: `v0=${digest.toUpperCase()}` }, 'malformed'],
    ['two signatures', { ...given, signature: `${SIGNATURE}, ${SIGNATURE}` }, 'malformed'],
    ['a timestamp that is no number', { ...given, timestamp: '0x1' }, 'malformed'],
    ['a timestamp with a fraction', { ...given, timestamp: `${TIMESTAMP}.0` }, 'malformed'],
    ['a negative timestamp', { ...given, timestamp: '-1' }, 'malformed'],
    ['all zeros', { ...given, signature: `v0=${'0'.repeat(64)}` }, 'wrong'],
    ['another timestamp', { ...given, timestamp: String(Number(TIMESTAMP) + 1) }, 'wrong'],
    ['the same timestamp, written otherwise', { ...given, timestamp: `0${TIMESTAMP}` }, 'wrong'],
  ] as const)('%s', (_name, signature, expected) => {
    expect(checkSlackSignature(signature, BODY, SECRET, NOW)).toBe(expected);
  });

  test('another body, by a single byte', () => {
    expect(checkSlackSignature(given, Buffer.from(`${BODY}&`), SECRET, NOW)).toBe('wrong');
  });

  test('everything, where the secret is empty', () => {
    const signature = slackSign(BODY, TIMESTAMP, '');
    expect(checkSlackSignature({ signature, timestamp: TIMESTAMP }, BODY, '', NOW)).toBe('wrong');
  });

  test('a body signed with a secret that moved into the timestamp', () => {
    const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${TIMESTAMP}:${BODY}`).digest('hex')}`;
    expect(signature).toBe(SIGNATURE);
    expect(checkSlackSignature({ signature, timestamp: `${TIMESTAMP}:` }, BODY.subarray(1), SECRET, NOW)).toBe(
      'malformed',
    );
  });

  test('whatever headers somebody makes up', () => {
    const text = fc.string({ maxLength: 90 });
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/).map((digits) => `v0=${digits}`);
    fc.assert(
      fc.property(fc.oneof(text, hex), fc.oneof(text, fc.constant(TIMESTAMP)), (signature, timestamp) => {
        expect(checkSlackSignature({ signature, timestamp }, BODY, SECRET, NOW)).not.toBe('valid');
      }),
    );
  });
});

test('a timestamp may be five minutes from the clock, either way, and no more', () => {
  const at = (now: number) => checkSlackSignature(given, BODY, SECRET, now);
  expect([at(NOW + TOLERANCE), at(NOW - TOLERANCE)]).toEqual(['valid', 'valid']);
  expect([at(NOW + TOLERANCE + 1), at(NOW - TOLERANCE - 1)]).toEqual(['stale', 'stale']);
});

describe('the replay guard', () => {
  const signatureAt = (time: number) => ({
    signature: slackSign(BODY, String(time / 1000), SECRET),
    timestamp: String(time / 1000),
  });

  test('lets a request through once', () => {
    const guard = createReplayGuard();
    expect([guard.fresh(given, NOW), guard.fresh(given, NOW), guard.fresh(given, NOW + 1)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(guard.fresh(signatureAt(NOW + 1000), NOW + 1000)).toBe(true);
  });

  test('remembers one from the future for as long as it can be used', () => {
    const guard = createReplayGuard();
    const ahead = signatureAt(NOW + TOLERANCE);
    expect(guard.fresh(ahead, NOW)).toBe(true);
    expect(guard.fresh(ahead, NOW + 2 * TOLERANCE)).toBe(false);
  });

  test('forgets what is of no more use, and never holds more than so many', () => {
    const guard = createReplayGuard(3);
    for (let second = 0; second < 4; second += 1) expect(guard.fresh(signatureAt(NOW + second * 1000), NOW)).toBe(true);
    // The first had to make room: only Slack itself can sign so many.
    expect(guard.fresh(signatureAt(NOW), NOW)).toBe(true);
    expect(guard.fresh(signatureAt(NOW + 3000), NOW)).toBe(false);
  });
});
