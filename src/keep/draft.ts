import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { filesBelow, isThere } from './files.ts';

/** The suffix of a backup's folder while it is being written. */
export const UNFINISHED = '.unfinished';
const NAMED_BY_TIME = /\d{8}T\d{6}Z\.unfinished$/;
/** A file in it that names the process that writes it. */
export const SIGNATURE = 'being-written-by';

/** Milliseconds without a write after which nobody is taken to be writing it any more. */
const ABANDONED = 3_600_000;

/**
 * Makes the folder, signed by this process, and first removes one of that name that a killed process left behind. Throws an
 * OperatorError where another process is writing there.
 */
export const beginDraft = async (draft: string): Promise<void> => {
  if (await isThere(draft)) {
    if (await isBeingWritten(draft)) throw beingWritten(draft);
    await rm(draft, { recursive: true, force: true });
  }
  await makeFolder(dirname(draft), 0o700);
  await mkdir(draft, 0o700).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw beingWritten(draft);
    return makeFolder(draft, 0o700);
  });
  await writeFile(join(draft, SIGNATURE), `${hostname()} ${process.pid}\n`);
};

const beingWritten = (draft: string): OperatorError =>
  new OperatorError(`Another backup is being written to ${draft}.`, {
    remedy: 'Wait until it is done. If none is running, delete that folder.',
  });

export const unsignDraft = (draft: string): Promise<void> => rm(join(draft, SIGNATURE));

/** Removes what killed backups have left in a folder. */
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
  // Without a signature it may be somebody else's folder, unless its name tells what it is.
  if ((await signatureOf(draft)) === '' && !NAMED_BY_TIME.test(draft)) return false;
  return !(await isBeingWritten(draft));
};

const signatureOf = (draft: string): Promise<string> =>
  readFile(join(draft, SIGNATURE), 'utf8').then(
    (text) => text.trim(),
    () => '',
  );

const isBeingWritten = async (draft: string): Promise<boolean> => {
  const [host, id] = (await signatureOf(draft)).split(' ');
  // Other machines, and other containers, number their processes on their own.
  if (host === hostname() && !isRunning(Number(id))) return false;
  return Math.abs(Date.now() - (await lastWritten(draft))) <= ABANDONED;
};

/** Whether there is a process with that id, whoever owns it. */
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
