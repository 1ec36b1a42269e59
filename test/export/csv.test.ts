import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { csvOf } from '../../src/export/csv.ts';
import { aTable, aText } from './tables.ts';
import { aFile, OFFICE, throughLibreOffice } from './workbooks.ts';

const written = async (table: Parameters<typeof csvOf>[0]): Promise<string[][]> =>
  parse((await Array.fromAsync(csvOf(table))).join(''));

test('a table as CSV has ISO times with their offset, numbers as such, and no formula', async () => {
  const rows = await written(
    aTable(
      [
        [
          { kind: 'time', value: Date.UTC(2027, 6, 15, 10, 30) },
          { kind: 'day', value: '2027-07-15' },
          { kind: 'number', value: -2.5 },
          aText('-2.5'),
        ],
        [
          { kind: 'time', value: Number.MAX_VALUE },
          { kind: 'empty' },
          { kind: 'number', value: 0 },
          aText('=a\r\n"b"'),
        ],
      ],
      ['time', 'day', 'number', 'text'],
    ),
  );
  expect(rows).toEqual([
    ['Column 1', 'Column 2', 'Column 3', 'Column 4'],
    ['2027-07-15T12:30:00+02:00', '2027-07-15', '-2.5', "'-2.5"],
    ['', '', '0', '\'=a "b"'],
  ]);
});

test('a large table comes in pieces, each row once', async () => {
  const pieces = await Array.fromAsync(
    csvOf(aTable(Array.from({ length: 20_000 }, (_, index) => [aText(`${index}`)]))),
  );
  expect(pieces.length).toBeGreaterThan(2);
  expect(parse(pieces.join(''))).toHaveLength(20_001);
});

const FORMULAS = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(1,1)',
  '\t=1+1',
  ' =1+1',
  '＝1+1',
  '=HYPERLINK("http://x.example")',
  '=1+1"\n=2+2',
];

test.skipIf(!existsSync(OFFICE))(
  'LibreOffice (skipped where it is not installed) runs nothing that stands in a CSV',
  async () => {
    const file = await aFile('export.csv');
    const csv = (await Array.fromAsync(csvOf(aTable(FORMULAS.map((text) => [aText(text)]))))).join('');
    // The last row shows that LibreOffice would have run one.
    await writeFile(file, `${csv}=40+2\r\n`);
    const shown: string[][] = parse(await throughLibreOffice(file));
    expect(shown.at(-1)).toEqual(['42']);
    expect(shown.slice(1, -1).map(([text = '']) => text.replace(/^'/, ''))).toEqual(
      FORMULAS.map((text) => expect.stringContaining(text.trim().slice(0, 4))),
    );
  },
  180_000,
);
