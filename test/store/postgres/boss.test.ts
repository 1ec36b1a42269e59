import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Work } from '../../../src/store/process-ports.ts';
import { openTestDatabase } from '../../support/postgres.ts';
import { openProxy } from '../../support/proxy.ts';
import { openProcess, openProcesses } from './processes.ts';

/** Two processes that listen for work, and ways to create some in the first. */
const listening = async (work: Work) => {
  const { all, database, close } = await openProcesses(2);
  onTestFinished(close);
  const heard: number[] = [];
  for (const { signals } of all) signals.onWork(work, () => heard.push(Date.now()));
  const [first] = all;
  return {
    heard,
    make: async (made: Work, { at = Date.now(), rollBack = false }: { at?: number; rollBack?: boolean }) => {
      const done = database.transaction(async (sql) => {
        await first?.queue.announce.within(sql, [{ work: made, at }]);
        if (rollBack) throw new Error('rolled back');
      });
      await (rollBack ? done.catch(() => {}) : done);
    },
    soon: (made: Work) => first?.queue.announce.soon(made),
  };
};

describe('work of other processes', () => {
  test.each<Work>(['route', 'email', 'slack', 'sheet'])('%s that is committed is signalled soon', async (work) => {
    const { make, heard } = await listening(work);
    // The first may have to wait until somebody has his turn.
    await make(work, {});
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    heard.length = 0;
    const begun = Date.now();
    await make(work, {});
    await expect.poll(() => heard.length, { interval: 10 }).toBeGreaterThan(0);
    expect((heard[0] ?? 0) - begun).toBeLessThan(5_000);
  });

  test('that was rolled back is not signalled', async () => {
    const { make, heard } = await listening('email');
    await make('email', { rollBack: true });
    // Longer than anything committed takes to be heard.
    await pause(1_000);
    expect(heard).toEqual([]);
    await make('email', {});
    await expect.poll(() => heard.length).toBe(1);
  });

  test('that falls due later is signalled then, and not before', async () => {
    const { make, heard } = await listening('email');
    const at = Date.now() + 1_500;
    await make('email', { at });
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    expect(heard[0]).toBeGreaterThanOrEqual(at - 50);
    expect(heard[0]).toBeLessThan(at + 5_000);
  });

  test('created many times in a moment wakes few times', async () => {
    const { make, heard } = await listening('email');
    await Promise.all(Array.from({ length: 100 }, () => make('email', {})));
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    await pause(800);
    expect(heard.length).toBeLessThan(30);
  });

  test('announced outside of a transaction is signalled soon', async () => {
    const { soon, heard } = await listening('route');
    soon('route');
    await expect.poll(() => heard.length).toBeGreaterThan(0);
  });
});

test('stops in time though the database no longer answers', async () => {
  const { url, close } = await openTestDatabase();
  const proxy = await openProxy(Number(new URL(url).port));
  const through = new URL(url);
  through.port = String(proxy.port);
  onTestFinished(async () => {
    await proxy.close();
    await close();
  });
  const { queue, line, elected } = await openProcess(through.href);
  proxy.hangs(true);
  const begun = performance.now();

  await queue[Symbol.asyncDispose]();

  expect(performance.now() - begun).toBeLessThan(15_000);
  proxy.hangs(false);
  await elected[Symbol.asyncDispose]();
  await line[Symbol.asyncDispose]();
});
