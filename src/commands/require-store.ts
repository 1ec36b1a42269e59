import { access } from 'node:fs/promises';
import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';

/**
 * Throws an OperatorError where the bot has kept nothing yet: a command that only looks must not make a store. Of a PostgreSQL
 * database nothing is asked here, since opening it says what is wrong with it.
 */
export const requireStore = async ({ databaseUrl, dataDir }: Config, databaseFile: string): Promise<void> => {
  if (databaseUrl !== undefined || (await exists(databaseFile))) return;
  throw new OperatorError(`There is no data in ${dataDir} yet.`, {
    remedy: 'Start the bot first: npm start. Where it keeps its data elsewhere, set DATA_DIR.',
  });
};

/** Whether there is a file or folder of that name. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
