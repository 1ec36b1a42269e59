import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createRejectionLog } from '../../src/receive/rejections.ts';
import type { Rejection, WebhookInbox } from '../../src/store/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { keptLog } from '../support/receiver.ts';
import { tempFolder, tempStore } from '../support/temp.ts';

const aRejection = (nth: number): Rejection => ({
  at: 1_800_000_000_000 + nth,
  reason: nth % 4 === 0 ? 'signature_missing' : 'signature_wrong',
  remote: `198.51.100.${nth % 250}`,
  bytes: nth,
  userAgent: `forger/${nth}`,
});

/** Says how often the store was written to. */
const counted = (inbox: Pick<WebhookInbox, 'recordRejections'>) => {
  let writes = 0;
  return {
    writes: () => writes,
    recordRejections: (rejections: readonly Rejection[]) => {
      writes += 1;
      return inbox.recordRejections(rejections);
    },
  };
};

afterEach(() => {
  vi.useRealTimers();
});

describe('a flood of forged requests', () => {
  test('ten thousand are counted in one write, and the last fifty kept', async () => {
    const store = await tempStore();
    const inbox = counted(store);
    const rejections = createRejectionLog(inbox, keptLog().log);
    for (let nth = 0; nth < 10_000; nth += 1) rejections.add(aRejection(nth));
    await rejections[Symbol.asyncDispose]();
    expect(inbox.writes()).toBe(1);
    const status = await store.status();
    expect(status.rejections).toEqual([
      { reason: 'signature_wrong', count: 7_500, lastAt: aRejection(9_999).at },
      { reason: 'signature_missing', count: 2_500, lastAt: aRejection(9_996).at },
    ]);
    expect(status.lastRejections).toEqual(Array.from({ length: 50 }, (_, index) => aRejection(9_999 - index)));
  });

  test('is written once a second while it lasts', async () => {
    const store = await tempStore();
    const inbox = counted(store);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const rejections = createRejectionLog(inbox, keptLog().log);
    for (let second = 0; second < 10; second += 1) {
      for (let nth = 0; nth < 100; nth += 1) {
        rejections.add(aRejection(nth));
        await vi.advanceTimersByTimeAsync(10);
      }
    }
    await rejections[Symbol.asyncDispose]();
    expect(inbox.writes()).toBe(10);
    expect((await store.status()).rejections.map(({ count }) => count)).toEqual([750, 250]);
  });
});

test('a single rejection is written by itself within about a second', async () => {
  const store = await tempStore();
  createRejectionLog(store, keptLog().log).add(aRejection(1));
  await vi.waitFor(async () => expect((await store.status()).lastRejections).toEqual([aRejection(1)]), {
    timeout: 15_000,
  });
});

test('closing waits for the write under way, so that the store may close next', async () => {
  const file = join(await tempFolder(), 'test.db');
  const store = await openSqliteStore(file);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const rejections = createRejectionLog(store, keptLog().log);
  rejections.add(aRejection(1));
  await vi.advanceTimersByTimeAsync(1_000);
  await rejections[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await using reopened = await openSqliteStore(file);
  expect((await reopened.status()).lastRejections).toEqual([aRejection(1)]);
});

test('a write that fails is said, and stops neither the bot nor the next write', async () => {
  const store = await tempStore();
  const { log, lines } = keptLog();
  let broken = true;
  const inbox = {
    recordRejections: (rejections: readonly Rejection[]) =>
      broken ? Promise.reject(new Error('disk full')) : store.recordRejections(rejections),
  };
  const rejections = createRejectionLog(inbox, log);
  rejections.add(aRejection(1));
  await rejections[Symbol.asyncDispose]();
  expect(lines.join('')).toContain('disk full');
  broken = false;
  rejections.add(aRejection(2));
  await rejections[Symbol.asyncDispose]();
  expect((await store.status()).lastRejections).toEqual([aRejection(2)]);
});
