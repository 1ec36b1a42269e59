import { describeSignalsContract } from '../../contracts/signals.ts';
import { openProcesses } from './processes.ts';

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
