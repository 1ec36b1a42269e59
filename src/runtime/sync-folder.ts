import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What network file systems answer that do not sync folders (EINVAL for CIFS and vboxsf): there is nothing better to do there. */
const UNSUPPORTED: readonly unknown[] = ['EINVAL', 'ENOTSUP'];

/** Makes durable which names a folder holds: a new or renamed file is found after a crash only once its folder is synced. */
export const syncFolder = async (path: string): Promise<void> => {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync().catch((error: NodeJS.ErrnoException) => {
    if (!UNSUPPORTED.includes(error.code)) throw error;
  });
};
