import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { DeliveryError } from '../../../src/core/errors.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { createOneAtATime } from '../../../src/runtime/one-at-a-time.ts';
import { tempFolder } from '../../support/temp.ts';
import { aRow, perform } from './sheets.ts';

test('two writers of one folder that share turns write every row once and whole', async () => {
  const folder = await tempFolder();
  const inTurn = createOneAtATime();
  const writers = [createSheetChannel({ folder, inTurn }), createSheetChannel({ folder, inTurn })];
  const ids = Array.from({ length: 60 }, (_, n) => `bk_${n}`);
  await Promise.all(
    ids.map(async (id, n) => {
      // Not all in one batch.
      for (let turn = 0; turn < n % 7; turn += 1) await new Promise(setImmediate);
      const writer = writers[n % 2];
      if (writer) await perform(writer, aRow(id, { Booking: id, Guest: `${n}`.repeat(40) }));
    }),
  );
  const rows = parse(await readFile(join(folder, 'bookings.csv')), { columns: true }) as {
    Booking: string;
    Guest: string;
  }[];
  expect(rows.map(({ Booking }) => Booking).sort()).toEqual(ids.toSorted());
  expect(rows.every(({ Booking, Guest }) => Guest === Booking.slice(3).repeat(40))).toBe(true);
});

test('never are two at it at the same moment', async () => {
  const folder = await tempFolder();
  let under = 0;
  let most = 0;
  const turns = createOneAtATime();
  const inTurn = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
    turns(name, async () => {
      under += 1;
      most = Math.max(most, under);
      return work().finally(() => {
        under -= 1;
      });
    });
  const writers = [createSheetChannel({ folder, inTurn }), createSheetChannel({ folder, inTurn })];
  await Promise.all(
    writers.flatMap((writer, which) => [0, 1, 2].map((n) => perform(writer, aRow(`${which}${n}`, { Booking: 'x' })))),
  );
  await expect.poll(() => under).toBe(0);
  expect(most).toBe(1);
});

test('where nobody can say whose turn it is the row waits, and nothing was written', async () => {
  const folder = await tempFolder();
  const channel = createSheetChannel({ folder, inTurn: () => Promise.reject(new Error('The database is gone.')) });
  const failure = await perform(channel, aRow('1', { Booking: 'bk_1' })).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DeliveryError);
  expect(failure).toMatchObject({ code: 'no_turn', verdict: 'retry', unclear: false });
  await expect(readFile(join(folder, 'bookings.csv'))).rejects.toThrow('ENOENT');
});
