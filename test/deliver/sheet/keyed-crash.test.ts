import { execFile } from 'node:child_process';
import { chmod, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { aFolder, again, aRow, cellsOf, failureOf, perform } from './sheets.ts';

const run = promisify(execFile);
const FREEZE = join(import.meta.dirname, 'freeze-child.ts');
const CHILD = join(import.meta.dirname, 'sheet-child.ts');

const keyed = (id: string, columns: Readonly<Record<string, string>>) => aRow(id, columns, { key: 'Booking' });
const ROWS = [
  keyed('1', { Booking: 'bk_1', Status: 'CONFIRMED', Guest: 'Jane' }),
  keyed('2', { Booking: 'bk_3', Status: 'PENDING', Guest: '=Bob' }),
];
const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** Writes ROWS once per call to the file system, stopped for good after that call. */
const stopEverywhere = async (before: { text: string; columns: string } | null) => {
  const folder = await aFolder('quick');
  const { stdout } = await run(process.execPath, [FREEZE, folder, JSON.stringify(before), JSON.stringify(ROWS)]);
  const calls: string[] = JSON.parse(stdout);
  const folders = (await readdir(folder)).map(Number).toSorted((one, other) => one - other);
  return { calls, folders: folders.map((step) => join(folder, `${step}`)) };
};

describe('stopped behind any call to the file system', () => {
  test('a rewrite leaves the file as it was or as it was to be, and the next start needs nobody', async () => {
    const text = 'Booking,Status,mine\nbk_2,PENDING,"a, b"\nbk_1,PENDING,c\n';
    const written =
      '"Booking","Status","mine","Guest"\nbk_2,PENDING,"a, b",""\n"bk_1","CONFIRMED","c","Jane"\n' +
      `"bk_3","PENDING","","'=Bob"\n`;
    const { calls, folders } = await stopEverywhere({ text, columns: '["Booking","Status"]' });
    // Synced before the rename, and the rename synced before the receipt.
    const [renamed, next] = calls.flatMap((name, index) => (name === 'rename' ? [index] : []));
    expect(calls.slice(calls.indexOf('writeFile'), renamed)).toContain('datasync');
    expect(calls.slice(renamed, next)).toContain('sync');
    expect(folders.length).toBeGreaterThan(20);
    const seen = new Set<string | null>();
    for (const [index, folder] of folders.entries()) {
      const where = `stopped behind call ${index + 1}, ${calls[index]}`;
      const left = await textOf(join(folder, 'bookings.csv'));
      seen.add(left);
      expect([text, written], where).toContain(left);
      // Stored columns are never ahead of the file: one stored too early would look as if it had been removed.
      const known: string[] = JSON.parse((await textOf(join(folder, '.bookings.csv.columns'))) ?? '[]');
      const [header = []]: string[][] = parse(left ?? '');
      expect(header, where).toEqual(expect.arrayContaining(known));

      const channel = createSheetChannel({ folder });
      await Promise.all(ROWS.map((row) => perform(channel, again(row, undefined))));
      expect(await textOf(join(folder, 'bookings.csv')), where).toBe(written);
      expect((await readdir(folder)).toSorted(), where).toEqual(['.bookings.csv.columns', 'bookings.csv']);
    }
    expect(seen).toEqual(new Set([text, written]));
  });

  test('a rewrite that finds all as it was to be makes sure that it is on the disk: nobody knows what became of the first', async () => {
    const text = '"Booking","Status","Guest"\r\n"bk_1","CONFIRMED","Jane"\r\n"bk_3","PENDING","\'=Bob"\r\n';
    const { calls } = await stopEverywhere({ text, columns: '["Booking","Status","Guest"]' });
    expect(calls).not.toContain('rename');
    expect(calls).toContain('datasync');
  });

  test('the first rows of a new file leave none, a header alone, or all', async () => {
    const { calls, folders } = await stopEverywhere(null);
    const header = '"Booking","Status","Guest"\r\n';
    const written = `${header}"bk_1","CONFIRMED","Jane"\r\n"bk_3","PENDING","'=Bob"\r\n`;
    for (const [index, folder] of folders.entries()) {
      const where = `stopped behind call ${index + 1}, ${calls[index]}`;
      expect([null, header, written], where).toContain(await textOf(join(folder, 'bookings.csv')));
      const channel = createSheetChannel({ folder });
      await Promise.all(ROWS.map((row) => perform(channel, again(row, undefined))));
      expect(await textOf(join(folder, 'bookings.csv')), where).toBe(written);
      expect((await readdir(folder)).toSorted(), where).toEqual(['.bookings.csv.columns', 'bookings.csv']);
    }
  });
});

test('a rewrite that finds no space leaves the file whole, and what waits is written when there is some', async () => {
  const folder = await aFolder();
  // bash counts in blocks of 1024 bytes: about thirty rows fit.
  const limited = ['-c', 'ulimit -f 2; exec "$0" "$@"', process.execPath, CHILD, folder, '200', '100'];
  const { stdout } = await run('bash', limited);
  const said: [string, string, { code: string; verdict: string; unclear: boolean }][] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const failed = said.filter(([kind]) => kind === 'failed');
  expect(failed.length).toBeGreaterThan(0);
  for (const [, , failure] of failed) {
    expect(failure).toMatchObject({ code: 'file_too_large', verdict: 'retry', unclear: false });
  }
  const done = said.flatMap(([kind, id]) => (kind === 'done' ? [id] : []));
  const rows = await cellsOf(join(folder, 'bookings.csv'));
  expect(rows.slice(1).map(([id]) => id)).toEqual(done);
  expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);

  const channel = createSheetChannel({ folder });
  for (const [, id] of failed) await perform(channel, keyed(id, { Booking: id, Notes: 'later' }));
  expect(await cellsOf(join(folder, 'bookings.csv'))).toHaveLength(1 + done.length + failed.length);
});

