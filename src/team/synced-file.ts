import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../runtime/sync-folder.ts';

/** A file's bytes, and a fingerprint that changes whenever the file is written or replaced. */
export type FileContent = { readonly bytes: Uint8Array; readonly fingerprint: string };

/** The fingerprint of a file that does not exist. */
export const MISSING = 'ENOENT';

/** null where there is no such file; rejects where it can't be read. */
export const readFileWhole = async (path: string): Promise<FileContent | null> => {
  await using file = await openThere(path);
  if (!file) return null;
  // Taken before reading, so that a write in between is noticed at the next look.
  const fingerprint = fingerprintOf(await file.stat({ bigint: true }));
  return { bytes: await file.readFile(), fingerprint };
};

/** The current fingerprint of a file; the error code where it can't be read. Never rejects. */
export const lookAtFile = async (path: string): Promise<string> => {
  try {
    return fingerprintOf(await stat(path, { bigint: true }));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
};

/**
 * Replaces a file atomically: a crash leaves either the old or the new one. Resolves with the new one's fingerprint once it is
 * durable. `ready` is asked just before the rename; where it says no, nothing is replaced, and it resolves with null.
 */
export const replaceFile = async (
  path: string,
  text: string,
  ready: () => Promise<boolean> = async () => true,
): Promise<string | null> => {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    let fingerprint: string;
    {
      await using file = await open(unfinished, 'wx');
      await file.writeFile(text);
      await file.sync();
      fingerprint = fingerprintOf(await file.stat({ bigint: true }));
    }
    if (!(await ready())) {
      await rm(unfinished, { force: true });
      return null;
    }
    await rename(unfinished, path);
    // The rename is durable only once the folder is synced.
    await syncFolder(dirname(path));
    return fingerprint;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
};

const fingerprintOf = ({ ino, size, mtimeNs }: BigIntStats): string => `${ino} ${size} ${mtimeNs}`;

const openThere = async (path: string): Promise<FileHandle | null> => {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
