import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperatorError } from '../core/errors.ts';
import { copySynced, filesBelow, isThere, moveTo, printOf, sync } from './files.ts';

/** A database that can be copied while it is used, and put back. */
export type Database = {
  readonly kind: 'sqlite' | 'postgres';
  /** Whether there is anything that restore() would replace. */
  isFilled(): Promise<boolean>;
  /** Writes it as it is at this moment to a file that is not there yet. */
  copy(to: string): Promise<void>;
  /** What such a file holds; throws where it is damaged. */
  check(file: string): Promise<Readonly<Record<string, number>>>;
  /** Puts such a file in the place of the database; what was there is kept in `aside` where that can be done. */
  restore(file: string, aside: string): Promise<void>;
};

/** A file or folder that belongs to the bot: what it is called in a backup, and where it stands. */
export type Part = {
  readonly name: string;
  readonly path: string;
  /** Whether it stays as it is where a backup lacks it. */
  readonly optional?: boolean;
};

const ManifestSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  madeAt: z.iso.datetime(),
  database: z.object({ kind: z.enum(['sqlite', 'postgres']), rows: z.record(z.string(), z.number()) }),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** What is under way, for whoever waits: of large databases, each takes minutes. */
export type BackupPhase = 'copying the database' | 'copying files' | 'reading the copy again' | 'making checksums';

export const DATABASE = 'database';
const MANIFEST = 'manifest.json';
const UNFINISHED = '.unfinished';

/**
 * Makes a backup in `folder`, which must not exist: under another name until all of it is written, synced and read again.
 * The database comes first: what is told meanwhile may then be told once more after restoring, and is not lost.
 */
export const makeBackup = async (
  folder: string,
  from: { readonly database: Database; readonly parts: readonly Part[]; readonly version: string; readonly at: number },
  tell: (phase: BackupPhase) => void,
): Promise<Manifest> => {
  if (await isThere(folder)) {
    throw new OperatorError(`${folder} is there already.`, { remedy: 'Name a folder that does not exist yet.' });
  }
  const draft = `${folder}${UNFINISHED}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    tell('copying the database');
    await from.database.copy(join(draft, DATABASE));
    tell('copying files');
    for (const { name, path } of from.parts) await copyPart(path, join(draft, name));
    tell('reading the copy again');
    const rows = await from.database.check(join(draft, DATABASE));
    tell('making checksums');
    const files: Manifest['files'] = [];
    for (const name of await filesBelow(draft)) files.push({ name, ...(await printOf(join(draft, name))) });
    const manifest: Manifest = {
      format: 1,
      version: from.version,
      madeAt: new Date(from.at).toISOString(),
      database: { kind: from.database.kind, rows },
      files,
    };
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    await syncFolders(draft);
    await rename(draft, folder);
    await sync(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
};

/** A file, or all files below a folder; nothing where there is none. */
const copyPart = async (from: string, to: string): Promise<void> => {
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

const syncFolders = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await sync(join(entry.parentPath, entry.name));
  }
  await sync(folder);
};

/** Reads a backup and compares every byte with its manifest; throws an OperatorError that names what is damaged. */
export const checkBackup = async (folder: string, database: Pick<Database, 'kind' | 'check'>): Promise<Manifest> => {
  const manifest = await readManifest(folder);
  for (const { name, bytes, sha256 } of manifest.files) {
    const print = await printOf(join(folder, name)).catch(() => undefined);
    if (print?.bytes === bytes && print.sha256 === sha256) continue;
    throw damaged(folder, print ? `${name} was changed since` : `${name} is missing`);
  }
  if (manifest.database.kind !== database.kind) {
    const [made, here] = manifest.database.kind === 'sqlite' ? ['SQLite', 'PostgreSQL'] : ['PostgreSQL', 'SQLite'];
    throw new OperatorError(`The backup is of a store in ${made}, and this bot keeps its data in ${here}.`, {
      remedy:
        made === 'SQLite'
          ? 'Restore it without DATABASE_URL, and move it then: store migrate --to postgres://…'
          : 'Set DATABASE_URL to the database to restore it to.',
    });
  }
  const rows = await database.check(join(folder, DATABASE));
  for (const [table, count] of Object.entries(manifest.database.rows)) {
    if (rows[table] !== count)
      throw damaged(folder, `its database holds ${rows[table]} rows of ${table}, not ${count}`);
  }
  return manifest;
};

const damaged = (folder: string, what: string): OperatorError =>
  new OperatorError(`The backup ${folder} is damaged: ${what}. Nothing was restored.`, { remedy: 'Use another one.' });

const readManifest = async (folder: string): Promise<Manifest> => {
  try {
    const manifest = ManifestSchema.parse(JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')));
    const leaves = manifest.files.some(({ name }) => name.startsWith('/') || name.split('/').includes('..'));
    if (!leaves) return manifest;
  } catch (error) {
    throw new OperatorError(
      `${folder} is no backup of this bot: its ${MANIFEST} can't be read (${firstLine(error)}).`,
      {
        remedy: 'Name a folder that the command backup made.',
        cause: error,
      },
    );
  }
  throw damaged(folder, 'it names files outside of it');
};

const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';

/**
 * Puts a backup that was checked in place, part by part; what was there is kept in `aside`, by the same names. Broken off, it
 * can be done again. Returns what was put in place.
 */
export const restoreBackup = async (
  folder: string,
  aside: string,
  to: { readonly database: Database; readonly parts: readonly Part[] },
): Promise<readonly string[]> => {
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const restored: string[] = [];
  for (const { name, path, optional } of to.parts) {
    if (!(await isThere(join(folder, name)))) {
      if (!optional && (await isThere(path))) await moveTo(path, join(aside, name));
      continue;
    }
    const draft = join(dirname(path), `.${basename(path)}.restoring`);
    await rm(draft, { recursive: true, force: true });
    await copyPart(join(folder, name), draft);
    if (await isThere(path)) await moveTo(path, join(aside, name));
    await rename(draft, path);
    await sync(dirname(path));
    restored.push(name);
  }
  await to.database.restore(join(folder, DATABASE), aside);
  await sync(aside);
  return [...restored, DATABASE];
};

/** Backups in a folder, oldest first: their names tell the time. */
export const backupsIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
    .sort()
    .map((name) => join(folder, name));
};

/** Removes all but the newest. Returns what is gone. */
export const keepNewest = async (folder: string, most: number): Promise<readonly string[]> => {
  const old = (await backupsIn(folder)).slice(0, -most);
  for (const each of old) await rm(each, { recursive: true });
  return old;
};
