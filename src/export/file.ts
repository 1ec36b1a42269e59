import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvOf } from './csv.ts';
import type { Table } from './table.ts';
import { writeXlsx } from './xlsx.ts';

/** What a table can be written as. */
export const FORMATS = ['csv', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * Writes a table to a file, which has its name only once it is whole and on the disk: until then it is `FILE.part`, and a
 * file that was there before stays as it is. Where the writing fails or is aborted nothing of it is left, and no more rows
 * are read; rejects with the system's error, or with the reason of the signal.
 */
export const writeTable = async (table: Table, format: Format, file: string, signal: AbortSignal): Promise<void> => {
  const draft = `${file}.part`;
  try {
    const output = createWriteStream(draft, { flush: true });
    if (format === 'xlsx') await writeXlsx(table, output, { signal });
    else await pipeline(Readable.from(csvOf(table)), output, { signal });
    signal.throwIfAborted();
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw signal.aborted ? signal.reason : error;
  }
};
