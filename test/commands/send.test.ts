import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KNOWN_TYPES } from '../../src/core/webhook.ts';
import { keptSecret } from '../../src/receive/secret.ts';
import { T0 } from '../support/builders.ts';
import { lastingPort } from '../support/port.ts';
import { SECRET, startReceiver } from '../support/receiver.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

/** A real receiver, and the environment of its bot. */
const running = async () => {
  const receiver = await startReceiver();
  const env = { WEBKASA_WEBHOOK_SECRET: SECRET, PORT: new URL(receiver.url).port };
  const stored = async () =>
    (await receiver.store.unrouted(1_000)).map(({ body }) => JSON.parse(Buffer.from(body).toString()));
  return { receiver, env, stored };
};

describe('sending one', () => {
  test.each(KNOWN_TYPES)('%s is accepted, and told with where to read on', async (type) => {
    const { env, stored } = await running();
    const { code, out, err } = await call(['send', type], { env });
    const [webhook] = await stored();
    expect(webhook.type).toBe(type);
    expect({ code, out, err }).toEqual({
      code: 0,
      err: '',
      out: `200: received\n${type} ${webhook.id} about ${webhook.data.id}\nWhat came of it: npm run cli -- why ${webhook.id}\n`,
    });
  });

  test('sets fields', async () => {
    const { env, stored } = await running();
    await call(
      ['send', 'booking.created', '--set', 'data.attendee_name=Zoë', '--set', 'data.guests=3', '--set=id=wh_mine'],
      { env },
    );
    expect(await stored()).toMatchObject([
      { id: 'wh_mine', data: { attendee_name: 'Zoë', guests: 3, attendee_email: 'john@example.com' } },
    ]);
  });

  test('says when the bot knew it already', async () => {
    const { env, stored } = await running();
    const args = ['send', 'event.created', '--set', 'id=wh_same'];
    await call(args, { env });
    expect((await call(args, { env })).out).toMatch(/^200: received, a duplicate: nothing is done twice\n/);
    expect(await stored()).toHaveLength(1);
  });

  test("sends a file's very bytes, and changed ones only where asked to", async () => {
    const { receiver, env } = await running();
    const file = join(await tempFolder(), 'webhook.json');
    const bytes = '{ "id":"wh_file",  "type":"waitlist.joined", "data":{"id":"wl_1"} }\n';
    await writeFile(file, bytes);
    expect(await call(['send', '--file', file], { env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('waitlist.joined wh_file about wl_1'),
    });
    await call(['send', 'waitlist.joined', '--file', file, '--set', 'id=wh_other'], { env });
    const bodies = (await receiver.store.unrouted(10)).map(({ body }) => Buffer.from(body).toString());
    expect(bodies).toEqual([bytes, '{"id":"wh_other","type":"waitlist.joined","data":{"id":"wl_1"}}']);
  });

  test('goes to another address where asked to', async () => {
    const { receiver, stored } = await running();
    const env = { WEBKASA_WEBHOOK_SECRET: `${SECRET},older`, PORT: String(await lastingPort()) };
    expect((await call(['send', 'booking.created', '--url', receiver.url], { env })).code).toBe(0);
    expect(await stored()).toHaveLength(1);
  });

  test("over HTTPS trusts the bot's own certificate, and no other", async () => {
    const folder = resolve(import.meta.dirname, '../fixtures/tls');
    const [certFile, keyFile] = [join(folder, 'localhost.crt'), join(folder, 'localhost.key')];
    const receiver = await startReceiver({ tls: { certFile, keyFile } });
    const env = {
      WEBKASA_WEBHOOK_SECRET: SECRET,
      PORT: new URL(receiver.url).port,
      TLS_CERT_FILE: certFile,
      TLS_KEY_FILE: keyFile,
    };
    expect((await call(['send', 'booking.created'], { env })).out).toMatch(/^200: received\n/);
    const unknown = await call(['send', 'booking.created', '--url', receiver.url], { env });
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining("can't be reached: ") });
    expect(await receiver.storedIds()).toHaveLength(1);
  });

  test("says where the bot's own certificate can't be read", async () => {
    const file = join(await tempFolder(), 'gone.crt');
    const env = { WEBKASA_WEBHOOK_SECRET: SECRET, TLS_CERT_FILE: file, TLS_KEY_FILE: file };
    const { code, err } = await call(['send', 'booking.created'], { env });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^TLS_CERT_FILE can't be read: .*gone\.crt.*\nMend it, or name the bot's address with --url\.\n$/,
    );
  });

  test('signs with the secret the bot made for itself where none is set', async () => {
    const folder = await tempFolder();
    const receiver = await startReceiver({ secrets: [await keptSecret(folder)] });
    const env = { DATA_DIR: folder, PORT: new URL(receiver.url).port };
    expect((await call(['send', 'booking.created'], { env })).out).toMatch(/^200: received\n/);
  });

  test('as a document', async () => {
    const { receiver, env } = await running();
    const { out } = await call(['send', 'booking.created', '--json'], { env });
    expect(JSON.parse(out)).toEqual({
      url: receiver.url,
      status: 200,
      accepted: true,
      duplicate: false,
      webhook: { id: expect.stringMatching(/^wh_evt_/), type: 'booking.created', resource: 'bk_xyz789' },
    });
  });
});

