import type { KeepingStore } from '../keeping-ports.ts';
import type { Database } from './database.ts';
import { forgetting } from './keeping-forget.ts';
import { keptCounts, keptReading, keptWriting } from './keeping-rows.ts';

/** The KeepingStore port. PostgreSQL reuses freed space by itself (autovacuum), so giveBack() has nothing to do. */
export const keeping = (database: Database): KeepingStore => ({
  ...forgetting(database),
  ...keptReading(database),
  ...keptWriting(database),
  giveBack: async () => ({ left: 0 }),
  async size() {
    const [size] = await database.query<{ bytes: number }>('SELECT pg_database_size(current_database()) AS bytes');
    return { bytes: size?.bytes ?? 0, unused: 0, givesBack: false, rows: await keptCounts(database) };
  },
});
