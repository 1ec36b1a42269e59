import { appendFile, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Note } from '../../../src/core/delivery.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { eventually } from '../../support/eventually.ts';
import { aFolder, aRow, cellsOf, failureOf, perform } from './sheets.ts';

describe('a row', () => {
  test('is appended below a header that is written once', async () => {
    const folder = join(await aFolder(), 'data', 'sheets');
    const channel = createSheetChannel({ folder });
    const first = await perform(channel, aRow('1', { Booking: 'bk_1', Guest: 'Jane "JD" Doe, Dr.' }));
    const second = await perform(channel, aRow('2', { Booking: 'bk_2', Guest: '=cmd()' }));
    expect(await readFile(join(folder, 'bookings.csv'), 'utf8')).toBe(
      '"Booking","Guest"\r\n"bk_1","Jane ""JD"" Doe, Dr."\r\n"bk_2","\'=cmd()"\r\n',
    );
    expect(first).toEqual({
      summary: 'row in bookings.csv',
      detail: { file: 'bookings.csv', offset: 19 },
      fingerprint: channel.fingerprint(aRow('3', { Booking: 'bk_1', Guest: 'Jane "JD" Doe, Dr.' })),
    });
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(second.detail).toEqual({ file: 'bookings.csv', offset: 50 });
    expect(await readdir(folder)).toEqual(['bookings.csv']);
  });

  test('is noted with its exact place before it is written', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const path = join(folder, 'bookings.csv');
    let before = '';
    let noted: Note = {};
    const receipt = await channel.perform(aRow('1', { Booking: 'bk_1' }), {
      signal: new AbortController().signal,
      note: async (note) => {
        before = await readFile(path, 'utf8');
        noted = note;
      },
    });
    expect(before).toBe('"Booking"\r\n');
    expect(noted).toMatchObject({ file: 'bookings.csv', offset: 11, length: 8, start: 11, end: 19 });
    expect(receipt.detail?.offset).toBe(11);
  });

  test('is not written when its note can not be kept; those beside it are, and stand where they were noted', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const notes = new Map<string, Note>();
    const refused = channel.perform(aRow('b', { Booking: 'bk_b' }), {
      signal: new AbortController().signal,
      note: () => Promise.reject(new Error('the store is away')),
    });
    const [a, b, c] = await Promise.allSettled([
      perform(channel, aRow('a', { Booking: 'bk_a' }), notes),
      refused,
      perform(channel, aRow('c', { Booking: 'bk_c' }), notes),
    ]);
    expect([a.status, b.status, c.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const text = await readFile(join(folder, 'bookings.csv'));
    for (const [id, { offset, length }] of notes) {
      expect(text.subarray(Number(offset), Number(offset) + Number(length)).toString()).toBe(`"bk_${id}"\r\n`);
    }
    expect(await cellsOf(join(folder, 'bookings.csv'))).toHaveLength(3);
  });

  test('of any text comes back cell by cell', async () => {
    const folder = await aFolder('quick');
    const channel = createSheetChannel({ folder });
    const text = fc.string({ unit: 'binary' });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 20 }), async (rows) => {
        const file = `${count++}.csv`;
        await Promise.all(rows.map(([a, b], index) => perform(channel, aRow(`${index}`, { A: a, B: b }, { file }))));
        const [header, ...cells] = await cellsOf(join(folder, file));
        expect(header).toEqual(['A', 'B']);
        expect(cells).toHaveLength(rows.length);
        for (const [index, row] of rows.entries()) {
          for (const [place, given] of row.entries()) {
            const cell = cells[index]?.[place] ?? '';
            expect(cell).not.toMatch(/^[\s\p{Cf}]*[=+\-@＝＋－＠]/u);
            const plain = given.toWellFormed();
            if (!/[\p{Cc}\u2028\u2029]/u.test(plain)) expect([plain, `'${plain}`]).toContain(cell);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('goes into a folder below, made at need', async () => {
    const folder = await aFolder();
    const receipt = await perform(createSheetChannel({ folder }), aRow('1', { A: '1' }, { file: '2027/02/a.csv' }));
    expect(receipt.summary).toBe('row in 2027/02/a.csv');
    expect(await cellsOf(join(folder, '2027/02/a.csv'))).toEqual([['A'], ['1']]);
  });
});

describe('many rows at once', () => {
  test('into one file: in order, none missing, with few syncs', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const notes = new Map<string, Note>();
    const ids = Array.from({ length: 500 }, (_, index) => `bk_${index}`);
    const receipts = await Promise.all(ids.map((id) => perform(channel, aRow(id, { Booking: id }), notes)));
    expect(await cellsOf(join(folder, 'bookings.csv'))).toEqual([['Booking'], ...ids.map((id) => [id])]);
    expect(receipts.map(({ detail }) => detail?.offset)).toEqual(ids.map((id) => notes.get(id)?.offset));
    expect(new Set([...notes.values()].map(({ start }) => start)).size).toBeLessThanOrEqual(2);
  });

  test('that keep coming while others are written join the next batch', async () => {
    const folder = await aFolder('quick');
    const channel = createSheetChannel({ folder });
    const ids = Array.from({ length: 200 }, (_, index) => `bk_${index}`);
    const rows: Promise<unknown>[] = [];
    for (const id of ids) {
      rows.push(perform(channel, aRow(id, { Booking: id })));
      if (rows.length % 7 === 0) await new Promise((go) => setImmediate(go));
    }
    await Promise.all(rows);
    expect(await cellsOf(join(folder, 'bookings.csv'))).toEqual([['Booking'], ...ids.map((id) => [id])]);
  });

  test('into other files are not held up by one whose note takes long', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const slow = Promise.withResolvers<void>();
    const signal = new AbortController().signal;
    const held = channel.perform(aRow('1', { A: '1' }, { file: 'slow.csv' }), { signal, note: () => slow.promise });
    await perform(channel, aRow('2', { A: '2' }, { file: 'quick.csv' }));
    slow.resolve();
    await held;
    expect(await cellsOf(join(folder, 'slow.csv'))).toEqual([['A'], ['1']]);
  });

  test('are all written when the channel has closed', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const rows = ['a', 'b', 'c'].map((id) => perform(channel, aRow(id, { A: id }, { file: `${id}.csv` })));
    await channel.close?.();
    for (const id of ['a', 'b', 'c']) expect(await cellsOf(join(folder, `${id}.csv`))).toEqual([['A'], [id]]);
    await Promise.all(rows);
  });
});

