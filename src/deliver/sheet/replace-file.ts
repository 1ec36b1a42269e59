import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readRecords } from './csv-reader.ts';
import type { SheetPath } from './path.ts';
import { type OpenSheet, readBytes, sameStamp, stampOf, syncNames } from './sheet-file.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const CHUNK = 1_048_576;

/** A text that replaces the bytes from `offset` to `end`, exclusive. */
export type Piece = { readonly offset: number; readonly end: number; readonly text: string };

/**
 * Replaces a sheet atomically by a copy with some pieces replaced (in ascending order). With `pad`, all other records get empty
 * cells at their end up to that number. Concurrent processes need different names for their `draft`.
 * `changed`, and nothing done, where somebody else has changed the file since it was opened. A change in the instant between
 * that check and the rename is lost, as with any program that saves a file.
 */
export const replaceFile = async (
  { handle, state }: OpenSheet,
  place: SheetPath,
  pieces: readonly Piece[],
  { pad, draft: name = 'new' }: { readonly pad: number | undefined; readonly draft?: string },
): Promise<'replaced' | 'changed'> => {
  const draft = join(dirname(place.path), `.${basename(place.path)}.${name}`);
  await rm(draft, { force: true });
  const { mode, uid, gid } = await handle.stat();
  const output = await open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  try {
    await output.chmod(mode & 0o777);
    // Only root may change owners; otherwise the file belongs to the bot's user from now on.
    await output.chown(uid, gid).catch(() => undefined);
    for await (const bytes of inChunks(contents(handle, pieces, state.stamp.size, pad))) await output.writeFile(bytes);
    await output.datasync();
    const { dev, ino } = await lstat(place.path, { bigint: true });
    const unchanged = sameStamp(await stampOf(handle), state.stamp) && `${dev}:${ino}` === state.stamp.inode;
    if (!unchanged) {
      await rm(draft, { force: true });
      return 'changed';
    }
    await rename(draft, place.path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await output.close();
  }
  await syncNames(place);
  return 'replaced';
};

/** The new file's bytes, in order. */
async function* contents(
  handle: FileHandle,
  pieces: readonly Piece[],
  size: number,
  pad: number | undefined,
): AsyncGenerator<Buffer> {
  let from = 0;
  for (const { offset, end, text } of pieces) {
    yield* pad === undefined ? copied(handle, from, offset) : padded(handle, from, offset, pad);
    yield Buffer.from(text);
    from = end;
  }
  yield* pad === undefined ? copied(handle, from, size) : padded(handle, from, size, pad);
}

async function* copied(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; at += CHUNK) yield await readBytes(handle, at, Math.min(at + CHUNK, to));
}

/** Strict readers require as many cells in each record as in the first. */
async function* padded(handle: FileHandle, from: number, to: number, pad: number): AsyncGenerator<Buffer> {
  if (from >= to) return;
  let at = from;
  for await (const { end, cells, lineEnd = '' } of readRecords(handle, from, to)) {
    const bytes = await readBytes(handle, at, end);
    at = end;
    const isBlank = cells.length === 1 && cells[0] === '';
    const cut = bytes.length - lineEnd.length;
    yield isBlank
      ? bytes
      : Buffer.concat([
          bytes.subarray(0, cut),
          Buffer.from(',""'.repeat(Math.max(0, pad - cells.length))),
          bytes.subarray(cut),
        ]);
  }
  // A byte order mark is no record.
  yield* copied(handle, at, to);
}

async function* inChunks(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < CHUNK) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  yield Buffer.concat(waiting);
}
