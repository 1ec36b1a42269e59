import { mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { syncFolder } from '../runtime/sync-folder.ts';
import { DATABASE, type Database, type Part } from './backup.ts';
import { copyPart, isThere, moveTo } from './files.ts';
import { filesIn, unlessGone } from './walk.ts';

/** Whether `path` is `folder` or lies in it; both are absolute. */
export const isWithin = (folder: string, path: string): boolean => {
  const from = relative(folder, path);
  return from === '' || !(from === '..' || from.startsWith('../') || isAbsolute(from));
};

/** The existing parts that restoring this backup would replace; a folder without files counts as none. */
export const standingParts = async (folder: string, parts: readonly Part[]): Promise<Part[]> => {
  const standing: Part[] = [];
  for (const part of parts) {
    const touched = !part.optional || (await isThere(join(folder, part.name)));
    if (touched && (await holdsSomething(part.path))) standing.push(part);
  }
  return standing;
};

const holdsSomething = async (path: string): Promise<boolean> => {
  const found = await stat(path).catch(unlessGone);
  return found?.isDirectory() ? (await filesIn(path, { links: true })).length > 0 : found !== undefined;
};

/**
 * The parts with new paths for those in `taken`, whose own path outside the bot's folder is in use, as by a running bot's
 * rules: these go into `beside`, and only those that the backup has.
 */
export const placedBeside = async (
  folder: string,
  parts: readonly Part[],
  taken: readonly Part[],
  beside: string,
): Promise<Part[]> => {
  const placed: Part[] = [];
  for (const part of parts) {
    if (!taken.includes(part)) placed.push(part);
    else if (await isThere(join(folder, part.name))) placed.push({ ...part, path: join(beside, part.name) });
  }
  return placed;
};

/**
 * Puts a checked backup in place, part by part, and keeps what was there in `aside` under the same names. May be interrupted
 * and repeated. Returns what was put in place, and whether anything was kept.
 */
export const restoreBackup = async (
  folder: string,
  aside: string,
  to: { readonly database: Database; readonly parts: readonly Part[] },
): Promise<{ readonly parts: readonly string[]; readonly kept: boolean }> => {
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const restored: string[] = [];
  for (const { name, path, optional } of to.parts) {
    if (await isThere(join(folder, name))) {
      await putInPlace(join(folder, name), path, join(aside, name));
      restored.push(name);
    } else if (!optional && (await isThere(path))) {
      await moveTo(path, join(aside, name));
    }
  }
  await to.database.restore(join(folder, DATABASE), aside);
  await syncFolder(aside);
  // Fails where something was kept.
  const empty = await rmdir(aside).then(
    () => true,
    () => false,
  );
  return { parts: [...restored, DATABASE], kept: !empty };
};

/** Copies to a sibling first and renames it, so that a part is there as a whole or not at all. */
const putInPlace = async (from: string, path: string, aside: string): Promise<void> => {
  const draft = join(dirname(path), `.${basename(path)}.restoring`);
  await rm(draft, { recursive: true, force: true });
  try {
    await copyPart(from, draft);
    if (await isThere(path)) await moveTo(path, aside);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  await syncFolder(dirname(path));
};
