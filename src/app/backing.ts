import { link, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';
import { DATABASE, type Database, type Part } from '../keep/backup.ts';
import { copySynced, isThere, moveTo } from '../keep/files.ts';
import { secretFile } from '../receive/secret.ts';
import { syncFolder } from '../runtime/sync-folder.ts';
import { checkStoreFile } from '../store/sqlite/keeping-file.ts';
import { storeFile } from './kept.ts';
import { refuseMoved } from './moved.ts';
import { pathsOf } from './paths.ts';

/** The files and folders of a bot besides its database; the webhook secret only where asked for. */
export const partsOf = (config: Config, options: { readonly secret: boolean }): Part[] => {
  const paths = pathsOf(config);
  return [
    { name: 'rules.yaml', path: paths.rules },
    { name: 'team.json', path: paths.team },
    { name: 'team.previous.json', path: join(dirname(paths.team), 'team.previous.json') },
    { name: 'sheets', path: paths.sheets },
    ...(config.templatesDir ? [{ name: 'templates', path: paths.templates, optional: true }] : []),
    ...(options.secret ? [{ name: 'webhook-secret', path: secretFile(paths.data), optional: true }] : []),
  ];
};

/**
 * The database of these settings, for backups. Throws an OperatorError where the store was moved elsewhere, where a move to
 * it was interrupted, and where the database is not reached.
 */
export const databaseOf = async (config: Config): Promise<Database> => {
  const url = config.databaseUrl;
  if (url === undefined) {
    await refuseMoved(config);
    return sqliteOf(config);
  }
  const postgres = await import('./postgres.ts');
  await postgres.reachDatabase(url);
  return postgresOf(url, postgres);
};

const sqliteOf = (config: Config): Database => {
  const store = storeFile(config);
  return {
    kind: 'sqlite',
    isFilled: () => isThere(store.file),
    copy: store.copy,
    async check(file) {
      const { integrity, rows } = checkStoreFile(file);
      if (integrity === 'ok') return rows;
      throw new OperatorError(`The database ${file} is damaged: ${integrity}`, { remedy: 'Use another backup.' });
    },
    async restore(file, aside) {
      const draft = `${store.file}.restoring`;
      await copySynced(file, draft);
      // The current file may be the reason for restoring: it is kept as it is, damaged or not. So is its log, which SQLite
      // would otherwise apply to the restored file.
      store.checkpoint();
      for (const log of ['-wal', '-shm']) {
        if (await isThere(`${store.file}${log}`)) await moveTo(`${store.file}${log}`, join(aside, `${DATABASE}${log}`));
      }
      if (await isThere(store.file)) {
        await link(store.file, join(aside, DATABASE)).catch(() => copySynced(store.file, join(aside, DATABASE)));
      }
      await rename(draft, store.file);
      await syncFolder(dirname(store.file));
    },
  };
};

const postgresOf = (url: string, postgres: typeof import('./postgres.ts')): Database => ({
  kind: 'postgres',
  isFilled: () => postgres.isDatabaseFilled(url),
  copy: (to) => postgres.dumpDatabase(url, to),
  check: (file) => postgres.checkDump(url, file),
  async restore(file, aside) {
    await postgres.dumpDatabase(url, join(aside, DATABASE));
    await postgres.restoreDump(url, file);
  },
});

/** Keeps every bot from starting while its data is replaced; undefined where one is running. */
export const holdBot = async (config: Config): Promise<{ release(): void } | undefined> => {
  const lock = storeFile(config).lock();
  if (!lock || config.databaseUrl === undefined) return lock;
  const { isDatabaseUsed } = await import('./postgres.ts');
  if (!(await isDatabaseUsed(config.databaseUrl))) return lock;
  lock.release();
  return undefined;
};