describe('sending one that is refused', () => {
  test('for its signature says which secret to look at', async () => {
    const { env } = await running();
    const { code, out } = await call(['send', 'booking.created'], { env: { ...env, WEBKASA_WEBHOOK_SECRET: 'wrong' } });
    expect(code).toBe(1);
    expect(out).toBe(`401 invalid_signature: The signature does not fit this body and secret.
It was signed with the secret of WEBKASA_WEBHOOK_SECRET; the bot there uses another. Give both the same WEBKASA_WEBHOOK_SECRET and DATA_DIR.
`);
  });

  test.each([
    ['no JSON', 'Hello', '400 invalid_payload: The body is not JSON.\n'],
    ['without an id', '{"type":"x"}', '400 invalid_payload: The body has no string "id".\n'],
    ['too large', ' '.repeat(1_000_001), '413 payload_too_large: The body is larger than 1000000 bytes.\n'],
  ])('for a body that is %s says so', async (_, body, message) => {
    const { env } = await running();
    const file = join(await tempFolder(), 'body');
    await writeFile(file, body);
    const { code, out } = await call(['send', '--file', file], { env });
    expect(code).toBe(1);
    expect(out.startsWith(message)).toBe(true);
  });

  test('by something else that listens there', async () => {
    const other = createServer((_, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>\x1b[2J</h1>'),
    ).listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}/x`;
    expect(await call(['send', 'booking.created', '--url', url], { env: { WEBKASA_WEBHOOK_SECRET: 'x' } })).toEqual({
      code: 1,
      err: '',
      out: `404 from ${url}\nSomething else answers there: look at the address and its path.\n`,
    });
  });

  test('where nobody listens says how to start the bot', async () => {
    const port = String(await lastingPort());
    for (const count of [[], ['--count', '50']]) {
      const answer = await call(['send', 'booking.created', ...count], {
        env: { WEBKASA_WEBHOOK_SECRET: 'x', PORT: port },
      });
      expect(answer).toEqual({
        code: 1,
        out: '',
        err: `Nothing listens at http://127.0.0.1:${port}.\nStart the bot (npm start) in another terminal, or name another address with --url.\n`,
      });
    }
  });

  test('for want of a secret', async () => {
    const answer = await call(['send', 'booking.created'], { env: { DATA_DIR: await tempFolder() } });
    expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('There is no secret to sign with yet.') });
  });
});

describe('sending in a wrong way', () => {
  test.each([
    [
      ['send', 'booking.craeted'],
      'There is no sample of "booking.craeted"; did you mean "booking.created"?\nTypes: booking.created, booking.confirmed,',
    ],
    [['send'], 'send needs a TYPE or --file.\nTypes: '],
    [['send', 'booking.created', '--set', 'x'], '"x" is not of the form data.field=value.'],
    [['send', 'booking.created', '--set', '__proto__.x=1'], '"__proto__" can\'t be set.'],
    [['send', 'booking.created', '--count', '0'], '--count takes a whole number from 1 on, not "0".'],
    [
      ['send', 'booking.created', '--url', 'localhost:3000'],
      '--url takes an address like http://127.0.0.1:3000/webhooks/webkasa, not "localhost:3000".',
    ],
  ])('%j ends with 2', async (args, message) => {
    const { code, out, err } = await call(args, { env: { WEBKASA_WEBHOOK_SECRET: 'x', PORT: '1' } });
    expect([code, out]).toEqual([2, '']);
    expect(err.startsWith(message)).toBe(true);
  });

  test('a type that is not the one in the file', async () => {
    const file = join(await tempFolder(), 'webhook.json');
    await writeFile(file, '{"id":"wh_1","type":"event.created"}');
    const { code, err } = await call(['send', 'booking.created', '--file', file]);
    expect(code).toBe(2);
    expect(err).toContain('is a event.created, not a booking.created: leave the type out.');
  });

  test('a file that can not be changed', async () => {
    const file = join(await tempFolder(), 'webhook.json');
    await writeFile(file, '[1]');
    const { code, err } = await call(['send', '--file', file, '--set', 'id=x']);
    expect([code, err]).toEqual([1, `${file} is no JSON object.\nSend it without --set and --count.\n`]);
  });
});

describe('sending many', () => {
  test('each has ids of its own, and the counts add up', async () => {
    const { env, stored } = await running();
    const { code, out } = await call(
      ['send', 'registration.created', '--count', '120', '--set', 'data.attendee_name=Zoë'],
      { env },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^sent 120, accepted 120, duplicates 0, failed 0; \d+\.\d\d s, \d+ per second\n$/);
    const webhooks = await stored();
    expect(new Set(webhooks.map(({ id }) => id)).size).toBe(120);
    expect(new Set(webhooks.map(({ data }) => data.id)).size).toBe(120);
    expect(webhooks.every(({ data }) => data.attendee_name === 'Zoë' && data.event_id === 'evt_abc123')).toBe(true);
  });

  test('counts what was refused, and ends with 1', async () => {
    const { env } = await running();
    const { code, out } = await call(['send', 'booking.created', '--count', '20', '--json'], {
      env: { ...env, WEBKASA_WEBHOOK_SECRET: 'wrong' },
    });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      sent: 20,
      accepted: 0,
      duplicates: 0,
      failed: 20,
      firstFailure: expect.stringContaining('401 invalid_signature'),
    });
  });
});

test('what is sent happened now', async () => {
  const { env, stored } = await running();
  await call(['send', 'booking.created'], { env });
  expect(await stored()).toMatchObject([{ created_at: new Date(T0).toISOString() }]);
});