describe('a file that people edit', () => {
  test('keeps its own order of columns and its own line ends', async () => {
    const folder = await aFolder();
    await writeFile(join(folder, 'bookings.csv'), '\ufeffGuest,Notes,"Booking"\nJohn,vip,bk_0\n');
    await perform(createSheetChannel({ folder }), aRow('1', { Booking: 'bk_1', Guest: 'Jane' }));
    expect(await readFile(join(folder, 'bookings.csv'), 'utf8')).toBe(
      '\ufeffGuest,Notes,"Booking"\nJohn,vip,bk_0\n"Jane","","bk_1"\n',
    );
  });

  test.each([
    ['without an end of its last line', 'Booking\r\nbk_0', 'Booking\r\nbk_0\r\n"bk_1"\r\n'],
    ['that is a header alone', 'Booking', 'Booking\r\n"bk_1"\r\n'],
    ['whose last line end is half there', 'Booking\r\nbk_0\r', 'Booking\r\nbk_0\r\n"bk_1"\r\n'],
    ['whose last cell has two lines', 'Booking\n"a\nb"', 'Booking\n"a\nb"\n"bk_1"\n'],
    ['with line ends of old', 'Booking\rbk_0\r', 'Booking\rbk_0\r"bk_1"\r'],
    ['that is empty', '', '"Booking"\r\n"bk_1"\r\n'],
  ])('%s gets the row on a line of its own', async (_, before, after) => {
    const folder = await aFolder();
    await writeFile(join(folder, 'bookings.csv'), before);
    await perform(createSheetChannel({ folder }), aRow('1', { Booking: 'bk_1' }));
    expect(await readFile(join(folder, 'bookings.csv'), 'utf8')).toBe(after);
  });

  test('may change between two rows: columns moved, rows added, begun anew', async () => {
    const folder = await aFolder();
    const path = join(folder, 'bookings.csv');
    const channel = createSheetChannel({ folder });
    await perform(channel, aRow('1', { A: '1', B: '2' }));
    await writeFile(path, 'B,A,C\r\nx,y,z');
    await perform(channel, aRow('2', { A: '3', B: '4' }));
    expect(await cellsOf(path)).toEqual([
      ['B', 'A', 'C'],
      ['x', 'y', 'z'],
      ['4', '3', ''],
    ]);
    await rename(path, join(folder, 'old.csv'));
    await perform(channel, aRow('3', { A: '5', B: '6' }));
    expect(await cellsOf(path)).toEqual([
      ['A', 'B'],
      ['5', '6'],
    ]);
    expect(await cellsOf(join(folder, 'old.csv'))).toHaveLength(3);
  });

  test('while rows are being noted: they are placed and noted anew', async () => {
    const folder = await aFolder();
    const path = join(folder, 'bookings.csv');
    await writeFile(path, 'A\n');
    const notes: Note[] = [];
    const receipt = await createSheetChannel({ folder }).perform(aRow('1', { A: 'mine' }), {
      signal: new AbortController().signal,
      note: async (note) => {
        notes.push(note);
        if (notes.length === 1) await appendFile(path, 'theirs\n');
      },
    });
    expect(await readFile(path, 'utf8')).toBe('A\ntheirs\n"mine"\n');
    expect(notes.map(({ offset }) => offset)).toEqual([2, 9]);
    expect(receipt.detail?.offset).toBe(9);
  });

  test('all the time makes the row wait', async () => {
    const folder = await aFolder();
    const path = join(folder, 'bookings.csv');
    await writeFile(path, 'A\n');
    const failure = await failureOf(
      createSheetChannel({ folder }).perform(aRow('1', { A: 'mine' }), {
        signal: new AbortController().signal,
        note: () => appendFile(path, 'theirs\n'),
      }),
    );
    expect(failure).toMatchObject({ code: 'file_busy', verdict: 'retry', unclear: false });
    expect(await readFile(path, 'utf8')).not.toContain('mine');
  });

  test('that lacks columns keeps the row waiting, names them, and takes it once they are there', async () => {
    const folder = await aFolder();
    const path = join(folder, 'bookings.csv');
    await writeFile(path, 'Booking,Guest\r\n');
    const channel = createSheetChannel({ folder });
    const row = aRow('1', { Booking: 'bk_1', Phone: '1', Notes: '2' });
    const [failed, beside] = await Promise.all([
      failureOf(perform(channel, row)),
      perform(channel, aRow('2', { Booking: 'bk_2' })),
    ]);
    expect(failed).toMatchObject({ code: 'columns_changed', verdict: 'retry', unclear: false });
    expect(failed.message).toContain('bookings.csv has no column "Phone", "Notes". Add it there, or rename the file');
    expect(beside.summary).toBe('row in bookings.csv');
    await writeFile(path, 'Booking,Guest,Phone,Notes\r\n');
    await perform(channel, row);
    expect(await cellsOf(path)).toEqual([
      ['Booking', 'Guest', 'Phone', 'Notes'],
      ['bk_1', '', '1', '2'],
    ]);
  });

  test('and saved with semicolons is recognised', async () => {
    const folder = await aFolder();
    await writeFile(join(folder, 'bookings.csv'), 'Booking;Guest\r\nbk_0;John\r\n');
    const failure = await failureOf(perform(createSheetChannel({ folder }), aRow('1', { Booking: '1', Guest: '2' })));
    expect(failure.message).toContain('saved with another separator');
  });
});

