import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../runtime/sync-folder.ts';

/** A file's bytes, and a text that differs whenever the file was written anew or replaced. */
export type FileContent = { readonly bytes: Uint8Array; readonly print: string };

/** The print of a file that is not there. */
export const MISSING = 'ENOENT';

/** null where there is no such file; rejects where it can't be read. */
export const readFileWhole = async (path: string): Promise<FileContent | null> => {
  await using file = await openThere(path);
  if (!file) return null;
  // Looked at before it is read: whoever writes meanwhile is noticed at the next look.
  const print = printOf(await file.stat({ bigint: true }));
  return { bytes: await file.readFile(), print };
};

/** The print of the file as it is now; of one that can't be looked at, why. Never rejects. */
export const lookAtFile = async (path: string): Promise<string> => {
  try {
    return printOf(await stat(path, { bigint: true }));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
};

/**
 * Replaces a file: afterwards, and after any crash, there is the old one or the new one, whole. Resolves with the print of
 * the new one when it is on disk for good. `ready` is asked at the last moment; where it says no, nothing is replaced.
 */
export const replaceFile = async (
  path: string,
  text: string,
  ready: () => Promise<boolean> = async () => true,
): Promise<string | null> => {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    let print: string;
    {
      await using file = await open(unfinished, 'wx');
      await file.writeFile(text);
      await file.sync();
      print = printOf(await file.stat({ bigint: true }));
    }
    if (!(await ready())) {
      await rm(unfinished, { force: true });
      return null;
    }
    await rename(unfinished, path);
    // The new name is only on disk once the folder is.
    await syncFolder(dirname(path));
    return print;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
};

const printOf = ({ ino, size, mtimeNs }: BigIntStats): string => `${ino} ${size} ${mtimeNs}`;

const openThere = async (path: string): Promise<FileHandle | null> => {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
