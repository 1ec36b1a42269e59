import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/core/delivery.ts';
import { createTokenSource } from '../../../src/deliver/sheet/google/token.ts';
import { type GoogleTrouble, startGoogle } from '../../support/google.ts';
import { aGoogleChannel, aGoogleRow, type Headers } from './google-rows.ts';
import { again, failureOf, perform } from './sheets.ts';

const KEY = { key: 'Booking' };
const HOUR = 3_600_000;

describe('an update that nobody knows the end of', () => {
  test.each<GoogleTrouble>(['lost-request', 'error-before'])(
    'is made again after %s, though its row is there',
    async (trouble) => {
      const google = await startGoogle();
      google.setTab('Sheet1', [
        ['Booking', 'Status'],
        ['bk_1', 'new'],
      ]);
      const channel = await aGoogleChannel(google, { lingering: 0 });
      google.troubles.push(trouble);
      const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1', Status: 'done' }, KEY);
      const notes = new Map<string, Note>();
      await failureOf(perform(channel, row, notes));
      await perform(channel, again(row, notes.get('dl_1')));
      expect(google.rows('Sheet1')).toEqual([
        ['Booking', 'Status'],
        ['bk_1', 'done'],
      ]);
    },
  );

  test('is made again at once where Google answered: nothing is under way then', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google, { lingering: HOUR });
    google.troubles.push('error-before');
    const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1' });
    const notes = new Map<string, Note>();
    expect(await failureOf(perform(channel, row, notes))).toMatchObject({ unclear: true });
    await perform(channel, again(row, notes.get('dl_1')));
    expect(google.rows('Sheet1')).toHaveLength(2);
  });
});

test('a tab is found whether its name is written with small or capital letters, as Google does', async () => {
  const google = await startGoogle();
  google.setTab('Bookings', [['Booking'], ['bk_0']]);
  const headers: Headers = new Map();
  const channel = await aGoogleChannel(google, { headers });
  const row = (id: string, tab: string) => aGoogleRow(google, id, { Booking: id, Status: 'new' }, { tab, ...KEY });
  const [one] = await Promise.all(
    [row('bk_1', 'bookings'), row('bk_2', 'BOOKINGS')].map((each) => perform(channel, each)),
  );
  expect(one?.summary).toContain('tab "bookings"');
  // One tab that does not exist beside one that does.
  await Promise.all([row('bk_3', 'New'), row('bk_3', 'bookings')].map((each) => perform(channel, each)));
  expect(google.rows('Bookings')).toEqual([
    ['Booking', 'Status'],
    ['bk_0'],
    ['bk_1', 'new'],
    ['bk_2', 'new'],
    ['bk_3', 'new'],
  ]);
  google.tab('Bookings').rows[0] = ['Number', 'Status'];
  expect(await failureOf(perform(channel, row('bk_4', 'bookings')))).toMatchObject({ code: 'columns_changed' });
});

describe('the sign-in', () => {
  test('is made anew where Google no longer takes it', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const row = (id: string) => aGoogleRow(google, id, { Booking: id });
    await perform(channel, row('1'));
    google.expireTokens();
    const failure = await failureOf(perform(channel, row('2')));
    expect(failure).toMatchObject({ code: 'google_credentials', verdict: 'retry', unclear: false });
    await perform(channel, row('2'));
    expect(google.rows('Sheet1')).toHaveLength(3);
    expect(google.counts.tokens).toBe(2);
  });

  test('is made once for all who need it at the same time, and kept', async () => {
    const google = await startGoogle();
    let time = Date.now();
    const tokens = createTokenSource(google.account, () => time);
    const { signal } = new AbortController();
    await Promise.all([tokens.token(signal), tokens.token(signal), tokens.token(signal)]);
    expect(google.counts.tokens).toBe(1);
    // Within the tolerance for clocks that differ, so that the claim stays valid.
    time += 200_000;
    await tokens.token(signal);
    expect(google.counts.tokens).toBe(1);
  });
});

describe('what is sent', () => {
  test('is in requests of a size that Google advises', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const long = 'x'.repeat(45_000);
    const rows = Array.from({ length: 48 }, (_, index) =>
      aGoogleRow(google, `dl_${index}`, { Booking: `${index}`, Notes: long }),
    );
    await Promise.all(rows.map((row) => perform(channel, row)));
    expect(google.rows('Sheet1')).toHaveLength(49);
    expect(google.largest).toBeLessThan(2_000_000);
  });

  test('has no characters that nobody sees, and one kind of line end', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    await perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'a\0\u0007b\r\nc\rd\te\ud800' }));
    expect(google.rows('Sheet1')[1]?.[0]).toBe('ab\nc\nd\te\ufffd');
  });

  test('finds a tab with an apostrophe in its name', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    for (const status of ['new', 'done']) {
      await perform(channel, aGoogleRow(google, status, { Booking: 'bk_1', Status: status }, { ...KEY, tab: "It's" }));
    }
    expect(google.rows("It's")).toEqual([
      ['Booking', 'Status'],
      ['bk_1', 'done'],
    ]);
  });

  test('has a key: a row without one would be taken for any other', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Booking: ' ', Guest: 'Jane' }, KEY)));
    expect(failure).toMatchObject({ code: 'empty_key', verdict: 'permanent' });
    expect(google.counts.reads).toBe(0);
  });
});
