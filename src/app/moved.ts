import { writeFile } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';
import { isThere } from '../keep/files.ts';
import { pathsOf } from './paths.ts';

const markOf = (config: Config): string => `${pathsOf(config).database}.moved`;

/**
 * Marks a SQLite store as moved to PostgreSQL. With a bot on each of the two, pending deliveries would be performed twice, and
 * each bot would know only half of what comes in.
 */
export const markMoved = (config: Config): Promise<void> =>
  writeFile(markOf(config), 'This store was moved to PostgreSQL: no bot starts on it as long as this file is here.\n', {
    flush: true,
  });

/** Throws an OperatorError where the SQLite store of these settings was moved. */
export const refuseMoved = async (config: Config): Promise<void> => {
  const mark = markOf(config);
  if (!(await isThere(mark))) return;
  throw new OperatorError(`The store ${pathsOf(config).database} was moved to PostgreSQL.`, {
    remedy: `Set DATABASE_URL to that database. To go back to this store all the same, see that no bot runs there, and delete ${mark}: what has come in since the move is not here, and what waited then is told from here once more.`,
  });
};
