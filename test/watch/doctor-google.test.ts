import { expect, test } from 'vitest';
import { createSheetsApi } from '../../src/deliver/sheet/google/api.ts';
import { examine } from '../../src/watch/doctor/check.ts';
import { googleCheck } from '../../src/watch/doctor/google.ts';
import { type GoogleStandIn, startGoogle } from '../support/google.ts';

const examined = ({ account, url }: Pick<GoogleStandIn, 'account' | 'url'>, ids: readonly string[]) =>
  examine(
    [googleCheck(() => createSheetsApi({ account, apiUrl: url }), new Map(ids.map((id) => [id, 'rule office-list'])))],
    { clock: () => {} },
  );

test('spreadsheets that can be used are counted, and nothing is written to them', async () => {
  const google = await startGoogle();
  expect(await examined(google, [google.id])).toEqual([
    { check: 'Google Sheets', state: 'ok', says: `${google.account.email}: 1 spreadsheet can be used` },
  ]);
  expect(google.counts.writes).toBe(0);
});

test('one that is not shared, and one that is not there, are told with who names them and what to do', async () => {
  const google = await startGoogle();
  const [missing] = await examined(google, ['1NoSuchSpreadsheet']);
  expect(missing).toMatchObject({
    state: 'problem',
    says: expect.stringContaining('1NoSuchSpreadsheet (rule office-list)'),
  });
  google.access = 'none';
  const [unshared] = await examined(google, [google.id]);
  expect(unshared).toMatchObject({
    state: 'problem',
    remedy: `Share it with ${google.account.email}, as an editor.`,
  });
});

test('a key that Google no longer takes, and a Google that is out of reach, are not told to be a matter of sharing', async () => {
  const google = await startGoogle();
  google.access = 'revoked';
  const [revoked] = await examined(google, [google.id]);
  expect(revoked).toMatchObject({ state: 'problem', remedy: expect.stringContaining('GOOGLE_SERVICE_ACCOUNT_FILE') });

  const away = { account: { ...google.account, tokenUri: 'http://127.0.0.1:1/token' }, url: 'http://127.0.0.1:1' };
  const [unreachable] = await examined(away, [google.id]);
  expect(unreachable).toMatchObject({ state: 'problem', remedy: expect.stringContaining('network') });
});
