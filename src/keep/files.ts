import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Whether there is anything of that name. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

/** Files below a folder by their names within it, with slashes; none where there is no such folder. */
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

/** Puts a file's or a folder's content, or the names in it, on disk for good. */
export const sync = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r');
  await handle.sync();
};

/** Copies a file, making the folders on the way, and puts it on disk for good. */
export const copySynced = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await sync(to);
};

/** Copies a file, or all files below a folder, and puts them on disk for good; nothing where there is none. */
export const copyPart = async (from: string, to: string): Promise<void> => {
  const below = await filesBelow(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (below === undefined) await copySynced(from, to);
  // A file that is gone by now was a draft, or was taken away by somebody.
  else for (const name of below) await copySynced(join(from, name), join(to, name)).catch(unlessGone);
};

const unlessGone = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

/** Moves a file or folder to a place where there is nothing, on another disk too. */
export const moveTo = async (from: string, to: string): Promise<void> => {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // Under another name until it is whole, so that what is there is never a part of it.
    const draft = `${to}.moving`;
    await rm(draft, { recursive: true, force: true });
    try {
      await cp(from, draft, { recursive: true, preserveTimestamps: true });
      for (const name of await filesBelow(draft).catch(unlessFile)) await sync(join(draft, name));
      await rename(draft, to);
    } catch (failure) {
      await rm(draft, { recursive: true, force: true });
      throw failure;
    }
    await sync(dirname(to));
    await rm(from, { recursive: true });
  }
};

/** A file is below itself, so to say, by no name. */
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
