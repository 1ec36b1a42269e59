import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { onTestFinished } from 'vitest';
import type { ClaimedDelivery, Note, Receipt } from '../../../src/core/delivery.ts';
import { DeliveryError } from '../../../src/core/errors.ts';
import type { Channel } from '../../../src/deliver/channel.ts';

/** A folder that is removed after the test; `quick` where a test makes hundreds of syncs and is not about them. */
export const aFolder = async (speed: 'real' | 'quick' = 'real'): Promise<string> => {
  const parent = speed === 'quick' && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = await mkdtemp(join(parent, 'sheets-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** The cells of a file as an independent parser reads them. */
export const cellsOf = async (path: string): Promise<string[][]> => parse(await readFile(path));

export const aRow = (
  id: string,
  columns: Readonly<Record<string, string>>,
  over: { file?: string; key?: string; unclear?: ClaimedDelivery['unclear'] } = {},
): ClaimedDelivery => {
  const file = over.file ?? 'bookings.csv';
  return {
    id,
    rule: 'log-bookings',
    kind: 'sheet',
    destination: `sheet:${file}`,
    action: { kind: 'sheet', sheet: { file, columns, ...(over.key && { key: over.key }) } },
    webhook: { id: `wh_evt_${id}`, type: 'booking.created' },
    receivedAt: 0,
    movedFrom: null,
    event: null,
    tries: 1,
    attempt: 1,
    latest: null,
    rerun: null,
    version: 1,
    unclear: over.unclear ?? null,
  };
};

/** Performs a delivery as the deliverer does, and keeps its note in `notes`. */
export const perform = (
  channel: Channel,
  delivery: ClaimedDelivery,
  notes: Map<string, Note> = new Map(),
  signal: AbortSignal = new AbortController().signal,
): Promise<Receipt> =>
  channel.perform(delivery, {
    signal,
    note: async (note) => {
      notes.set(delivery.id, note);
    },
  });

/** The next attempt at the delivery, after one that stored `note` and never ended. */
export const again = (delivery: ClaimedDelivery, note: Note | undefined): ClaimedDelivery => ({
  ...delivery,
  attempt: delivery.attempt + 1,
  unclear: { startedAt: 0, endedAt: 0, note: note ?? null },
});

/** The DeliveryError that a promise is rejected with. */
export const failureOf = async (promise: Promise<unknown>): Promise<DeliveryError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeliveryError) return error;
  throw error;
};
