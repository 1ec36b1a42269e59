import type { Config } from '../config.ts';
import type { KeepingStore } from '../store/keeping-ports.ts';
import type { Store } from '../store/ports.ts';
import {
  checkStoreFile,
  compactStoreFile,
  copyStoreFile,
  lockStoreFile,
  scourStoreFile,
} from '../store/sqlite/keeping-file.ts';
import { openSqliteStore } from '../store/sqlite/store.ts';
import { pathsOf } from './paths.ts';

/** Opens the store for what sees to all that is kept: erasing, forgetting, moving. */
export const openKeepingStore = (config: Config): Promise<Store & KeepingStore> =>
  openSqliteStore(pathsOf(config).database);

/** The files of a SQLite store, and what is done to them as a whole; see store/sqlite/keeping-file.ts. */
export const storeFile = (config: Config) => {
  const file = pathsOf(config).database;
  return {
    file,
    names: [file, `${file}-wal`, `${file}-shm`, `${file}.lock`],
    lock: () => lockStoreFile(file),
    copy: (to: string) => copyStoreFile(file, to),
    check: checkStoreFile,
    compact: () => compactStoreFile(file),
    scour: () => scourStoreFile(file),
  };
};
