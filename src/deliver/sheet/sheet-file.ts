import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type LineEnd, toLine } from '../../core/csv.ts';
import { DeliveryError } from '../../core/errors.ts';
import { syncFolder } from '../../runtime/sync-folder.ts';
import { headerOf } from './csv.ts';
import { readRecords } from './csv-reader.ts';
import { linkFailure, sheetFailure } from './failure.ts';
import { forgetColumns } from './known-columns.ts';
import type { SheetPath } from './path.ts';

/** What is known about a file; valid while nobody else changes it. */
export type SheetState = {
  /** Detects whether the file is still as this process left it. */
  stamp: Stamp;
  readonly header: readonly string[];
  readonly lineEnd: LineEnd;
  /** Delivery ids by offset, for the latest rows that this process wrote or found. */
  readonly owners: Map<number, string>;
  /** When its last line was found cut off, in Unix milliseconds. */
  cutSince: number | undefined;
};

export type Stamp = { readonly inode: string; readonly size: number; readonly changed: bigint };

export type OpenSheet = { readonly handle: FileHandle; readonly state: SheetState };

const { O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;

/** A longer first line is no header, but a file without line ends, which is not read into memory. */
const MOST_HEADER_BYTES = 1_048_576;

/**
 * Opens a sheet for reading and appending. A missing or empty one is created with a header of `columns`. `known` is used while
 * it is valid. The caller closes the handle.
 */
export const openSheet = async (
  place: SheetPath,
  columns: Readonly<Record<string, string>>,
  known: SheetState | undefined,
): Promise<OpenSheet> => {
  await makeFolders(place);
  for (let tries = 0; tries < 3; tries += 1) {
    const handle = await openExisting(place.path);
    if (handle === undefined) {
      await beginSheet(place, headerOf(columns));
      continue;
    }
    try {
      const state = await readState(handle, place, known);
      if (state !== undefined) return { handle, state };
    } catch (error) {
      await handle.close();
      throw error;
    }
    const { mode } = await handle.stat();
    await handle.close();
    await beginSheet(place, headerOf(columns), mode);
  }
  throw busy(place.file);
};

export const busy = (file: string): DeliveryError =>
  new DeliveryError(
    'file_busy',
    `The row for ${file} waits: another program keeps changing the file. Close it there; it is tried again by itself.`,
    { verdict: 'retry' },
  );

export const stampOf = async (handle: FileHandle): Promise<Stamp & { readonly links: number }> => {
  const { dev, ino, size, mtimeNs, nlink } = await handle.stat({ bigint: true });
  return { inode: `${dev}:${ino}`, size: Number(size), changed: mtimeNs, links: Number(nlink) };
};

export const sameStamp = (one: Stamp, other: Stamp): boolean =>
  one.inode === other.inode && one.size === other.size && one.changed === other.changed;

/** The bytes from `from` up to `to`, fewer where the file ends before. */
export const readBytes = async (handle: FileHandle, from: number, to: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
};

const openExisting = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path, O_RDWR | O_APPEND | O_NOFOLLOW);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/** undefined for a file without any record, which still needs its header. */
const readState = async (
  handle: FileHandle,
  place: SheetPath,
  known: SheetState | undefined,
): Promise<SheetState | undefined> => {
  const stamp = await stampOf(handle);
  if (known && sameStamp(stamp, known.stamp)) return known;
  if (!(await handle.stat()).isFile()) throw sheetFailure({ code: 'EISDIR' }, place.file, false);
  // Whoever created it may have crashed before the sync: without a durable name, its rows would be lost.
  await syncNames(place);
  for await (const { cells, lineEnd = '\r\n' } of readRecords(handle, 0, MOST_HEADER_BYTES)) {
    return { stamp, header: cells, lineEnd, owners: new Map(), cutSince: undefined };
  }
  return undefined;
};

/**
 * Creates a file atomically with its header, so that no crash leaves half of one. Does not replace a file that has appeared
 * meanwhile, unless `mode` is given: then it replaces an empty one and gets its permissions.
 */
const beginSheet = async (place: SheetPath, header: readonly string[], mode?: number): Promise<void> => {
  const draft = join(dirname(place.path), `.${basename(place.path)}.new`);
  // Removed, not truncated: after a crash between link and removal, the draft is another name of a sheet that has rows by now.
  await rm(draft, { force: true });
  const handle = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  try {
    if (mode !== undefined) await handle.chmod(mode & 0o777);
    await handle.writeFile(toLine(header, '\r\n'));
    await handle.datasync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await forgetColumns(place);
  if (mode === undefined) await linkOrRename(draft, place.path);
  else await rename(draft, place.path);
};

const linkOrRename = async (draft: string, path: string): Promise<void> => {
  try {
    await link(draft, path);
    await rm(draft);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) await rm(draft, { force: true });
    // Some file systems have no hard links.
    else if (isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) await rename(draft, path);
    else throw error;
  }
};

/** Creates missing folders, and refuses those that are symbolic links. */
const makeFolders = async ({ folder, file }: SheetPath): Promise<void> => {
  await mkdir(folder, { recursive: true });
  let path = folder;
  for (const part of file.split('/').slice(0, -1)) {
    path = join(path, part);
    try {
      await mkdir(path);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
      if ((await lstat(path)).isSymbolicLink()) throw linkFailure(file);
    }
  }
};

/** Makes all names in a file's path durable: of the file, its folders, and the folder for sheets. */
export const syncNames = async ({ folder, path }: SheetPath): Promise<void> => {
  for (let name = path; name.length >= folder.length; name = dirname(name)) await syncFolder(dirname(name));
};

const isErrno = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
