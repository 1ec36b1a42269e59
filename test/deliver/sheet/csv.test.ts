import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeCell, toLine } from '../../../src/core/csv.ts';
import { headerOf, layOut } from '../../../src/deliver/sheet/csv.ts';

describe('a cell', () => {
  test.each([
    ['John Doe', 'John Doe'],
    ['', ''],
    ['a "quoted", b; c', 'a "quoted", b; c'],
    ['=1+1', "'=1+1"],
    ['+48 600 000 000', "'+48 600 000 000"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['   =1+1', "'   =1+1"],
    ['\u00a0=1+1', "'\u00a0=1+1"],
    ['\u200b=1+1', "'\u200b=1+1"],
    ['\ufeff=1+1', "'\ufeff=1+1"],
    ['＝1+1', "'＝1+1"],
    ['＋1', "'＋1"],
    ['－1', "'－1"],
    ['＠a', "'＠a"],
    ['\t=1', "' =1"],
    ['\tx', "' x"],
    ['\rx', "' x"],
    ['\nx', "' x"],
    ['\0x', "'x"],
    ['\u0001=1', "'=1"],
    ['1\r\n2\n3\r4\u20285\u00856\t7', '1 2 3 4 5 6 7'],
    ['a\u0000b\u001bc\u007fd\u009be', 'abcde'],
    ['a\ud800b', 'a\ufffdb'],
    ["'already", "'already"],
    ['10 = 5 + 5', '10 = 5 + 5'],
    ['👩‍👩‍👧 שלום', '👩‍👩‍👧 שלום'],
  ])('%j is written as %j', (text, cell) => {
    expect(safeCell(text)).toBe(cell);
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('=', '+', '-', '@', '＝', '＠', ' ', '\t', '\r', '\n', '\0', '"', "'", ',', ';', 'a'),
    }),
  );

  test('never begins with what a spreadsheet takes for a formula, and stays one line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const cell = safeCell(text);
        expect(cell.replace(/^[\s\p{Cf}]+/u, '')).not.toMatch(/^[=+\-@＝＋－＠]/);
        expect(cell).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(safeCell(cell)).toBe(cell);
      }),
      { numRuns: 2_000 },
    );
  });

  test('loses nothing but controls, and differs in nothing but spaces and the apostrophe', () => {
    const bare = (text: string) => text.replace(/[\p{Cc}\s]/gu, '');
    fc.assert(
      fc.property(anyText, (text) => {
        const whole = text.toWellFormed();
        expect([bare(whole), `'${bare(whole)}`]).toContain(bare(safeCell(text)));
        if (!/[\p{Cc}\u2028\u2029]/u.test(whole) && !/^[\s\p{Cf}]*[=+\-@＝＋－＠]/u.test(whole)) {
          expect(safeCell(text)).toBe(whole);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('comes back from an independent parser as it was written, one record a row', () => {
    const rows = fc.array(fc.array(anyText, { minLength: 3, maxLength: 3 }), { minLength: 1 });
    fc.assert(
      fc.property(rows, fc.constantFrom('\r\n' as const, '\n' as const), (texts, lineEnd) => {
        const cells = texts.map((row) => row.map(safeCell));
        const file = cells.map((row) => toLine(row, lineEnd)).join('');
        expect(parse(file)).toEqual(cells);
        expect(file.split('\n')).toHaveLength(texts.length + 1);
      }),
    );
  });
});

describe('columns', () => {
  test('are placed by the name of their header; columns that the row lacks stay empty', () => {
    expect(layOut(['Guest', 'Notes', 'Booking'], { Booking: 'bk_1', Guest: '=x' })).toEqual({
      cells: ["'=x", '', 'bk_1'],
    });
  });

  test('are found where the header was guarded, spaced or composed in another way', () => {
    expect(layOut(["'+1", ' Zoe\u0308 '], { '+1': 'a', Zoë: 'b' })).toEqual({ cells: ['a', 'b'] });
  });

  test('that the file lacks are named', () => {
    expect(layOut(['Booking'], { Booking: 'a', Phone: 'b', Notes: 'c' })).toEqual({ missing: ['Phone', 'Notes'] });
  });

  test('head a new file as safe cells', () => {
    expect(headerOf({ Booking: '1', '=x': '2' })).toEqual(['Booking', "'=x"]);
  });

  test.each([[{}], [{ ' ': 'a' }], [{ a: '1', 'a ': '2' }]])(
    'without names of their own are refused: %j',
    (columns) => {
      expect(() => headerOf(columns)).toThrow(
        expect.objectContaining({ code: 'invalid_columns', verdict: 'permanent' }),
      );
    },
  );
});
