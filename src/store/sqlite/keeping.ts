import type { StoreSize } from '../keeping-ports.ts';
import type { Database } from './database.ts';
import { forgettableCounts, forgetting } from './keeping-forget.ts';
import { keptCounts, keptReading, keptWriting } from './keeping-rows.ts';

/** Pages given back to the disk in one step: each may have to be copied from the end of the file first. */
const PAGES_AT_ONCE = 100;
/** The value of `PRAGMA auto_vacuum` where a file can be shrunk step by step (sqlite.org/pragma.html#pragma_auto_vacuum). */
const INCREMENTAL = 2;

/** The writing half of the KeepingStore port, as plain calls inside the writer's transaction. */
export const keeping = (database: Database) => ({
  ...forgetting(database),
  ...keptWriting(database),

  giveBack(): { readonly left: number } {
    if (pragma(database, 'auto_vacuum') !== INCREMENTAL) return { left: 0 };
    database.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
    return { left: pragma(database, 'freelist_count') * pragma(database, 'page_size') };
  },
});

/** The reading half, for the reading connection. */
export const storeReading = (database: Database) => ({
  ...forgettableCounts(database),
  ...keptReading(database),

  size(): StoreSize {
    const page = pragma(database, 'page_size');
    return {
      bytes: pragma(database, 'page_count') * page,
      unused: pragma(database, 'freelist_count') * page,
      givesBack: pragma(database, 'auto_vacuum') === INCREMENTAL,
      rows: keptCounts(database),
    };
  },
});

const pragma = (database: Database, name: 'auto_vacuum' | 'freelist_count' | 'page_count' | 'page_size'): number =>
  Object.values(database.prepare<Record<string, number>>(`PRAGMA ${name}`).get() ?? {})[0] ?? 0;
