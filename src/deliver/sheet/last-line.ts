import type { FileHandle } from 'node:fs/promises';
import { DeliveryError } from '../../core/errors.ts';
import { type CsvRecord, readRecords } from './csv-reader.ts';
import { openQuote } from './failure.ts';
import { type OpenSheet, readBytes, stampOf } from './sheet-file.ts';

/** How long rows wait for the delivery whose row a crash cut off; it is due as soon as the bot runs again. */
const PATIENCE = 15_000;
const PAUSE = 1_000;

/**
 * Sees to it that the file ends with the end of a line. People's editors may leave that away; it is added. A record cut
 * off in its middle is what a crash leaves: only the delivery it belongs to can take it back, so for a while the others
 * make way (verdict `wait`). If it never comes, the record is closed, quotes included, so that it swallows no other row.
 * A cut between the two halves of a doubled quote in the last cell looks like a whole record, and is closed at once.
 */
export const endLastLine = async ({ handle, state }: OpenSheet, file: string, now: number): Promise<void> => {
  const { size } = state.stamp;
  const last = (await readBytes(handle, size - 1, size)).toString('latin1');
  if (last === '\n' || last === state.lineEnd) return;
  const ending = last === '\r' ? '\n' : state.lineEnd;
  const record = last === '\r' ? undefined : await lastRecord({ handle, state });
  if (record) await refuseOpenQuote(handle, file, record);
  // Every cell of ours is quoted: a comma at the end is a row of ours without its last cell.
  const cut = record && (record.open || last === ',' || record.cells.length < state.header.length);
  if (cut) {
    state.cutSince ??= now;
    if (now - state.cutSince < PATIENCE) throw cutOff(file);
  }
  await handle.writeFile((record?.open ? '"' : '') + ending);
  state.stamp = await stampOf(handle);
};

/** Throws where a quote is closed nowhere, or by that of another cell: no row of ours is so, a person left it open. */
export const refuseOpenQuote = async (handle: FileHandle, file: string, record: CsvRecord): Promise<void> => {
  const overLines = record.open && record.cells.some((cell) => /[\r\n]/.test(cell));
  if (!overLines && !record.astray) return;
  const before = await readBytes(handle, 0, record.offset);
  throw openQuote(file, 1 + (before.toString('latin1').match(/\r\n|\r|\n/g)?.length ?? 0));
};

const lastRecord = async ({ handle }: OpenSheet): Promise<CsvRecord | undefined> => {
  let last: CsvRecord | undefined;
  for await (const record of readRecords(handle)) last = record;
  return last;
};

const cutOff = (file: string): DeliveryError =>
  new DeliveryError(
    'row_cut_off',
    `The last row of ${file} is cut off, as a crash leaves it: the row makes way for a few seconds to the one that mends it.`,
    { verdict: 'wait', retryAfterMs: PAUSE },
  );
