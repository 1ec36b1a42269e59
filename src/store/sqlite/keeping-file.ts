import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../runtime/sync-folder.ts';
import type { KeptTable } from '../kept-tables.ts';
import { type Database, lockFile, type OpenOptions, openDatabase } from './database.ts';
import { keptCounts } from './keeping-rows.ts';

/*
 * Operations on a store's file as a whole, for commands. Each blocks the thread it is called on.
 */

const withFile = <Result>(file: string, options: OpenOptions, work: (database: Database) => Result): Result => {
  const database = openDatabase(file, options);
  try {
    return work(database);
  } finally {
    database.close();
  }
};

/** Takes the lock that a running bot holds; undefined where a bot has it. */
export const lockStoreFile = (file: string): { release(): void } | undefined => lockFile(`${file}.lock`);

/**
 * Writes a snapshot of the store to `copy`, which must not exist, without free space and synced to disk; others may go on
 * writing to the store meanwhile (sqlite.org/lang_vacuum.html#vacuuminto).
 */
export const copyStoreFile = async (file: string, copy: string): Promise<void> => {
  withFile(file, { readOnly: true }, (database) => database.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`));
  await using handle = await open(copy, 'r');
  await handle.sync();
  await syncFolder(dirname(copy));
};

export type CheckedFile = {
  /** `ok`, or the first damage found. */
  readonly integrity: string;
  readonly schema: number;
  readonly rows: Readonly<Record<KeptTable, number>>;
};

const schemaOf = (database: Database): number =>
  database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;

/** Reads a whole store, which nobody may be writing to, and checks its integrity. */
export const checkStoreFile = (file: string): CheckedFile =>
  withFile(file, { readOnly: true }, (database) => ({
    integrity: database.prepare<{ integrity_check: string }>('PRAGMA integrity_check(1)').get()?.integrity_check ?? '',
    schema: schemaOf(database),
    rows: keptCounts(database),
  }));

/** Rewrites the file without free space; from then on it can be shrunk step by step. Other connections wait meanwhile. */
export const compactStoreFile = (file: string): void =>
  withFile(file, {}, (database) => {
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
    emptyLog(database);
  });

/** How often a checkpoint is tried, each time waiting up to five seconds for readers. */
const TRIES = 5;

const emptyLog = (database: Database): void => {
  const checkpoint = database.prepare<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
  for (let tries = 0; tries < TRIES && checkpoint.get()?.busy !== 0; tries += 1);
};

/**
 * Writes the log back into the file, whatever version its schema has, where both are sound; a damaged one stays as it is.
 */
export const checkpointStoreFile = (file: string): void => {
  if (!existsSync(file)) return;
  try {
    // A connection that may write takes the log with it when it closes, even one that found the file to be no database.
    withFile(file, { readOnly: true }, schemaOf);
    withFile(file, { anySchema: true }, emptyLog);
  } catch {
    // Nothing is lost: the log is still beside the file.
  }
};

/** The most steps of merging the index; each is a transaction of its own, so that other connections get in between. */
const MOST_MERGES = 100_000;

/**
 * Removes deleted data from the files for good: the write-ahead log is checkpointed and truncated, and the search index
 * merges away the entries it had only marked as deleted (sqlite.org/fts5.html#the_merge_command).
 */
export const scourStoreFile = (file: string): void =>
  withFile(file, {}, (database) => {
    const merge = database.prepare(`INSERT INTO resource_search (resource_search, rank) VALUES ('merge', ?)`);
    const changes = database.prepare<{ total: number }>('SELECT total_changes() AS total');
    let pages = -500;
    for (let merges = 0; merges < MOST_MERGES; merges += 1) {
      const before = changes.get()?.total ?? 0;
      merge.run(pages);
      if ((changes.get()?.total ?? 0) - before < 2) break;
      pages = 500;
    }
    emptyLog(database);
  });
