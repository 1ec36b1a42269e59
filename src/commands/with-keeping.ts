import type { Store } from '../store/ports.ts';
import type { Context } from './context.ts';
import { requireStore } from './require-store.ts';

type App = typeof import('../app.ts');

/** What commands get that look after stored data: erase, store. */
export type Keeping = {
  readonly store: Store;
  readonly paths: ReturnType<App['pathsOf']>;
  /** The database's files; undefined where the store is a PostgreSQL server. */
  readonly file: ReturnType<App['storeFile']> | undefined;
};

/** Opens the store for one task, beside a running bot or without one. Throws an OperatorError if there is no store yet. */
export const withKeeping = async <Result>(
  context: Context,
  work: (keeping: Keeping) => Promise<Result>,
): Promise<Result> => {
  const { openStore, pathsOf, storeFile } = await import('../app.ts');
  const config = context.config();
  const paths = pathsOf(config);
  await requireStore(config, paths.database);
  await using store = await openStore(config);
  return await work({ store, paths, file: config.databaseUrl === undefined ? storeFile(config) : undefined });
};
