import { createReadStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { Person } from './person.ts';
import { filesIn, unlessGone } from './walk.ts';

/** Mails and posts in the outbox that name the person or belong to one of their deliveries (`ids`). */
export const outboxFilesOf = async (
  folders: readonly string[],
  person: Person,
  ids: ReadonlySet<string>,
): Promise<string[]> => {
  const names = new Set([...ids].map((id) => id.replace(/[^\w.-]/g, '_')));
  const found: string[] = [];
  for (const file of (await Promise.all(folders.map((folder) => filesIn(folder)))).flat()) {
    const id = /^\d{8}T\d{6}Z-(.+)\.\w+$/.exec(file.slice(file.lastIndexOf(sep) + 1))?.[1];
    if ((id !== undefined && names.has(id)) || mailTexts(await bytesOf(file)).some(person.isIn)) found.push(file);
  }
  return found;
};

/** A file's bytes; none where it was removed after it was listed. */
const bytesOf = async (file: string): Promise<Buffer> => (await readFile(file).catch(unlessGone)) ?? Buffer.alloc(0);

export const removeFiles = async (files: readonly string[]): Promise<void> => {
  for (const file of files) await rm(file, { force: true });
};

/** A mail's text as it is, and with quoted-printable and base64 decoded (RFC 2045 §6.7, §6.8). */
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

/** Files of any kind below a folder that name the person, in their content or path; skips those of `except`. */
export const filesNaming = async (
  folder: string,
  person: Person,
  except: (file: string) => boolean,
): Promise<string[]> => {
  const found: string[] = [];
  for (const file of await filesIn(folder, { links: true })) {
    if (except(file)) continue;
    const { size } = (await stat(file).catch(unlessGone)) ?? { size: 0 };
    const small = size < 20_000_000;
    const named = small ? mailTexts(await bytesOf(file)).some(person.isIn) : await bytesHold(file, person.isIn);
    if (named || person.isIn(file)) found.push(file);
  }
  return found;
};

/** The first bytes of compressed files, which can't be searched: PostgreSQL dumps and archives. */
const COMPRESSED = ['PGDMP', '\x1f\x8b', 'PK\x03\x04', '(\xb5/\xfd', '\xfd7zXZ', 'BZh', '7z\xbc\xaf'];

/** Compressed files below a folder: PostgreSQL dumps, as in backups, and archives. */
export const compressedIn = async (folder: string): Promise<string[]> => {
  const found: string[] = [];
  for (const file of await filesIn(folder, { links: true })) {
    const start = (await startOf(file).catch(unlessGone)) ?? '';
    if (COMPRESSED.some((mark) => start.startsWith(mark))) found.push(file);
  }
  return found;
};

const startOf = async (file: string): Promise<string> => {
  for await (const chunk of createReadStream(file, { encoding: 'latin1', end: 7 })) return String(chunk);
  return '';
};

/** The most bytes that an address takes, however it is escaped. */
const MOST_BYTES = 4_000;

/** Whether the bytes of a file, of any kind and size, hold what `isIn` finds in texts; false where the file is gone. */
export const bytesHold = async (file: string, isIn: (text: string) => boolean): Promise<boolean> => {
  let left: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 4_194_304 })) {
      const bytes = Buffer.concat([left, chunk as Buffer]);
      if (isIn(bytes.toString('utf8'))) return true;
      left = bytes.subarray(-MOST_BYTES);
    }
  } catch (error) {
    unlessGone(error);
  }
  return false;
};
