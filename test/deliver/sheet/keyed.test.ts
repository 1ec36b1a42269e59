import { appendFile, chmod, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { resolveSheetPath } from '../../../src/deliver/sheet/path.ts';
import { replaceFile } from '../../../src/deliver/sheet/replace-file.ts';
import { openSheet } from '../../../src/deliver/sheet/sheet-file.ts';
import { aFolder, again, aRow, cellsOf, failureOf, perform } from './sheets.ts';

const keyed = (id: string, columns: Readonly<Record<string, string>>): ClaimedDelivery =>
  aRow(id, columns, { key: 'Booking' });

const aSheet = async (text?: string, speed: 'real' | 'quick' = 'real') => {
  const folder = await aFolder(speed);
  const path = join(folder, 'bookings.csv');
  if (text !== undefined) await writeFile(path, text);
  return { folder, path, channel: createSheetChannel({ folder }), text: () => readFile(path, 'utf8') };
};

describe('a row with a key', () => {
  test('is added once and updated in place from then on', async () => {
    const { channel, path, folder } = await aSheet();
    const first = await perform(channel, keyed('1', { Booking: 'bk_1', Status: 'PENDING' }));
    await perform(channel, keyed('2', { Booking: 'bk_2', Status: 'PENDING' }));
    const update = await perform(channel, keyed('3', { Booking: 'bk_1', Status: 'CONFIRMED' }));
    expect(await cellsOf(path)).toEqual([
      ['Booking', 'Status'],
      ['bk_1', 'CONFIRMED'],
      ['bk_2', 'PENDING'],
    ]);
    expect(first).toMatchObject({ summary: 'row in bookings.csv', detail: { file: 'bookings.csv', key: 'bk_1' } });
    expect(update.summary).toBe('row updated in bookings.csv');
    expect((await readdir(folder)).sort()).toEqual(['.bookings.csv.columns', 'bookings.csv']);
  });

  test('leaves what people wrote byte for byte: rows, columns, quotes, line ends, a byte order mark', async () => {
    const before = '\ufeffNotes;x,Booking,Guest\nhello,bk_1,"Jane"\n\n"it, too",bk_2,Bob\nmine,,\n';
    const { channel, text } = await aSheet(before);
    await perform(channel, keyed('1', { Booking: 'bk_2', Guest: '=Eve' }));
    expect(await text()).toBe('\ufeffNotes;x,Booking,Guest\nhello,bk_1,"Jane"\n\n"it, too","bk_2","\'=Eve"\nmine,,\n');
  });

  test('adds columns that are missing at the right, beside all that stands there, and every row stays as wide', async () => {
    const { channel, text } = await aSheet('\ufeffBooking,Guest\r\nbk_1,Jane,a note\r\n\r\nbk_2,Bob');
    await perform(channel, keyed('1', { Booking: 'bk_1', Status: 'CONFIRMED' }));
    expect(await text()).toBe(
      '\ufeff"Booking","Guest","","Status"\r\n"bk_1","Jane","a note","CONFIRMED"\r\n\r\nbk_2,Bob,"",""\r\n',
    );
  });

  test.each([
    ['in a file of ours', '"Booking","Notes"\n"bk_1","fine"\n"bk_2","open\n"bk_3","swallowed"\n'],
    ['in one without quotes', 'Booking,Notes\nbk_1,fine\nbk_2,"open\nbk_3,swallowed\n'],
    ['on the last line but one', 'Booking,Notes\nbk_1,fine\nbk_2,"open\nbk_3,swallowed'],
  ])('waits where somebody left a quote open %s, and says on which line', async (_, before) => {
    const { channel, text } = await aSheet(before);
    const failure = await failureOf(perform(channel, keyed('1', { Booking: 'bk_3', Notes: 'new' })));
    expect(failure).toMatchObject({ code: 'open_quote', verdict: 'retry' });
    expect(failure.message).toContain('Line 3 of bookings.csv opens a quote');
    expect(await text()).toBe(before);
  });

  test.each([
    ['Guest', 'Attendee'],
    ['Booking', 'Id'],
  ])('stops where its column %s was renamed', async (name, other) => {
    const { channel, path, text } = await aSheet();
    await perform(channel, keyed('1', { Booking: 'bk_1', Guest: 'Jane' }));
    const renamed = (await text()).replace(`"${name}"`, `"${other}"`);
    await writeFile(path, renamed);
    const error = await failureOf(perform(channel, keyed('2', { Booking: 'bk_1', Guest: 'Bob' })));
    expect(error).toMatchObject({ code: 'columns_changed', verdict: 'retry' });
    expect(error.message).toContain(`column "${name}"`);
    expect(await text()).toBe(renamed);

    await writeFile(path, renamed.replace(`"${other}"`, `"${name}"`));
    await perform(channel, keyed('2', { Booking: 'bk_1', Guest: 'Bob' }));
    expect((await cellsOf(path))[1]).toEqual(['bk_1', 'Bob']);
  });

  test('goes to the column by its new name when the rule has that too', async () => {
    const { channel, path, text } = await aSheet();
    await perform(channel, keyed('1', { Booking: 'bk_1', Guest: 'Jane' }));
    await writeFile(path, (await text()).replace('Guest', 'Attendee'));
    await perform(channel, keyed('2', { Booking: 'bk_1', Attendee: 'Bob' }));
    expect(await cellsOf(path)).toEqual([
      ['Booking', 'Attendee'],
      ['bk_1', 'Bob'],
    ]);
  });

  test('fills a file that is begun anew, whatever the one before it had', async () => {
    const { channel, path } = await aSheet();
    await perform(channel, keyed('1', { Booking: 'bk_1', Guest: 'Jane' }));
    await rm(path);
    await perform(channel, keyed('2', { Booking: 'bk_1', Status: 'CONFIRMED' }));
    await perform(channel, keyed('3', { Booking: 'bk_1', Guest: 'Jane' }));
    expect(await cellsOf(path)).toEqual([
      ['Booking', 'Status', 'Guest'],
      ['bk_1', 'CONFIRMED', 'Jane'],
    ]);
  });

  test('brings the last of several rows of its key up to date, in a file that was a log', async () => {
    const { channel, path } = await aSheet('Booking,Status\r\nbk_1,PENDING\r\nbk_1,CONFIRMED\r\n');
    await perform(channel, keyed('1', { Booking: 'bk_1', Status: 'CANCELLED' }));
    expect((await cellsOf(path)).map(([, status]) => status)).toEqual(['Status', 'PENDING', 'CANCELLED']);
  });

  test('that says what stands there rewrites nothing, also after an attempt of unknown end', async () => {
    const { channel, path } = await aSheet();
    const row = keyed('1', { Booking: 'bk_1', Status: 'PENDING' });
    await perform(channel, row);
    const { ino, mtimeMs } = await stat(path);
    expect((await perform(channel, again(row, undefined))).summary).toBe('row as it stood already in bookings.csv');
    expect(await stat(path)).toMatchObject({ ino, mtimeMs });
  });

  test.each([
    [{ Guest: 'Jane' }, 'none of sheet.columns'],
    [{ Booking: ' ', Guest: 'Jane' }, 'nothing there'],
  ])('needs its key: %j', async (columns, words) => {
    const { channel, folder } = await aSheet();
    const error = await failureOf(perform(channel, keyed('1', columns)));
    expect(error).toMatchObject({ code: 'invalid_key', verdict: 'permanent' });
    expect(error.message).toContain(words);
    expect(await readdir(folder)).toEqual([]);
  });

  test('keeps the rights of the file, and leaves no draft behind', async () => {
    const { channel, path, folder } = await aSheet('Booking\r\n');
    await chmod(path, 0o640);
    await writeFile(join(folder, '.bookings.csv.new'), 'left by a crash');
    await perform(channel, keyed('1', { Booking: 'bk_1' }));
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).not.toContain('.bookings.csv.new');
  });
});

