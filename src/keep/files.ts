import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { syncFolder } from '../runtime/sync-folder.ts';
import { filesIn, unlessGone } from './walk.ts';

/** Whether a file or folder of that name exists. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

/** Regular files below a folder by their paths within it, with slashes; none where there is no such folder. */
export const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
};

/** Syncs a file's content to disk; for the names in a folder, see syncFolder(). */
const syncFile = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r');
  await handle.sync();
};

/** Copies a file, making the folders above it, and syncs it to disk. */
export const copySynced = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await syncFile(to);
};

/**
 * Copies a file, or all files below a folder, and syncs them to disk; nothing where there is none. Of symbolic links, as a
 * folder mounted from a Kubernetes ConfigMap is made of, it copies what they lead to.
 */
export const copyPart = async (from: string, to: string): Promise<void> => {
  const found = await stat(from).catch(unlessGone);
  if (found?.isFile()) return copySynced(from, to);
  for (const path of found ? await filesIn(from, { links: true }) : []) {
    // A file that is gone by now was a draft, or somebody removed it.
    await copySynced(path, join(to, relative(from, path))).catch(unlessGone);
  }
};

/** Moves a file or folder to a path where there is nothing yet, also across disks. */
export const moveTo = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // Copied under another name first, so that `to` is never incomplete.
    const draft = `${to}.moving`;
    await rm(draft, { recursive: true, force: true });
    try {
      await cp(from, draft, { recursive: true, preserveTimestamps: true });
      for (const name of await filesBelow(draft).catch(unlessFile)) await syncFile(join(draft, name));
      await rename(draft, to);
    } catch (failure) {
      await rm(draft, { recursive: true, force: true });
      throw failure;
    }
    await syncFolder(dirname(to));
    await rm(from, { recursive: true });
  }
};

/** For a file, which has nothing below it, the empty path: itself. */
const unlessFile = (error: NodeJS.ErrnoException): string[] => {
  if (error.code === 'ENOTDIR') return [''];
  throw error;
};

export type Print = { readonly bytes: number; readonly sha256: string };

/** The length and digest of a file, read piece by piece. */
export const printOf = async (path: string): Promise<Print> => {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    digest.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: digest.digest('hex') };
};