describe('what the disk refuses', () => {
  test('a file where a folder has to be: the row waits and says so', async () => {
    const folder = await aFolder();
    await writeFile(join(folder, 'blocked'), '');
    const inside = createSheetChannel({ folder: join(folder, 'blocked', 'sheets') });
    expect(await failureOf(perform(inside, aRow('1', { A: '1' })))).toMatchObject({
      code: 'not_a_folder',
      verdict: 'retry',
      unclear: false,
      message: expect.stringContaining('Rename the file'),
    });
    const below = perform(createSheetChannel({ folder }), aRow('1', { A: '1' }, { file: 'blocked/a.csv' }));
    expect(await failureOf(below)).toMatchObject({ code: 'not_a_folder', verdict: 'retry' });
  });

  test('a folder where the file has to be', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'bookings.csv'));
    expect(await failureOf(perform(createSheetChannel({ folder }), aRow('1', { A: '1' })))).toMatchObject({
      code: 'not_a_file',
      verdict: 'retry',
    });
  });

  test('links that lead elsewhere are refused for good, and nothing is written there', async () => {
    const folder = await aFolder();
    const outside = await aFolder();
    await writeFile(join(outside, 'target.csv'), 'A\n');
    await symlink(outside, join(folder, 'sub'));
    await symlink(join(outside, 'target.csv'), join(folder, 'file.csv'));
    await symlink(join(outside, 'new.csv'), join(folder, 'dangling.csv'));
    const channel = createSheetChannel({ folder });
    for (const file of ['sub/a.csv', 'sub/deeper/a.csv', 'file.csv', 'dangling.csv']) {
      expect(await failureOf(perform(channel, aRow('1', { A: '1' }, { file })))).toMatchObject({
        code: 'symbolic_link',
        verdict: 'permanent',
      });
    }
    expect(await readdir(outside)).toEqual(['target.csv']);
    expect(await readFile(join(outside, 'target.csv'), 'utf8')).toBe('A\n');
  });

  test('the folder for sheets itself may be a link', async () => {
    const real = await aFolder();
    const link = join(await aFolder(), 'sheets');
    await symlink(real, link);
    await perform(createSheetChannel({ folder: link }), aRow('1', { A: '1' }));
    expect(await cellsOf(join(real, 'bookings.csv'))).toEqual([['A'], ['1']]);
  });

  test('a name that leads out of the folder is refused before anything is made', async () => {
    const folder = join(await aFolder(), 'sheets');
    const failure = await failureOf(
      perform(createSheetChannel({ folder }), aRow('1', { A: '1' }, { file: '../a.csv' })),
    );
    expect(failure).toMatchObject({ code: 'invalid_file_name', verdict: 'permanent' });
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });
});

describe('a stop', () => {
  test('lets go of a row under way and leaves its outcome unclear', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const stop = new AbortController();
    const slow = Promise.withResolvers<void>();
    const note = vi.fn(() => slow.promise);
    const row = failureOf(channel.perform(aRow('1', { A: '1' }), { signal: stop.signal, note }));
    await eventually(() => expect(note).toHaveBeenCalled());
    stop.abort();
    expect(await row).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: true });
    slow.resolve();
    await channel.close?.();
  });

  test('before a row is begun leaves the file alone', async () => {
    const folder = await aFolder();
    const channel = createSheetChannel({ folder });
    const row = perform(channel, aRow('1', { A: '1' }), new Map(), AbortSignal.abort());
    expect(await failureOf(row)).toMatchObject({ code: 'stopped' });
    expect(await readdir(folder)).toEqual([]);
  });
});
