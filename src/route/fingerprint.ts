import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A text that changes whenever one of the files changes in size, time or identity, or appears or disappears; a folder stands for
 * everything in it except hidden files. Never rejects: what can't be read counts as missing.
 */
export const fingerprint = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map(printOf))).join('\n');

const printOf = async (path: string): Promise<string> => {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isDirectory()) return `${path} ${found.ino} ${found.size} ${found.mtimeNs}`;
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    return fingerprint(names.map((name) => join(path, name)));
  } catch {
    return `${path} missing`;
  }
};
