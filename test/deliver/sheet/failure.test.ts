import { expect, test } from 'vitest';
import { DeliveryError } from '../../../src/core/errors.ts';
import { sheetFailure } from '../../../src/deliver/sheet/failure.ts';

const thrown = (code: string) => Object.assign(new Error(`${code}: open '/srv/secret/path'`), { code });

test.each([
  ['ENOSPC', 'disk_full', 'Free some space'],
  ['EDQUOT', 'disk_full', 'quota'],
  ['EFBIG', 'file_too_large', 'Rename it'],
  ['EACCES', 'no_permission', 'Let the user it runs as write'],
  ['EPERM', 'no_permission', 'Let the user it runs as write'],
  ['EROFS', 'read_only', 'Mount it for writing'],
  ['EISDIR', 'not_a_file', 'Rename that'],
  ['ENOTDIR', 'not_a_folder', 'Rename the file'],
  ['ENOENT', 'folder_missing', 'DATA_DIR'],
  ['EIO', 'disk_error', 'system log'],
  ['EWHATEVER', 'sheet_failed', 'EWHATEVER'],
])('%s passes, is called %s, and comes with a remedy', (errno, code, remedy) => {
  const failure = sheetFailure(thrown(errno), 'bookings.csv', false);
  expect(failure).toMatchObject({ code, verdict: 'retry', unclear: false });
  expect(failure.message).toContain('The row for bookings.csv could not be written');
  expect(failure.message).toContain(remedy);
  expect(failure.message).not.toContain('/srv');
});

test('what is no system error passes too', () => {
  expect(sheetFailure('odd', 'a.csv', true)).toMatchObject({ code: 'sheet_failed', verdict: 'retry', unclear: true });
});

test('a failure that is known already keeps its meaning, and a doubt is never lost', () => {
  const wait = new DeliveryError('row_cut_off', 'wait', { verdict: 'wait', retryAfterMs: 5 });
  expect(sheetFailure(wait, 'a.csv', true)).toMatchObject({ code: 'row_cut_off', retryAfterMs: 5, unclear: true });
  const unclear = new DeliveryError('x', 'x', { verdict: 'retry', unclear: true });
  expect(sheetFailure(unclear, 'a.csv', false).unclear).toBe(true);
});