test.skipIf(process.getuid?.() === 0)(
  'a file or a folder that may not be written to stays as it is, and the row waits (skipped for root, who may all)',
  async () => {
    const folder = await aFolder();
    const path = join(folder, 'bookings.csv');
    await writeFile(path, 'Booking\r\nbk_1\r\n');
    const row = keyed('1', { Booking: 'bk_2' });
    for (const [locked, mode, unlocked] of [[path, 0o444, 0o644] as const, [folder, 0o555, 0o755] as const]) {
      await chmod(locked, mode);
      const failure = await failureOf(perform(createSheetChannel({ folder }), row));
      await chmod(locked, unlocked);
      expect(failure).toMatchObject({ code: 'no_permission', verdict: 'retry', unclear: false });
      expect(failure.message).toContain('Let the user it runs as write');
      expect(await readFile(path, 'utf8')).toBe('Booking\r\nbk_1\r\n');
    }
    await perform(createSheetChannel({ folder }), row);
    expect(await cellsOf(path)).toEqual([['Booking'], ['bk_1'], ['bk_2']]);
  },
);

test('a program that has the file open reads on in what it opened, whole; who opens it anew sees what is new', async () => {
  const folder = await aFolder();
  const path = join(folder, 'bookings.csv');
  const channel = createSheetChannel({ folder });
  await perform(channel, keyed('1', { Booking: 'bk_1', Status: 'PENDING' }));
  const before = await readFile(path, 'utf8');
  const { ino } = await stat(path);
  const opened = await open(path, 'r');
  await perform(channel, keyed('2', { Booking: 'bk_1', Status: 'CONFIRMED' }));
  expect(await opened.readFile('utf8')).toBe(before);
  await opened.close();
  expect((await stat(path)).ino).not.toBe(ino);
  expect(await cellsOf(path)).toEqual([
    ['Booking', 'Status'],
    ['bk_1', 'CONFIRMED'],
  ]);
});
