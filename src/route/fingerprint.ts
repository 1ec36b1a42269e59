import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A text that differs whenever one of the files differs in size, time or identity, or comes or goes; folders stand for
 * all that is in them, except hidden files. Never rejects: what can't be looked at counts as missing.
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
