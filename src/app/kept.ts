import type { Config } from '../config.ts';
import {
  checkpointStoreFile,
  checkStoreFile,
  compactStoreFile,
  copyStoreFile,
  lockStoreFile,
  scourStoreFile,
} from '../store/sqlite/keeping-file.ts';
import { pathsOf } from './paths.ts';

/** The files of a SQLite store, and the operations on them as a whole; see store/sqlite/keeping-file.ts. */
export const storeFile = (config: Config) => {
  const file = pathsOf(config).database;
  return {
    file,
    names: [file, `${file}-wal`, `${file}-shm`, `${file}.lock`],
    lock: () => lockStoreFile(file),
    copy: (to: string) => copyStoreFile(file, to),
    check: checkStoreFile,
    compact: () => compactStoreFile(file),
    checkpoint: () => checkpointStoreFile(file),
  };
};

/** Removes deleted and overwritten data from the store's files, as far as that is possible beside a running bot. */
export const scourStore = async (config: Config): Promise<void> => {
  if (config.databaseUrl === undefined) scourStoreFile(pathsOf(config).database);
  else await (await import('./postgres.ts')).scourDatabase(config.databaseUrl);
};
