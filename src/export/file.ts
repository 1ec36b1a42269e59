import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvOf } from './csv.ts';
import type { Table } from './table.ts';
import { writeXlsx } from './xlsx.ts';

/** The formats a table can be written in. */
export const FORMATS = ['csv', 'xlsx'] as const;
export type Format = (typeof FORMATS)[number];

/**
 * Writes a table to a file atomically: to `FILE.part` first, which is synced to disk and renamed once it is complete; until
 * then an existing file stays as it is. If writing fails or is aborted, the draft is removed and no more rows are read.
 * Rejects with the system's error, or with the signal's reason.
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
