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
    remedy: `Set DATABASE_URL to that database. To return to this store instead, make sure that no bot runs on that database, and delete ${mark}. This store lacks what has come in since the move, and what was pending then is delivered once more from here.`,
  });
};
