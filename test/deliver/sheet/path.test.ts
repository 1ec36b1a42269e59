import { basename, relative, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeliveryError } from '../../../src/core/errors.ts';
import { resolveSheetPath } from '../../../src/deliver/sheet/path.ts';

const FOLDER = '/srv/bot/sheets';

test.each([
  ['bookings.csv', 'bookings.csv'],
  ['2027/02/bookings.csv', '2027/02/bookings.csv'],
  [' bookings.csv\n', 'bookings.csv'],
  ['Zoe\u0308 Müller.csv', 'Zoë Müller.csv'],
  ['予約 2027.csv', '予約 2027.csv'],
  ['a/b..c.csv', 'a/b..c.csv'],
  ['bookings-{id}=+@.csv', 'bookings-{id}=+@.csv'],
])('takes %j as %j', (given, file) => {
  expect(resolveSheetPath(FOLDER, given)).toEqual({ folder: FOLDER, file, path: `${FOLDER}/${file}` });
});

test.each([
  ['', 'empty'],
  ['/etc/cron.d/x.csv', 'begins with a slash'],
  ['../x.csv', 'step ".."'],
  ['a/../../x.csv', 'step ".."'],
  ['a/./x.csv', 'step "."'],
  ['a//x.csv', 'no name'],
  ['..\\x.csv', 'backslash'],
  ['C:x.csv', 'not for file names'],
  ['x.csv\0.csv', 'not for file names'],
  ['a\nb.csv', 'not for file names'],
  ['\u202egnp.csv', 'not for file names'],
  ['\ud800.csv', 'not for file names'],
  ['a?.csv', 'not for file names'],
  ['.csv', 'begins with a dot'],
  ['.ssh/keys.csv', 'begins with a dot'],
  ['a /x.csv', 'space'],
  ['a./x.csv', 'ends with a dot'],
  ['NUL.csv', 'reserved'],
  ['com1/x.csv', 'reserved'],
  ['bookings.xlsx', 'does not end in .csv'],
  ['bookings.CSV', 'does not end in .csv'],
  ['bookings.csv/', 'no name'],
  [`${'x'.repeat(250)}.csv`, 'longer than 200 bytes'],
  [`${'ü'.repeat(120)}.csv`, 'longer than 200 bytes'],
  [`${'abcdefgh/'.repeat(60)}x.csv`, 'longer than 500 bytes'],
])('refuses %j for good and says why', (given, why) => {
  const refuse = () => resolveSheetPath(FOLDER, given);
  expect(refuse).toThrow(why);
  expect(refuse).toThrow(expect.objectContaining({ code: 'invalid_file_name', verdict: 'permanent', unclear: false }));
  expect(refuse).toThrow('Mend sheet.file in the rule');
});

/** Text with pieces that have defeated such checks elsewhere. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '/',
        '\\',
        '\0',
        '%2e',
        '%2f',
        '~',
        ':',
        ' ',
        '．',
        '／',
        '․',
        '\u202e',
        '.csv',
        'con',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

test('whatever a name holds, it is refused or stays below the folder, visible and short', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        hostile,
        hostile.map((name) => `${name}.csv`),
      ),
      (given) => {
        let found: ReturnType<typeof resolveSheetPath>;
        try {
          found = resolveSheetPath(FOLDER, given);
        } catch (error) {
          expect(error).toBeInstanceOf(DeliveryError);
          return;
        }
        expect(found.path.startsWith(FOLDER + sep)).toBe(true);
        expect(resolve(FOLDER, relative(FOLDER, found.path))).toBe(found.path);
        expect(relative(FOLDER, found.path)).toBe(found.file);
        expect(found.file.split('/')).not.toContain('..');
        expect(found.path).not.toMatch(/[\\\p{Cc}\p{Cs}]/u);
        expect(found.path).not.toMatch(/\/\./);
        expect(basename(found.path)).toMatch(/.\.csv$/);
        expect(Buffer.byteLength(basename(found.path))).toBeLessThanOrEqual(200);
        expect(resolveSheetPath(FOLDER, found.file)).toEqual(found);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a refusal repeats nothing of what a guest may have typed', () => {
  expect(() => resolveSheetPath(FOLDER, '../jane.doe@example.com.csv')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('jane') }),
  );
});
