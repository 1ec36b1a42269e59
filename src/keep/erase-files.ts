import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { safeCell, toLine } from '../core/csv.ts';
import { readRecords } from '../deliver/sheet/csv-reader.ts';
import { resolveSheetPath } from '../deliver/sheet/path.ts';
import { type Piece, replaceFile } from '../deliver/sheet/replace-file.ts';
import { openSheet } from '../deliver/sheet/sheet-file.ts';
import { ERASED, type Person, scrubber } from './person.ts';

/** What of the person's is named in files beside their address. */
export type Known = { readonly ids: ReadonlySet<string>; readonly words: readonly string[] };

const filesIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

/** Mails and posts that were written to the outbox in place of being sent, and name the person or tell of them. */
export const outboxFilesOf = async (
  folders: readonly string[],
  person: Person,
  ids: ReadonlySet<string>,
): Promise<string[]> => {
  const names = new Set([...ids].map((id) => id.replace(/[^\w.-]/g, '_')));
  const found: string[] = [];
  for (const file of (await Promise.all(folders.map(filesIn))).flat()) {
    const id = /^\d{8}T\d{6}Z-(.+)\.\w+$/.exec(file.slice(file.lastIndexOf(sep) + 1))?.[1];
    if ((id !== undefined && names.has(id)) || mailTexts(await bytesOf(file)).some(person.isIn)) found.push(file);
  }
  return found;
};

/** The bytes of a file; none where a running bot has taken it away since it was listed, as it does with drafts. */
const bytesOf = (file: string): Promise<Buffer> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });

export const removeFiles = async (files: readonly string[]): Promise<void> => {
  for (const file of files) await rm(file, { force: true });
};

/** A mail's text as it stands, and as its parts read without base64 and quoted-printable (RFC 2045 §6.7, §6.8). */
const mailTexts = (bytes: Buffer): string[] => {
  const text = bytes.toString('utf8');
  const plain = text
    .replace(/=\r?\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (coded) => Buffer.from(coded.replaceAll('=', ''), 'hex').toString('utf8'));
  const parts =
    text.match(/^(?:[A-Za-z0-9+/]{40,}={0,2}\r?\n)+(?:[A-Za-z0-9+/]+={0,2}\r?\n?)?|^[A-Za-z0-9+/]{16,}={0,2}\r?$/gm) ??
    [];
  return [text, plain, ...parts.map((part) => Buffer.from(part, 'base64').toString('utf8'))];
};

export type SheetOutcome = { readonly file: string; readonly rows: number };

/**
 * Empties the person's cells in the sheets below `folder`; their rows stay, and so does all else, byte for byte. With
 * `dry`, only counts. Rejects where another program keeps changing a file.
 */
export const eraseInSheets = async (
  folder: string,
  person: Person,
  known: Known,
  { dry }: { readonly dry: boolean },
): Promise<SheetOutcome[]> => {
  const outcomes: SheetOutcome[] = [];
  const scrub = scrubber(person, [...new Set(known.words.flatMap((word) => [word, safeCell(word)]))]);
  for (const path of await filesIn(folder)) {
    const name = relative(folder, path).split(sep).join('/');
    if (!name.endsWith('.csv') || name.split('/').some((part) => part.startsWith('.'))) continue;
    const rows = await eraseInSheet(folder, name, { person, ids: known.ids, scrub, dry });
    if (rows > 0) outcomes.push({ file: path, rows });
  }
  return outcomes;
};

const TRIES = 20;

const eraseInSheet = async (
  folder: string,
  name: string,
  how: { person: Person; ids: ReadonlySet<string>; scrub: (text: string) => string; dry: boolean },
): Promise<number> => {
  const { person, ids, scrub, dry } = how;
  const place = resolveSheetPath(folder, name);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const sheet = await openSheet(place, { [ERASED]: '' }, undefined);
    try {
      const pieces: Piece[] = [];
      for await (const { cells, offset, end, lineEnd = sheet.state.lineEnd } of readRecords(sheet.handle)) {
        const theirs = cells.some((cell) => ids.has(cell) || ids.has(cell.replace(/^'/, '')) || person.isIn(cell));
        const changed = theirs ? cells.map((cell) => (ids.has(cell) ? cell : scrub(cell))) : cells;
        if (changed.some((cell, index) => cell !== cells[index]))
          pieces.push({ offset, end, text: toLine(changed, lineEnd) });
      }
      if (pieces.length === 0 || dry) return pieces.length;
      if ((await replaceFile(sheet, place, pieces, { pad: undefined })) === 'replaced') return pieces.length;
    } finally {
      await sheet.handle.close();
    }
  }
  throw new Error(`${place.path} is changed by another program all the time. Close it there, and erase again.`);
};

/** Files below a folder that name the person, whatever they are; those of `except` are not looked into. */
export const filesNaming = async (
  folder: string,
  person: Person,
  except: (file: string) => boolean,
): Promise<string[]> => {
  const found: string[] = [];
  for (const file of await filesIn(folder)) {
    if (except(file)) continue;
    const { size } = await stat(file).catch(() => ({ size: 0 }));
    const small = size < 20_000_000;
    if (
      person.isIn(file) ||
      (small ? mailTexts(await bytesOf(file)).some(person.isIn) : await bytesName(file, person).catch(unlessGone))
    ) {
      found.push(file);
    }
  }
  return found;
};

/** Dumps of a PostgreSQL database below a folder, as backups have them: compressed, so that nobody can look for texts in them. */
export const dumpsIn = async (folder: string): Promise<string[]> => {
  const found: string[] = [];
  for (const file of await filesIn(folder)) if (await isDump(file).catch(unlessGone)) found.push(file);
  return found;
};

/** What is gone by now, as drafts of a running bot are, names nobody. */
export const unlessGone = (error: NodeJS.ErrnoException): boolean => {
  if (error.code !== 'ENOENT') throw error;
  return false;
};

/** What each dump in pg_dump's own format begins with. */
const DUMP = 'PGDMP';

const isDump = async (file: string): Promise<boolean> => {
  for await (const chunk of createReadStream(file, { encoding: 'latin1', end: DUMP.length - 1 })) return chunk === DUMP;
  return false;
};

/** Whether the bytes of a file, of whatever kind and size, hold the address in plain letters of any case. */
export const bytesName = async (file: string, person: Person): Promise<boolean> => {
  let left = '';
  const stream = createReadStream(file, { highWaterMark: 4_194_304 });
  for await (const chunk of stream) {
    const text =
      left +
      Buffer.from(chunk as Buffer)
        .toString('latin1')
        .toLowerCase();
    const spellings = person.spellings.map((spelling) => Buffer.from(spelling).toString('latin1'));
    if (
      spellings.some((spelling) => text.includes(spelling)) &&
      person.isIn(Buffer.from(text, 'latin1').toString('utf8'))
    )
      return true;
    left = text.slice(-1_000);
  }
  return false;
};
