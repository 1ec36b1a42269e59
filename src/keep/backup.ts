import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperatorError } from '../core/errors.ts';
import { syncFolder } from '../runtime/sync-folder.ts';
import { beginDraft, removeAbandoned, SIGNATURE, UNFINISHED, unsignDraft } from './draft.ts';
import { copyPart, filesBelow, isThere, printOf } from './files.ts';
import { isGone } from './walk.ts';

/** A database that can be copied while it is in use, and restored. */
export type Database = {
  readonly kind: 'sqlite' | 'postgres';
  /** Whether it holds anything that restore() would replace. */
  isFilled(): Promise<boolean>;
  /** Writes a snapshot to a file that must not exist yet. */
  copy(to: string): Promise<void>;
  /** Checks such a file and returns its row counts by table; throws where it is damaged. */
  check(file: string): Promise<Readonly<Record<string, number>>>;
  /** Replaces the database with such a file, and keeps what was there in the folder `aside`. */
  restore(file: string, aside: string): Promise<void>;
};

/** A file or folder that belongs to the bot: its name in a backup, and its path. */
export type Part = {
  readonly name: string;
  readonly path: string;
  /** Whether a restore leaves it as it is where the backup lacks it. */
  readonly optional?: boolean;
};

/** To be raised when older versions would misread a backup. */
const FORMAT = 1;

const ManifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  madeAt: z.iso.datetime(),
  database: z.object({ kind: z.enum(['sqlite', 'postgres']), rows: z.record(z.string(), z.number()) }),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof ManifestSchema>;

/** Progress, for whoever waits: with a large database, each phase takes minutes. */
export type BackupPhase = 'copying the database' | 'copying files' | 'reading the copy again' | 'making checksums';

export const DATABASE = 'database';
const MANIFEST = 'manifest.json';

/**
 * Makes a backup in `folder`, which must not exist: under another name until all of it is written, synced and read back.
 * Removes what killed backups left beside it; throws an OperatorError where another process is writing the same one.
 * The database is copied first: what is delivered meanwhile may be delivered once more after a restore, but is not lost.
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
  await removeAbandoned(dirname(folder));
  await beginDraft(draft);
  try {
    tell('copying the database');
    await from.database.copy(join(draft, DATABASE));
    tell('copying files');
    for (const { name, path } of from.parts) await copyPart(path, join(draft, name));
    tell('reading the copy again');
    const rows = await from.database.check(join(draft, DATABASE));
    tell('making checksums');
    const files: Manifest['files'] = [];
    for (const name of await filesBelow(draft)) {
      if (name !== SIGNATURE) files.push({ name, ...(await printOf(join(draft, name))) });
    }
    const manifest: Manifest = {
      format: FORMAT,
      version: from.version,
      madeAt: new Date(from.at).toISOString(),
      database: { kind: from.database.kind, rows },
      files,
    };
    await writeFile(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
    await unsignDraft(draft);
    await syncFolders(draft);
    await rename(draft, folder);
    await syncFolder(dirname(folder));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
};

const syncFolders = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  }
  await syncFolder(folder);
};

/**
 * Reads a backup and checks all of it against its manifest. Throws an OperatorError that names what is damaged, or says that
 * it was made by a later version than `version`.
 */
export const checkBackup = async (
  folder: string,
  database: Pick<Database, 'kind' | 'check'>,
  version: string,
): Promise<Manifest> => {
  const manifest = await readManifest(folder, version);
  for (const { name, bytes, sha256 } of manifest.files) {
    const print = await printOf(join(folder, name)).catch((error: unknown) => {
      if (isGone(error)) return undefined;
      throw damaged(folder, `${name} can't be read (${messageOf(error)})`);
    });
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

const readManifest = async (folder: string, version: string): Promise<Manifest> => {
  try {
    const read: unknown = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'));
    refuseNewer(folder, read, version);
    const manifest = ManifestSchema.parse(read);
    const escapes = manifest.files.some(({ name }) => name.startsWith('/') || name.split('/').includes('..'));
    if (!escapes) return manifest;
  } catch (error) {
    if (error instanceof OperatorError) throw error;
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

/** The only part of a manifest that later formats promise to keep. */
const OriginSchema = z.object({ format: z.int(), version: z.string() });

const refuseNewer = (folder: string, read: unknown, version: string): void => {
  const origin = OriginSchema.safeParse(read).data;
  if (!origin || (origin.format <= FORMAT && !isLater(origin.version, version))) return;
  throw new OperatorError(
    `The backup ${folder} was made by webkasa-bot ${origin.version}, which is newer than this one (${version}). Nothing was restored.`,
    { remedy: `Install webkasa-bot ${origin.version} or newer, and restore with that.` },
  );
};

const isLater = (one: string, other: string): boolean => {
  const [ones, others] = [one, other].map((version) => version.split(/[.+-]/, 3).map((part) => Number(part) || 0));
  const index = [0, 1, 2].find((at) => ones?.[at] !== others?.[at]) ?? 0;
  return (ones?.[index] ?? 0) > (others?.[index] ?? 0);
};

const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';

/** The backups in a folder, oldest first: they are named by their time. */
const backupsIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
    .sort()
    .map((name) => join(folder, name));
};

/** Removes all but the newest `most` (at least 1), also where another process does the same. Returns those removed. */
export const keepNewest = async (folder: string, most: number): Promise<readonly string[]> => {
  const old = (await backupsIn(folder)).slice(0, -most);
  for (const each of old) await rm(each, { recursive: true, force: true });
  return old;
};
