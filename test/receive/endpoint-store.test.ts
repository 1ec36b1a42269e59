import { describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../src/store/sqlite/database.ts';
import { bodyOf, MARK, SECRET, signed, startReceiver, type TestReceiver } from '../support/receiver.ts';

/** A second connection to a receiver's store, as another program would have. */
const otherConnection = (receiver: TestReceiver, options = {}): Database => {
  const database = openDatabase(receiver.file, options);
  onTestFinished(() => database.close());
  return database;
};

const expectUnavailable = async (receiver: TestReceiver, id: string): Promise<void> => {
  const answer = await receiver.post(bodyOf(id));
  expect(answer.status).toBe(503);
  expect(answer.json).toEqual({ error: { code: 'unavailable', message: expect.any(String) } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const told = receiver.logged.join('');
  expect(told).toContain(id);
  expect(told).not.toContain(MARK);
  expect(told).not.toContain(SECRET);
};

describe('one webhook, however often it comes', () => {
  test('200 posts of it over 20 connections at once are stored once', async () => {
    const receiver = await startReceiver();
    const body = bodyOf('wh_evt_1');
    const postTen = async () => {
      const answers = [];
      for (let turn = 0; turn < 10; turn += 1) answers.push(await receiver.post(body));
      return answers;
    };
    const answers = (await Promise.all(Array.from({ length: 20 }, postTen))).flat();
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
    const texts = answers.map(({ json }) => JSON.stringify(json));
    expect(texts.filter((text) => text === '{"received":true}')).toHaveLength(1);
    expect(texts.filter((text) => text === '{"received":true,"duplicate":true}')).toHaveLength(199);
    expect(await receiver.storedIds()).toEqual(['wh_evt_1']);
    expect(receiver.announced()).toBe(1);
    expect((await receiver.status()).rejections).toEqual([]);
  });

  test('the first body stays, whatever a later one says', async () => {
    const receiver = await startReceiver();
    await receiver.post(bodyOf('wh_evt_1', 'booking.created'));
    const later = await receiver.post(bodyOf('wh_evt_1', 'booking.cancelled'));
    expect(later).toMatchObject({ status: 200, json: { received: true, duplicate: true } });
    const stored = await receiver.store.unrouted(10);
    expect(stored.map(({ type }) => type)).toEqual(['booking.created']);
  });

  test('ids that look alike are different webhooks', async () => {
    const receiver = await startReceiver();
    const ids = [
      'wh_evt_a',
      'WH_EVT_A',
      'wh_evt_a ',
      'wh_evt_\u00e9',
      'wh_evt_e\u0301',
      'wh_evt_a\u0000',
      "wh_evt_a'--",
      '1',
      '1.0',
    ];
    for (const id of ids) expect((await receiver.post(bodyOf(id))).json).toEqual({ received: true });
    expect(await receiver.storedIds()).toEqual(ids);
  });
});

describe('200 comes after the commit', () => {
  test('another connection sees every webhook as soon as it is answered', async () => {
    const receiver = await startReceiver();
    const other = otherConnection(receiver, { readOnly: true });
    const seen = other.prepare<{ body: Uint8Array }>('SELECT body FROM webhook WHERE id = ?');
    const postAndLook = async (_: unknown, index: number) => {
      const body = bodyOf(`wh_evt_${index}`);
      expect((await receiver.post(body)).status).toBe(200);
      expect(Buffer.from(seen.get(`wh_evt_${index}`)?.body ?? []).toString()).toBe(body);
    };
    await Promise.all(Array.from({ length: 60 }, postAndLook));
  });

  test('while another program writes, the answer waits', async () => {
    const receiver = await startReceiver();
    const other = otherConnection(receiver);
    other.exec('BEGIN IMMEDIATE');
    let answered = false;
    const waiting = receiver.post(bodyOf('wh_evt_1')).finally(() => {
      answered = true;
    });
    // Long enough for the first to be answered, were it not waiting; and refusing goes on meanwhile.
    for (let turn = 0; turn < 30; turn += 1) {
      expect((await receiver.post(bodyOf('wh_evt_2'), signed('another body'))).status).toBe(401);
    }
    expect(answered).toBe(false);
    other.exec('ROLLBACK');
    expect((await waiting).json).toEqual({ received: true });
  });
});

describe('where a webhook cannot be stored, WebKasa is asked to send it again', () => {
  test('as long as the store is broken, and no longer', async () => {
    const receiver = await startReceiver();
    const other = otherConnection(receiver);
    other.exec('ALTER TABLE webhook RENAME TO hidden');
    await expectUnavailable(receiver, 'wh_evt_1');
    await expectUnavailable(receiver, 'wh_evt_1');
    expect(receiver.announced()).toBe(0);
    other.exec('ALTER TABLE hidden RENAME TO webhook');
    expect((await receiver.post(bodyOf('wh_evt_1'))).json).toEqual({ received: true });
    expect(await receiver.storedIds()).toEqual(['wh_evt_1']);
  });

  test('one that fails takes no others with it', async () => {
    const receiver = await startReceiver();
    const other = otherConnection(receiver);
    other.exec(`CREATE TRIGGER refuse BEFORE INSERT ON webhook WHEN new.type = 'booking.broken'
                BEGIN SELECT raise(ABORT, 'refused'); END`);
    const types = ['booking.created', 'booking.broken', 'booking.cancelled'];
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => receiver.post(bodyOf(`wh_evt_${index}`, types[index % 3]))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 3 === 1 ? 503 : 200)));
    expect((await receiver.storedIds()).length).toBe(20);
    expect(receiver.announced()).toBe(20);
  });

  test('once it is closed', async () => {
    const receiver = await startReceiver();
    await receiver.store[Symbol.asyncDispose]();
    await expectUnavailable(receiver, 'wh_evt_1');
    expect(receiver.announced()).toBe(0);
  });
});
