import type { FileHandle } from 'node:fs/promises';
import { DeliveryError } from '../../core/errors.ts';
import { type CsvRecord, readRecords } from './csv-reader.ts';
import { openQuote } from './failure.ts';
import { type OpenSheet, readBytes, stampOf } from './sheet-file.ts';

/** How long other rows wait for the delivery whose row a crash cut off; that one is due as soon as the bot runs again. */
const PATIENCE = 15_000;
const PAUSE = 1_000;

/**
 * Makes sure that the file ends with a line end, which editors may leave out. A record that is cut off was left by a crash:
 * only the delivery that it belongs to can remove it, so other rows wait for a while (verdict `wait`). If that delivery does
 * not come, the record is closed, quotes included, so that it swallows no other row. A cut between the two halves of a
 * doubled quote in the last cell can't be told from a whole record, which is closed at once.
 */
export const endLastLine = async ({ handle, state }: OpenSheet, file: string, now: number): Promise<void> => {
  const { size } = state.stamp;
  const last = (await readBytes(handle, size - 1, size)).toString('latin1');
  if (last === '\n' || last === state.lineEnd) return;
  const ending = last === '\r' ? '\n' : state.lineEnd;
  const record = last === '\r' ? undefined : await lastRecord({ handle, state });
  if (record) await refuseOpenQuote(handle, file, record);
  // The bot quotes every cell, so a comma at the end means that the last cell is missing.
  const cut = record && (record.open || last === ',' || record.cells.length < state.header.length);
  if (cut) {
    state.cutSince ??= now;
    if (now - state.cutSince < PATIENCE) throw cutOff(file);
  }
  await handle.writeFile((record?.open ? '"' : '') + ending);
  state.stamp = await stampOf(handle);
};

/** Throws where a quote is never closed, or only by that of another cell: a person left it open, not the bot. */
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