describe('a flood of updates', () => {
  test('of many keys becomes few rewrites, and each receipt is true', async () => {
    const { channel, path } = await aSheet();
    await perform(channel, keyed('0', { Booking: 'bk_0', Status: '0' }));
    const inodes = new Set<number>();
    await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        await perform(channel, keyed(`${index}`, { Booking: `bk_${index % 50}`, Status: `${index}` }));
        inodes.add((await stat(path)).ino);
      }),
    );
    const [, ...rows] = await cellsOf(path);
    expect(rows).toEqual(Array.from({ length: 50 }, (_, index) => [`bk_${index}`, `${450 + index}`]));
    expect(inodes.size).toBeLessThan(10);
  });

  test('and rows without a key beside them keep their order', async () => {
    const { channel, path } = await aSheet();
    await Promise.all([
      perform(channel, keyed('1', { Booking: 'bk_1', Status: 'PENDING' })),
      perform(channel, aRow('2', { Booking: 'log', Status: 'x' })),
      perform(channel, keyed('3', { Booking: 'bk_1', Status: 'CONFIRMED' })),
      perform(channel, aRow('4', { Booking: 'log', Status: 'x' })),
    ]);
    expect((await cellsOf(path)).slice(1)).toEqual([
      ['bk_1', 'CONFIRMED'],
      ['log', 'x'],
      ['log', 'x'],
    ]);
  });

  test('of any text ends as a map of the last values would, read by an independent parser', async () => {
    const cell = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('=1+1', '"', ',', '\r\n', "'"));
    const key = fc.constantFrom('a', 'b,', '"c', '=d', '  e ');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, cell), { minLength: 1, maxLength: 12 }), async (updates) => {
        const { channel, path, folder } = await aSheet(undefined, 'quick');
        const rows = updates.map(([name, value], index) => keyed(`${index}`, { Booking: name, Value: value }));
        const half = rows.length >> 1;
        await Promise.all(rows.slice(0, half).map((row) => perform(channel, row)));
        await Promise.all(rows.slice(half).map((row) => perform(channel, row)));
        const keys = (await cellsOf(path)).slice(1).map(([name]) => name?.trim());
        expect(keys).toEqual([...new Set(updates.map(([name]) => (name === '=d' ? "'=d" : name.trim())))]);
        const byHand = await cellsOf(path);
        // Idempotent: once more changes nothing.
        const last = new Map(updates);
        for (const [name, value] of last) await perform(channel, keyed('again', { Booking: name, Value: value }));
        expect(await cellsOf(path)).toEqual(byHand);
        expect(byHand.flat().filter((text) => /^\s*[=+@-]/.test(text))).toEqual([]);
        await rm(folder, { recursive: true, force: true });
      }),
      { numRuns: 40 },
    );
  }, 30_000);
});

test('what somebody saves while a rewrite is prepared is kept, and nothing is left lying about', async () => {
  const { folder, path, text } = await aSheet('Booking\r\nbk_1\r\n');
  const place = resolveSheetPath(folder, 'bookings.csv');
  const pieces = [{ offset: 9, end: 15, text: '"bk_9"\r\n' }];
  const saveInPlace = () => appendFile(path, 'mine\r\n');
  const saveAsNew = async () => {
    await writeFile(join(folder, 'new.csv'), 'Booking\r\nbk_1\r\n');
    await rename(join(folder, 'new.csv'), path);
  };
  for (const save of [saveInPlace, saveAsNew]) {
    const sheet = await openSheet(place, { Booking: '' }, undefined);
    await using _closing = sheet.handle;
    await save();
    const saved = await text();
    expect(await replaceFile(sheet, place, pieces, { pad: undefined })).toBe('changed');
    expect(await text()).toBe(saved);
    expect(await readdir(folder)).toEqual(['bookings.csv']);
  }
});
