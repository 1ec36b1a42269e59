import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { aFolder, aRow, cellsOf, failureOf, perform } from './sheets.ts';

const update = (key: string, status: string) =>
  aRow(`${key}-${status}`, { Booking: key, Status: status }, { key: 'Booking' });

/** As the deliverer does it: rows that have to wait come again. */
const updateFile = async (folder: string, key: string, status: string): Promise<void> => {
  let time = 0;
  const channel = createSheetChannel({ folder, now: () => time });
  const row = update(key, status);
  await perform(channel, row).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'row_cut_off', verdict: 'wait' });
    time = 60_000;
    return perform(channel, row);
  });
};

/** A file as people's programs save it. */
type Saving = {
  readonly lineEnd: '\r\n' | '\n' | '\r';
  readonly quotes: 'all' | 'needed';
  readonly mark: boolean;
  readonly ended: boolean;
};

const saved = (rows: readonly (readonly string[])[], { lineEnd, quotes, mark, ended }: Saving): string => {
  const cell = (text: string): string =>
    quotes === 'all' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map((row) => row.map(cell).join(','));
  return `${mark ? '\ufeff' : ''}${lines.join(lineEnd)}${ended ? lineEnd : ''}`;
};

const read = (text: string): string[][] => parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });

const arbitrarySaving: fc.Arbitrary<Saving> = fc.record({
  lineEnd: fc.constantFrom('\r\n', '\n', '\r'),
  quotes: fc.constantFrom('all', 'needed'),
  mark: fc.boolean(),
  ended: fc.boolean(),
});

describe('whatever people make of a file between two updates', () => {
  test('nothing of theirs is lost, and no row doubled: columns added and moved, rows sorted and added, saved anyhow', async () => {
    const note = fc
      .oneof(fc.string({ maxLength: 6 }), fc.constantFrom('a, b', '"q"', 'ä👩', 'x\ny'))
      .map((text) => text.replace(/\r/g, '').trim());
    const edit = fc.record({
      notes: fc.array(note, { minLength: 3, maxLength: 3 }),
      moveKey: fc.boolean(),
      reverse: fc.boolean(),
      extra: fc.option(note),
      saving: arbitrarySaving,
    });
    await fc.assert(
      fc.asyncProperty(edit, fc.nat(3), async ({ notes, moveKey, reverse, extra, saving }, place) => {
        const folder = await aFolder('quick');
        const path = join(folder, 'bookings.csv');
        for (const key of ['bk_0', 'bk_1', 'bk_2']) await updateFile(folder, key, 'NEW');
        const theirs = [
          ['Booking', 'Status', 'Notes'],
          ...['bk_0', 'bk_1', 'bk_2'].map((key, index) => [key, 'NEW', notes[index] ?? '']),
          ...(extra === null ? [] : [['', '', `mine ${extra}`]]),
        ];
        const [header = [], ...rows] = theirs.map((row) => (moveKey ? row.toReversed() : row));
        await writeFile(path, saved([header, ...(reverse ? rows.toReversed() : rows)], saving));
        const before = read(await readFile(path, 'utf8'));

        const key = `bk_${place}`;
        await updateFile(folder, key, 'DONE');
        const [status, booking] = [before[0]?.indexOf('Status') ?? -1, before[0]?.indexOf('Booking') ?? -1];
        const expected = before.map((row) => (row[booking] === key ? row.with(status, 'DONE') : row));
        if (place === 3) expected.push(before[0]?.map((name) => ({ Booking: key, Status: 'DONE' })[name] ?? '') ?? []);
        expect(read(await readFile(path, 'utf8'))).toEqual(expected);
        expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  test('what they did not touch with the bot stays byte for byte, also where columns are added at the right', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySaving, async (saving) => {
        const folder = await aFolder('quick');
        const path = join(folder, 'bookings.csv');
        const text = saved(
          [
            ['Booking', 'Notes'],
            ['bk_1', 'a "b"'],
            ['bk_2', 'c\nd'],
          ],
          { ...saving, ended: true },
        );
        await writeFile(path, text);
        await perform(createSheetChannel({ folder }), aRow('1', { Booking: 'bk_1' }, { key: 'Booking' }));
        expect(await readFile(path, 'utf8')).toBe(text);
        await perform(createSheetChannel({ folder }), update('bk_3', 'NEW'));
        const rows = read(await readFile(path, 'utf8'));
        expect(rows).toEqual([
          ['Booking', 'Notes', 'Status'],
          ['bk_1', 'a "b"', ''],
          ['bk_2', 'c\nd', ''],
          ['bk_3', '', 'NEW'],
        ]);
      }),
      { numRuns: 40 },
    );
  });
});

test('a file saved with semicolons stops its rows, says so, and is left as it is', async () => {
  const folder = await aFolder();
  const path = join(folder, 'bookings.csv');
  await perform(createSheetChannel({ folder }), update('bk_1', 'NEW'));
  const text = '\ufeffBooking;Status;Notes\r\nbk_1;NEW;vip\r\n';
  await writeFile(path, text);
  const failure = await failureOf(perform(createSheetChannel({ folder }), update('bk_1', 'DONE')));
  expect(failure).toMatchObject({ code: 'columns_changed', verdict: 'retry', unclear: false });
  expect(failure.message).toContain('is not separated by commas: was it saved with another separator?');
  expect(await readFile(path, 'utf8')).toBe(text);

  await writeFile(path, text.replaceAll(';', ','));
  await perform(createSheetChannel({ folder }), update('bk_1', 'DONE'));
  expect((await cellsOf(path))[1]).toEqual(['bk_1', 'DONE', 'vip']);
});

test('one file that waits for its column holds up no other', async () => {
  const folder = await aFolder();
  const channel = createSheetChannel({ folder });
  await perform(channel, update('bk_1', 'NEW'));
  await writeFile(join(folder, 'bookings.csv'), 'Booking,State\r\nbk_1,NEW\r\n');
  const other = aRow('2', { Booking: 'bk_1' }, { file: 'other.csv', key: 'Booking' });
  const outcomes = await Promise.allSettled([update('bk_1', 'DONE'), other].map((row) => perform(channel, row)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});
