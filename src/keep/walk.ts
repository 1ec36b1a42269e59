import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Errors that say there is nothing at a path: no such file, a parent that is no folder, a link that leads to itself. */
const GONE: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Whether an error says that nothing is there (any more), as after a running bot has removed a draft. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && GONE.includes(error.code);

/** To catch with: `undefined` in place of what is gone; throws any other error again. */
export const unlessGone = (error: unknown): undefined => {
  if (!isGone(error)) throw error;
  return undefined;
};

/**
 * The paths of all files below a folder, sorted; none where there is no such folder. Skips only what a running bot removes
 * meanwhile. With `links`, follows symbolic links, and enters each folder once.
 */
export const filesIn = async (folder: string, { links = false } = {}): Promise<string[]> => {
  const seen = new Set<string>();
  const walk = async (path: string): Promise<string[]> => {
    const real = await realpath(path).catch(unlessGone);
    if (real === undefined || seen.has(real)) return [];
    seen.add(real);
    const entries = (await readdir(path, { withFileTypes: true }).catch(unlessGone)) ?? [];
    const files: string[] = [];
    for (const entry of entries) {
      const child = join(path, entry.name);
      const kind = await kindOf(entry, child, links);
      if (kind === 'folder') files.push(...(await walk(child)));
      if (kind === 'file') files.push(child);
    }
    return files;
  };
  return (await walk(folder)).sort();
};

const kindOf = async (entry: Dirent, path: string, links: boolean): Promise<'file' | 'folder' | undefined> => {
  const at = links && entry.isSymbolicLink() ? await stat(path).catch(unlessGone) : entry;
  if (at?.isDirectory()) return 'folder';
  return at?.isFile() ? 'file' : undefined;
};
