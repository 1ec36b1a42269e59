import { readFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { silentLog } from '../runtime/log.ts';
import type { MoveTarget } from '../store/keeping-ports.ts';
import type { Store } from '../store/ports.ts';
import { openSqliteStore } from '../store/sqlite/store.ts';
import { pathsOf } from './paths.ts';

/** Opens the PostgreSQL database that a store in SQLite is to be moved to. */
export const openTarget = async (url: string): Promise<MoveTarget> => {
  const { openMoveTarget, reachDatabase } = await import('./postgres.ts');
  await reachDatabase(url, '--to');
  return openMoveTarget(url);
};

/** Opens the SQLite store that is to be moved, also where it is marked as moved already. */
export const openSource = (config: Config): Promise<Store> => openSqliteStore(pathsOf(config).database);

/** Copies the team document to the same database. Returns false where there is none. */
export const moveTeam = async (config: Config, url: string): Promise<boolean> => {
  const document = await readFile(pathsOf(config).team, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (document === undefined) return false;
  const { createTeamRows, openLine } = await import('./postgres.ts');
  await using line = await openLine(url, 'webkasa-bot move', silentLog());
  const rows = createTeamRows(line);
  const there = await rows.read();
  if (there?.document !== document) await rows.write(document, there?.revision ?? 0);
  return true;
};
