import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sign } from '../../src/receive/signature.ts';
import { openConnection, requestText, statusesIn } from '../support/http.ts';
import {
  bodyOf,
  expectRefusal,
  SECRET,
  sharedReceiver,
  signed,
  startReceiver,
  type TestReceiver,
} from '../support/receiver.ts';

const BODY = bodyOf('wh_evt_1');
const SIGNATURE = sign(Buffer.from(BODY), SECRET);
const DIGEST = SIGNATURE.slice('sha256='.length);

const expectUnauthorized = (
  receiver: TestReceiver,
  headers: Readonly<Record<string, string>>,
  reason: string,
  body: string | Uint8Array = BODY,
): Promise<void> =>
  expectRefusal(receiver, reason, async () => {
    const answer = await receiver.post(body, headers);
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual({ error: { code: 'invalid_signature', message: expect.any(String) } });
  });

test('a signed webhook is stored byte for byte, announced and answered', async () => {
  const receiver = await startReceiver();
  const body = ` {"type" : "booking.created",\n\t"id":"wh_evt_1","data":{"attendee_name":"Zoë 🎈 \\u0041"}}\r\n`;
  const answer = await receiver.post(body);
  expect(answer).toMatchObject({ status: 200, json: { received: true } });
  expect(answer.headers.get('content-type')).toContain('application/json');
  const [stored] = await receiver.store.unrouted(10);
  expect(stored).toMatchObject({ id: 'wh_evt_1', type: 'booking.created' });
  expect(Buffer.from(stored?.body ?? []).toString()).toBe(body);
  expect(receiver.announced()).toBe(1);
  expect((await receiver.status()).rejections).toEqual([]);
});

describe('without a valid signature nothing is believed', () => {
  const receiver = sharedReceiver();

  test.each([
    ['no header', undefined, 'signature_missing'],
    ['an empty header', '', 'signature_missing'],
    ['the digest alone', DIGEST, 'signature_malformed'],
    ['sha1=', `sha1=${DIGEST}`, 'signature_malformed'],
    ['SHA256=', `SHA256=${DIGEST}`, 'signature_malformed'],
    ['sha512=', `sha512=${DIGEST}${DIGEST}`, 'signature_malformed'],
    ['cut short by a digit', SIGNATURE.slice(0, -1), 'signature_malformed'],
    ['the prefix alone', 'sha256=', 'signature_malformed'],
    ['a digit too many', `${SIGNATURE}0`, 'signature_malformed'],
    ['upper-case digits', `sha256=${DIGEST.toUpperCase()}`, 'signature_malformed'],
    ['no hex digits', `sha256=${'g'.repeat(64)}`, 'signature_malformed'],
    ['letters beyond ASCII', `sha256=${'é'.repeat(64)}`, 'signature_malformed'],
    ['base64', `sha256=${Buffer.from(DIGEST, 'hex').toString('base64')}`, 'signature_malformed'],
    ['something after it', `${SIGNATURE} x`, 'signature_malformed'],
    ['all zeros', `sha256=${'0'.repeat(64)}`, 'signature_wrong'],
    ['of another body', sign(Buffer.from(bodyOf('wh_evt_2')), SECRET), 'signature_wrong'],
    ['of an empty body', sign(Buffer.from(''), SECRET), 'signature_wrong'],
    ['of another secret', sign(Buffer.from(BODY), 'whsec_guessed'), 'signature_wrong'],
    ['of an empty secret', sign(Buffer.from(BODY), ''), 'signature_wrong'],
  ])('%s', async (_name, header, reason) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'X-WebKasa-Signature': header };
    await expectUnauthorized(receiver(), headers, reason);
  });

  test('the same JSON written anew, in other bytes', async () => {
    const pretty = JSON.stringify(JSON.parse(BODY), null, 1);
    await expectUnauthorized(receiver(), signed(BODY), 'signature_wrong', pretty);
  });

  test('an unsigned body is not even read as JSON', async () => {
    const broken = '{"id": broken';
    await expectUnauthorized(receiver(), {}, 'signature_missing', broken);
    await expectUnauthorized(receiver(), signed(broken, 'other'), 'signature_wrong', broken);
  });

  test.each([
    ['nested 400,000 deep', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
    ['10,000 keys', JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1])))],
  ])('unsigned and hostile: %s', async (_name, body) => {
    await expectUnauthorized(receiver(), {}, 'signature_missing', body);
  });

  test('nothing is valid where no secret is configured', async () => {
    await expectUnauthorized(await startReceiver({ secrets: [] }), signed(BODY, ''), 'signature_wrong');
  });

  test('a signature in the query or the body does not count', async () => {
    await expectRefusal(receiver(), 'signature_missing', async () => {
      const answer = await fetch(`${receiver().url}?X-WebKasa-Signature=${SIGNATURE}`, { method: 'POST', body: BODY });
      expect(answer.status).toBe(401);
    });
  });

  test('whatever the header says', async () => {
    const text = fc.stringMatching(/^[!-~]{1,90}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          text,
          text.map((end) => `sha256=${end}`),
        ),
        async (header) => {
          const { status, json } = await receiver().post(BODY, { 'X-WebKasa-Signature': header });
          expect(status).toBe(401);
          expect(json).toMatchObject({ error: { code: 'invalid_signature' } });
        },
      ),
      { numRuns: 60 },
    );
    expect(await receiver().storedIds()).toEqual([]);
  });
});

describe('two signature headers', () => {
  const receiver = sharedReceiver();

  test.each([
    ['both valid', SIGNATURE, SIGNATURE],
    ['the first valid', SIGNATURE, `sha256=${'0'.repeat(64)}`],
    ['the second valid', `sha256=${'0'.repeat(64)}`, SIGNATURE],
    ['the first valid, the second empty', SIGNATURE, ''],
  ])('%s', async (_name, first, second) => {
    await expectRefusal(receiver(), 'signature_malformed', async () => {
      const connection = await openConnection(receiver().url);
      connection.socket.write(
        requestText('/webhooks/webkasa', [
          ['X-WebKasa-Signature', first],
          ['x-webkasa-signature', second],
          ['Content-Length', Buffer.byteLength(BODY)],
          ['Connection', 'close'],
        ]) + BODY,
      );
      expect(statusesIn(await connection.closed())).toEqual([401]);
    });
  });
});

test('white space around the header value is no part of it (RFC 9110, 5.5)', async () => {
  const receiver = await startReceiver();
  const connection = await openConnection(receiver.url);
  connection.socket.write(
    requestText('/webhooks/webkasa', [
      ['X-WebKasa-Signature', `  ${SIGNATURE} \t `],
      ['Content-Length', Buffer.byteLength(BODY)],
      ['Connection', 'close'],
    ]) + BODY,
  );
  expect(statusesIn(await connection.closed())).toEqual([200]);
});

describe('while the secret is being changed', () => {
  test('both secrets are accepted', async () => {
    const receiver = await startReceiver({ secrets: ['whsec_old', 'whsec_new'] });
    const [first, second] = [bodyOf('wh_evt_1'), bodyOf('wh_evt_2')];
    expect((await receiver.post(first, signed(first, 'whsec_old'))).status).toBe(200);
    expect((await receiver.post(second, signed(second, 'whsec_new'))).status).toBe(200);
    expect(await receiver.storedIds()).toEqual(['wh_evt_1', 'wh_evt_2']);
  });

  test('the old one is refused once it is gone', async () => {
    const receiver = await startReceiver({ secrets: ['whsec_new'] });
    await expectUnauthorized(receiver, signed(BODY, 'whsec_old'), 'signature_wrong');
  });
});
