import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './files.ts';

/** How the folder of a backup ends while it is being written. */
export const UNFINISHED = '.unfinished';
const NAMED_BY_TIME = /\d{8}T\d{6}Z\.unfinished$/;
/** A file in it that says who writes it. */
export const SIGNATURE = 'being-written-by';

/** An hour without a word written, in milliseconds: nobody writes it any more. */
const ABANDONED = 3_600_000;

/** Says that this process writes it. */
export const signDraft = (draft: string): Promise<void> =>
  writeFile(join(draft, SIGNATURE), `${hostname()} ${process.pid}\n`);

export const unsignDraft = (draft: string): Promise<void> => rm(join(draft, SIGNATURE));

/** Takes away what backups that were killed have left in a folder. */
export const removeAbandoned = async (folder: string): Promise<void> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((each) => each.endsWith(UNFINISHED))) {
    const draft = join(folder, name);
    if (await isAbandoned(draft)) await rm(draft, { recursive: true, force: true });
  }
};

const isAbandoned = async (draft: string): Promise<boolean> => {
  const signature = await readFile(join(draft, SIGNATURE), 'utf8').catch(() => '');
  // Without a signature it may be somebody else's folder, unless its name tells what it is.
  if (signature === '' && !NAMED_BY_TIME.test(draft)) return false;
  const [host, id] = signature.trim().split(' ');
  // Processes of other machines, or of other containers, have numbers of their own.
  if (host === hostname() && !isRunning(Number(id))) return true;
  return Math.abs(Date.now() - (await lastWritten(draft))) > ABANDONED;
};

/** Whether there is a process of that number, be it another's. */
const isRunning = (id: number): boolean => {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const lastWritten = async (draft: string): Promise<number> => {
  const paths = [draft, ...(await filesBelow(draft)).map((name) => join(draft, name))];
  const times = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  return Math.max(...times.map((found) => found?.mtimeMs ?? 0));
};
