import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Trouble } from '../core/alert.ts';
import { DISK, diskTrouble } from './alert/troubles.ts';

/** Bytes that this user may still write where a folder is; undefined where that can't be found out. */
export const freeBytes = async (folder: string): Promise<number | undefined> => {
  const found = await statfs(folder).catch(() => undefined);
  return found && found.bavail * found.bsize;
};

/** Looks whether the disk of a folder is nearly full. Once it was, it is so until there is clearly more room again. */
export const watchDisk = (
  folder: string,
  { free = freeBytes, now }: { readonly free?: typeof freeBytes; readonly now: () => number },
): (() => Promise<Trouble[]>) => {
  let full = false;
  return async () => {
    const left = await free(folder);
    if (left !== undefined) full = left < (full ? DISK.enough : DISK.least);
    return full && left !== undefined ? [diskTrouble({ host: hostname(), folder, free: left }, now())] : [];
  };
};
