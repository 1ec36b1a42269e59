import { createWriteStream, existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeXlsx } from '../../src/export/xlsx.ts';
import { MOST_CHARACTERS } from '../../src/export/xlsx-cell.ts';
import { aTable, aText } from './tables.ts';
import { aFile, aWorkbook, cellsIn, OFFICE, partsIn, throughLibreOffice } from './workbooks.ts';

const HOSTILE = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '=HYPERLINK("http://x")',
  '\t=1',
  '<b>&"\'',
  '_x000D_',
  '_x0041_',
  'a\r\nb',
  '\0\u0008\uffff\ud800x',
  '👋 ok',
  ' two  spaces ',
];
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;
const expected = (text: string): string => text.toWellFormed().replace(NOT_XML, '');

describe('a workbook', () => {
  test('has typed cells: times in its zone, days, numbers, and texts of any kind', async () => {
    const file = await aWorkbook(
      aTable(
        [
          [
            { kind: 'time', value: Date.UTC(2027, 6, 15, 10, 30) },
            { kind: 'day', value: '2027-07-15' },
            { kind: 'number', value: -2.5 },
            aText('=1+1'),
            { kind: 'empty' },
          ],
        ],
        ['time', 'day', 'number', 'text', 'text'],
      ),
    );
    const parts = await partsIn(file);
    expect([...parts.keys()].sort()).toEqual(
      [
        '[Content_Types].xml',
        '_rels/.rels',
        'xl/_rels/workbook.xml.rels',
        'xl/styles.xml',
        'xl/workbook.xml',
        'xl/worksheets/sheet1.xml',
      ].sort(),
    );
    const xml = parts.get('xl/worksheets/sheet1.xml') ?? '';
    // Day 46,583 is 2027-07-15; 12:30 in Berlin's summer.
    expect(cellsIn(xml)).toEqual(
      new Map<string, string | number>([
        ['A1', 'Column 1 (Europe/Berlin)'],
        ...(['B', 'C', 'D', 'E'] as const).map((name, index) => [`${name}1`, `Column ${index + 2}`] as const),
        ['A2', 46_583 + 12.5 / 24],
        ['B2', 46_583],
        ['C2', -2.5],
        ['D2', '=1+1'],
      ]),
    );
    expect(xml).toContain('state="frozen"');
    expect(xml).toContain('<autoFilter ref="A1:E2"/>');
    expect(xml).not.toContain('<f');
  });

  test('keeps a day that no calendar has as the text it is', async () => {
    const days = ['2027-02-28', '2027-02-31', '2027-13-01'].map((value) => [{ kind: 'day', value }] as const);
    const parts = await partsIn(await aWorkbook(aTable(days, ['day'])));
    const cells = cellsIn(parts.get('xl/worksheets/sheet1.xml') ?? '');
    expect(['A2', 'A3', 'A4'].map((name) => cells.get(name))).toEqual([46_446, '2027-02-31', '2027-13-01']);
  });

  test('keeps any text as it was, but for what XML has no way to say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom(...HOSTILE)), {
          minLength: 1,
          maxLength: 20,
        }),
        async (texts) => {
          const parts = await partsIn(await aWorkbook(aTable(texts.map((text) => [aText(text)]))));
          const cells = cellsIn(parts.get('xl/worksheets/sheet1.xml') ?? '');
          expect(texts.map((_, index) => cells.get(`A${index + 2}`))).toEqual(texts.map(expected));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('has a time that no spreadsheet counts as the text of it', async () => {
    const parts = await partsIn(
      await aWorkbook(aTable([[{ kind: 'time', value: Date.UTC(1895, 4, 1, 9) }]], ['time'])),
    );
    expect(cellsIn(parts.get('xl/worksheets/sheet1.xml') ?? '').get('A2')).toBe('1895-05-01T10:00:00+01:00');
  });

  test('cuts a text where a cell is full, between characters', async () => {
    const parts = await partsIn(
      await aWorkbook(aTable([[aText('👋'.repeat(20_000))], [aText('x'.repeat(MOST_CHARACTERS))]])),
    );
    const cells = cellsIn(parts.get('xl/worksheets/sheet1.xml') ?? '');
    expect(cells.get('A2')).toBe(`${'👋'.repeat((MOST_CHARACTERS - 1) / 2)}…`);
    expect(cells.get('A3')).toBe('x'.repeat(MOST_CHARACTERS));
  });

  test('goes on in a further sheet where one is full, under the same headings', async () => {
    const rows = (count: number) => aTable(Array.from({ length: count }, (_, index) => [aText(`${index}`)]));
    const parts = await partsIn(await aWorkbook(rows(5), { mostRows: 3 }));
    const sheets = [1, 2, 3].map((number) => [
      ...cellsIn(parts.get(`xl/worksheets/sheet${number}.xml`) ?? '').values(),
    ]);
    expect(sheets).toEqual([
      ['Column 1', '0', '1'],
      ['Column 1', '2', '3'],
      ['Column 1', '4'],
    ]);
    expect(parts.get('xl/workbook.xml')).toContain('name="Bookings 3"');
    // Full to the last row is not one sheet more.
    expect((await partsIn(await aWorkbook(rows(4), { mostRows: 3 }))).has('xl/worksheets/sheet3.xml')).toBe(false);
    expect((await partsIn(await aWorkbook(rows(0)))).has('xl/worksheets/sheet1.xml')).toBe(true);
  });

  test('fails as its reading or its writing fails', async () => {
    const table = aTable([]);
    const broken = {
      ...table,
      rows: (async function* () {
        yield [aText('x')];
        throw new Error('the store is away');
      })(),
    };
    await expect(writeXlsx(broken, createWriteStream(await aFile('a.xlsx')))).rejects.toThrow('the store is away');
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
    const many = aTable(Array.from({ length: 50_000 }, (_, index) => [aText(`${Math.sin(index)}`)]));
    await expect(writeXlsx(many, full)).rejects.toThrow('the disk is full');
  });

  test('stops when it is told to, and reads no more', async () => {
    const stopping = new AbortController();
    let read = 0;
    const table = {
      ...aTable([]),
      rows: (async function* () {
        for (;;) {
          read += 1;
          if (read === 1_000) stopping.abort(new Error('enough'));
          yield [aText('x')];
        }
      })(),
    };
    const output = createWriteStream(await aFile('a.xlsx'));
    await expect(writeXlsx(table, output, { signal: stopping.signal })).rejects.toThrow('enough');
    const before = read;
    await new Promise((go) => setImmediate(go));
    expect(read).toBe(before);
    await expect(writeXlsx(aTable([]), output, { signal: stopping.signal })).rejects.toThrow('enough');
  });

  test('reads no more rows than the output takes', async () => {
    const table = aTable(Array.from({ length: 200_000 }, (_, index) => [aText(`${Math.sin(index)}`.repeat(10))]));
    let taken = 0;
    const stuck = new Writable({
      write: (chunk) => {
        taken += chunk.length;
      },
    });
    const writing = writeXlsx(table, stuck).catch((error: unknown) => error);
    // Nothing is ever taken: what is read is what fits into the buffers on the way.
    let before = -1;
    while (table.read() !== before) {
      before = table.read();
      await new Promise((go) => setTimeout(go, 100));
    }
    expect(table.read()).toBeGreaterThan(0);
    expect(table.read()).toBeLessThan(100_000);
    expect(taken).toBeLessThan(1_000_000);
    stuck.destroy(new Error('enough'));
    expect(await writing).toBeInstanceOf(Error);
  });
});

describe.skipIf(!existsSync(OFFICE))('LibreOffice (skipped where /usr/bin/soffice is not installed)', () => {
  test('shows the same cells, dates as dates, and no formula', async () => {
    const texts = HOSTILE.filter((text) => !/[\r\t\0]/.test(text));
    const file = await aWorkbook(
      aTable(
        texts.map((text) => [
          aText(text),
          { kind: 'time', value: Date.UTC(2027, 6, 15, 10, 30) } as const,
          { kind: 'day', value: '2027-07-15' } as const,
          { kind: 'number', value: 2.5 } as const,
        ]),
        ['text', 'time', 'day', 'number'],
      ),
    );
    const [, ...rows] = parse(await throughLibreOffice(file)) as string[][];
    expect(rows).toEqual(texts.map((text) => [expected(text), '2027-07-15 12:30:00', '2027-07-15', '2.5']));
    const formulas = await throughLibreOffice(file, { formulas: true });
    expect((parse(formulas) as string[][]).slice(1).map(([text]) => text)).toEqual(texts.map(expected));
  }, 180_000);
});
