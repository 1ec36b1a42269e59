import { expect, it, onTestFinished } from 'vitest';
import { describeSignalsContract } from '../../contracts/signals.ts';
import { openTestDatabase } from '../../support/postgres.ts';
import { openProxy } from '../../support/proxy.ts';
import { openProcess, openProcesses } from './processes.ts';

describeSignalsContract('pg-boss', {
  shared: true,
  open: async () => {
    const begun = Math.floor(Date.now() / 60_000);
    const { all, database, close } = await openProcesses(2);
    const [first] = all;
    return {
      processes: all.map(({ signals }) => signals),
      make: async (work, { at = Date.now(), rollBack = false }) => {
        const done = database.transaction(async (sql) => {
          await first?.queue.announce.within(sql, [{ work, at }]);
          if (rollBack) throw new Error('rolled back');
        });
        await (rollBack ? done.catch(() => {}) : done);
      },
      soon: (work) => first?.queue.announce.soon(work),
      // The minute that is under way at the start counts too.
      times: () => Math.floor(Date.now() / 60_000) - begun + 1,
      close,
    };
  },
});

it('stops in time though the database no longer answers', async () => {
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
