import { writeSync } from 'node:fs';
import { DeliveryError } from '../../../src/core/errors.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';

/*
 * A process of its own, to be killed or to meet a limit: `node sheet-child.ts FOLDER ROWS [KEYS]`. Performs that many deliveries,
 * eight at once, with KEYS as updates of so many rows, and hands notes and outcomes to its parent, who keeps them as a store would: one JSON array a line.
 */
const [folder = '', rows = '0', keys] = process.argv.slice(2);
const channel = createSheetChannel({ folder });
const signal = new AbortController().signal;
const keep = (...line: readonly unknown[]): void => void writeSync(1, `${JSON.stringify(line)}\n`);

let next = 0;
const perform = async (): Promise<void> => {
  while (next < Number(rows)) {
    const number = next++;
    const id = `bk_${number}`;
    const columns = keys
      ? { Booking: `bk_${number % Number(keys)}`, Notes: `${number}`.repeat(20) }
      : { Booking: id, Notes: 'x'.repeat(50) };
    try {
      await channel.perform(
        {
          id,
          rule: 'log-bookings',
          kind: 'sheet',
          destination: 'sheet:bookings.csv',
          action: { kind: 'sheet', sheet: { file: 'bookings.csv', columns, ...(keys && { key: 'Booking' }) } },
          webhook: { id: `wh_evt_${id}`, type: 'booking.created' },
          receivedAt: 0,
          movedFrom: null,
          event: null,
          tries: 1,
          attempt: 1,
          rerun: null,
          version: 1,
          latest: null,
          unclear: null,
        },
        { signal, note: async (note) => keep('note', id, note) },
      );
      keep('done', id);
    } catch (error) {
      keep('failed', id, error instanceof DeliveryError ? { ...error, message: error.message } : String(error));
      return;
    }
  }
};
await Promise.all(Array.from({ length: 8 }, perform));
