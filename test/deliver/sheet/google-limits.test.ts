import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../../src/core/errors.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { readServiceAccount } from '../../../src/deliver/sheet/google/service-account.ts';
import { startGoogle } from '../../support/google.ts';
import { aGoogleChannel, aGoogleRow } from './google-rows.ts';
import { aFolder, aRow, failureOf, perform } from './sheets.ts';

describe('the quota', () => {
  test('of a minute is enough for five hundred rows', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const rows = Array.from({ length: 500 }, (_, index) =>
      aGoogleRow(google, `dl_${index}`, { Booking: `bk_${index}`, Status: 'pending' }, { key: 'Booking' }),
    );
    // As the deliverer does: as many at once as the channel has places.
    for (let from = 0; from < rows.length; from += 48) {
      await Promise.all(rows.slice(from, from + 48).map((row) => perform(channel, row)));
    }
    expect(new Set(google.rows('Sheet1').map(([id]) => id)).size).toBe(501);
    expect(google.rows('Sheet1')).toHaveLength(501);
    expect(google.counts.writes).toBeLessThanOrEqual(15);
    expect(google.counts.reads).toBeLessThanOrEqual(45);
    expect(google.counts.refused).toBe(0);
  });

  test('that is used up elsewhere is waited for, by all that follow too, and never while files wait', async () => {
    const google = await startGoogle();
    let time = Date.now();
    const channel = await aGoogleChannel(google, { now: () => time });
    google.quota = 0;
    const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1' });
    const failure = await failureOf(perform(channel, row));
    expect(failure).toMatchObject({ code: 'google_quota', verdict: 'wait', retryAfterMs: 30_000, unclear: false });
    await failureOf(perform(channel, row));
    expect(google.counts.refused).toBe(1);

    const due = [row, aRow('2', { Booking: 'bk_2' })].map(({ id, destination }) => ({ id, destination }));
    expect(channel.admit?.(due, time)).toEqual([time + 30_000, time]);
    google.quota = 1_000;
    time += 30_000;
    await perform(channel, row);
    expect(google.rows('Sheet1')).toHaveLength(2);
  });

  test('is never asked for more than Google gives', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    for (let index = 0; index < 30; index += 1) {
      await perform(channel, aGoogleRow(google, `dl_${index}`, { Booking: `${index}` })).catch(() => {});
    }
    expect(google.counts.refused).toBe(0);
    expect(google.counts.reads).toBeLessThanOrEqual(60);
  });

  test('leaves places for files while Google is slow', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const due = Array.from({ length: 100 }, (_, index) => aGoogleRow(google, `dl_${index}`, { A: 'a' }));
    const given = channel.admit?.(due, 1_000) ?? [];
    expect(given.filter((time) => time === 1_000).length).toBeLessThan(channel.concurrency);
  });
});

describe('what Google can not take', () => {
  test('is told before it is sent where a cell is too long', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Notes: 'x'.repeat(50_001) })));
    expect(failure).toMatchObject({ code: 'cell_too_long', verdict: 'permanent' });
    expect(failure.message).toContain('under "Notes" holds 50001 characters');
    expect(google.counts.reads).toBe(0);
  });

  test('is told where the spreadsheet is full', async () => {
    const google = await startGoogle();
    google.setTab('Sheet1', [['Booking']]).rowCount = 10_000_001;
    const channel = await aGoogleChannel(google);
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' })));
    expect(failure).toMatchObject({ code: 'spreadsheet_full', verdict: 'retry', unclear: false });
  });

  test('is told where there is no such spreadsheet, or the key was revoked', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const other = aGoogleRow({ id: 'unknown' }, 'dl_1', { Booking: 'bk_1' });
    expect(await failureOf(perform(channel, other))).toMatchObject({ code: 'spreadsheet_not_found', verdict: 'retry' });
    google.access = 'revoked';
    const restarted = await aGoogleChannel(google);
    const failure = await failureOf(perform(restarted, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' })));
    expect(failure).toMatchObject({ code: 'google_credentials', verdict: 'retry', unclear: false });
    expect(failure.message).toContain(google.account.email);
  });

  test('waits where Google is not configured any more', async () => {
    const channel = createSheetChannel({ folder: await aFolder() });
    const failure = await failureOf(perform(channel, aGoogleRow({ id: 'sheet' }, 'dl_1', { Booking: 'bk_1' })));
    expect(failure).toMatchObject({ code: 'google_not_configured', verdict: 'retry' });
  });
});

describe('the key file', () => {
  test('is read as Google writes it', async () => {
    const google = await startGoogle();
    const path = join(await aFolder(), 'key.json');
    await writeFile(path, google.keyFile);
    expect(readServiceAccount(path)).toMatchObject({ email: google.account.email, tokenUri: `${google.url}/token` });
  });

  test.each([
    ['not JSON', 'is not JSON'],
    ['{"type":"authorized_user"}', 'is no key file of a service account: look at type, client_email, private_key'],
    [
      '{"type":"service_account","client_email":"a@b.example","private_key":"secret"}',
      'its private_key is not an RSA key',
    ],
  ])('that holds %j is refused without telling what is in it', async (text, message) => {
    const path = join(await aFolder(), 'key.json');
    await writeFile(path, text);
    let thrown: unknown;
    try {
      readServiceAccount(path);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OperatorError);
    expect(String(thrown)).toContain(message);
    expect(String(thrown)).not.toContain('secret');
  });

  test('that is not there is named', () => {
    expect(() => readServiceAccount('/nowhere/key.json')).toThrow('GOOGLE_SERVICE_ACCOUNT_FILE: /nowhere/key.json');
  });
});
