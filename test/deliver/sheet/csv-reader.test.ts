import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRecord, readRecords } from '../../../src/deliver/sheet/csv-reader.ts';
import { aFolder } from './sheets.ts';

const read = async (path: string, text: string | Buffer, from?: number, to?: number): Promise<CsvRecord[]> => {
  await writeFile(path, text);
  const handle = await open(path);
  try {
    return await Array.fromAsync(readRecords(handle, from, to));
  } finally {
    await handle.close();
  }
};

test.each([
  [
    'a,b\r\n"c","d ""e"", f"\r\n',
    [
      ['a', 'b'],
      ['c', 'd "e", f'],
    ],
  ],
  [
    'a,b\nc,d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['a\rb\r', [['a'], ['b']]],
  ['\ufeff"a",b\r\n', [['a', 'b']]],
  ['"line 1\r\nline 2",x\r\n', [['line 1\r\nline 2', 'x']]],
  [
    'a,\r\n,\r\n',
    [
      ['a', ''],
      ['', ''],
    ],
  ],
  ['a\r\n\r\nb', [['a'], [''], ['b']]],
  ['a\r\rb', [['a'], [''], ['b']]],
  ['5" pipe,"x"y\n', [['5" pipe', 'xy']]],
  ['', []],
  ['\ufeff', []],
])('reads %j', async (text, cells) => {
  const records = await read(join(await aFolder('quick'), 'x.csv'), text);
  expect(records.map((record) => record.cells)).toEqual(cells);
});

test('says where each record stands, how its line ends, and whether the file stops inside quotes', async () => {
  const path = join(await aFolder('quick'), 'x.csv');
  expect(await read(path, '\ufeffü\r\nb\n"c')).toEqual([
    { offset: 3, end: 7, cells: ['ü'], lineEnd: '\r\n', open: false, astray: false },
    { offset: 7, end: 9, cells: ['b'], lineEnd: '\n', open: false, astray: false },
    { offset: 9, end: 11, cells: ['c'], lineEnd: undefined, open: true, astray: false },
  ]);
  expect(await read(path, 'a\nb\nc\n', 2, 4)).toEqual([
    { offset: 2, end: 4, cells: ['b'], lineEnd: '\n', open: false, astray: false },
  ]);
});

test('reads what an independent parser reads, across the borders of its chunks', async () => {
  const path = join(await aFolder('quick'), 'x.csv');
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '👩', ',', '"', '\n', '\r\n', ' ') });
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 65_500, max: 65_536 }), async (cells, padding) => {
      const body = cells.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')).join('\r\n');
      const text = `"${'x'.repeat(padding)}",""\r\n${body}\r\n`;
      const records = await read(path, text);
      expect(records.map((record) => record.cells)).toEqual(parse(text));
      expect(records.at(-1)?.end).toBe(Buffer.byteLength(text));
    }),
  );
});
