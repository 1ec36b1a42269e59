import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import width from 'string-width';
import { describe, expect, test } from 'vitest';
import { paints } from '../../../src/query/cli/paint.ts';
import { table } from '../../../src/query/cli/table.ts';

const plain = { paint: paints(false), width: undefined };
const COLUMNS = [{ title: 'id', whole: true }, { title: 'who' }, { title: 'what' }];

describe('a table', () => {
  test('aligns by what characters take on the screen', () => {
    const text = table(
      COLUMNS,
      [
        ['bk_1', '王小明', 'x'],
        ['bk_22', 'Zoë', 'y'],
        ['bk_3', '', ''],
      ],
      plain,
    );
    expect(text).toBe(`id     who     what
bk_1   王小明  x
bk_22  Zoë     y
bk_3
`);
  });

  test('cuts the widest cells to fit the terminal, and never an id', () => {
    const id = 'bk_0123456789012345678901234567890123456789';
    const text = table(COLUMNS, [[id, 'A name that goes on and on', 'short']], { ...plain, width: 60 });
    expect(text).toBe(`id                                           who       what
${id}  A name…   short
`);
  });

  test('leaves everything whole where there is no terminal, but for a cell without end', () => {
    const [, row] = table(COLUMNS, [['bk_1', 'n'.repeat(150), 'x'.repeat(100_000)]], plain).split('\n');
    expect(row).toBe(`bk_1  ${'n'.repeat(150)}  ${'x'.repeat(199)}…`);
  });

  test('colours do not move the columns', () => {
    const rows = [
      ['bk_1', { text: 'Zoë', colour: 'green' as const }, 'x'],
      ['bk_2', 'Łukasz', 'y'],
    ];
    const coloured = table(COLUMNS, rows, { paint: paints(true), width: 80 });
    expect(coloured).toContain('\x1b[32mZoë\x1b[39m');
    expect(stripVTControlCharacters(coloured)).toBe(table(COLUMNS, rows, { ...plain, width: 80 }));
  });

  test('has one line a row, no wider than the terminal, whatever the cells hold', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: fc.constantFrom('\x1b[2J', '\n', '\r', '\u202e', 'a', ' ', '王', '👩\u200D💻', 'e\u0301') }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { maxLength: 6 }),
        fc.integer({ min: 30, max: 120 }),
        (cells, columns) => {
          const rows = cells.map(([one, other], index) => [`bk_${index}`, one, other]);
          const lines = table(COLUMNS, rows, { ...plain, width: columns }).split('\n');
          expect(lines).toHaveLength(rows.length + 2);
          for (const line of lines) {
            expect(width(line)).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u);
          }
        },
      ),
    );
  });
});
