import type { Config } from '../config.ts';
import {
  checkStoreFile,
  compactStoreFile,
  copyStoreFile,
  lockStoreFile,
  scourStoreFile,
} from '../store/sqlite/keeping-file.ts';
import { pathsOf } from './paths.ts';

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
