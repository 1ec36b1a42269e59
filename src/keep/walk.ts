import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What is gone by now, as drafts of a running bot are. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** `undefined` in place of what is gone by now; rejects with any other error. */
export const unlessGone = (error: unknown): undefined => {
  if (!isGone(error)) throw error;
  return undefined;
};

/**
 * All files below a folder, in order; none where there is no such folder. What a running bot takes away meanwhile is passed
 * over, and nothing else is. With `links`, what links lead to counts as standing there.
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
