import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Trouble } from '../core/alert.ts';
import { DISK, diskTrouble } from './alert/troubles.ts';

/** How many bytes this user may still write on the disk of a folder; undefined if that can't be determined. */
export const freeBytes = async (folder: string): Promise<number | undefined> => {
  const found = await statfs(folder).catch(() => undefined);
  return found && found.bavail * found.bsize;
};

/** Reports whether the disk of a folder is nearly full. Has hysteresis: it counts as full until clearly more is free again. */
export const watchDisk = (
  folder: string,
  { free = freeBytes, now }: { readonly free?: typeof freeBytes; readonly now: () => number },
): (() => Promise<Trouble[]>) => {
  let full = false;
  let left: number | undefined;
  return async () => {
    const found = await free(folder);
    // A check that fails says nothing: it must not end the trouble.
    if (found !== undefined) {
      left = found;
      full = found < (full ? DISK.enough : DISK.least);
    }
    return full && left !== undefined ? [diskTrouble({ host: hostname(), folder, free: left }, now())] : [];
  };
};
