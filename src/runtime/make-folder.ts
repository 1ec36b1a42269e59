import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf, OperatorError } from '../core/errors.ts';

/**
 * Makes a folder, and its parents where they are missing; throws an OperatorError that names it where that is impossible.
 * Node's own `recursive` option loops for ever, and occupies a thread of the pool, below a folder that exists and accepts no
 * entries, such as /proc.
 */
export const makeFolder = async (folder: string, mode = 0o777): Promise<void> => {
  await make(resolve(folder), mode).catch((cause: unknown) => {
    throw new OperatorError(`The folder ${folder} can't be made: ${messageOf(cause)}.`, {
      remedy: 'Let this user write there, or name another folder.',
      cause,
    });
  });
};

const make = async (folder: string, mode: number): Promise<void> => {
  if (await isFolder(folder)) return;
  if (dirname(folder) !== folder) await make(dirname(folder), mode);
  await mkdir(folder, mode).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else may have made it at the same time.
    if (error.code !== 'EEXIST' || !(await isFolder(folder))) throw error;
  });
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
