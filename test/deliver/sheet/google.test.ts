import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/core/delivery.ts';
import { DELIVERY_COLUMN } from '../../../src/deliver/sheet/google/row.ts';
import { eventually } from '../../support/eventually.ts';
import { type GoogleTrouble, startGoogle } from '../../support/google.ts';
import { aGoogleChannel, aGoogleRow, type Headers, performUntilDone } from './google-rows.ts';
import { again, failureOf, perform } from './sheets.ts';

const KEY = { key: 'Booking' };

describe('a row without a key', () => {
  test('is added below headers that are written once, with its delivery in a hidden column', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const first = await perform(channel, aGoogleRow(google, 'dl_1', { Booking: '00123', Guest: '=1+1' }));
    await perform(channel, aGoogleRow(google, 'dl_2', { Guest: "'+48 600\n<b>", Booking: 'bk_2' }));
    expect(google.rows('Sheet1')).toEqual([
      ['Booking', 'Guest', DELIVERY_COLUMN],
      ['00123', '=1+1', 'dl_1'],
      ['bk_2', "'+48 600\n<b>", 'dl_2'],
    ]);
    expect(google.tab('Sheet1').hidden).toEqual([2]);
    expect(first).toMatchObject({ summary: 'row in the Google spreadsheet\'s tab "Sheet1", added' });
    expect(google.counts.tokens).toBe(1);
  });

  test('goes below its headers wherever they stand, and what is missing is added at the right of all that is in use', async () => {
    const google = await startGoogle();
    google.setTab('Sheet1', [
      ['Notes', ' Guest ', '', 'Booking'],
      ['mine', '', '', '', 'no header'],
    ]);
    const channel = await aGoogleChannel(google);
    await perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1', Guest: 'Jane', Status: 'pending' }));
    expect(google.rows('Sheet1')).toEqual([
      ['Notes', ' Guest ', '', 'Booking', '', 'Status', DELIVERY_COLUMN],
      ['mine', '', '', '', 'no header'],
      ['', 'Jane', '', 'bk_1', '', 'pending', 'dl_1'],
    ]);
  });

  test('makes the tab that is missing, and columns beyond the grid', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const columns = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`C${index}`, `${index}`]));
    await perform(channel, aGoogleRow(google, 'dl_1', columns, { tab: "It's 2027" }));
    google.setTab('Narrow', [['A']]).columnCount = 1;
    await perform(channel, aGoogleRow(google, 'dl_2', { A: 'a', B: 'b' }, { tab: 'Narrow' }));
    expect(google.rows("It's 2027")[1]?.slice(0, 30)).toEqual(Object.values(columns));
    expect(google.rows('Narrow')[1]).toEqual(['a', 'b', 'dl_2']);
  });
});

describe('a row with a key', () => {
  test('is brought up to date wherever people have moved it, and what is theirs stays', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    await perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1', Status: 'pending' }, KEY));
    await perform(channel, aGoogleRow(google, 'dl_2', { Booking: 'bk_2', Status: 'pending' }, KEY));
    google.setTab('Sheet1', [
      ['Status', 'Notes', 'Booking'],
      ['pending', 'vip', 'bk_2'],
      [],
      ['pending', 'call', 'bk_1'],
    ]);
    const receipt = await perform(channel, aGoogleRow(google, 'dl_3', { Booking: 'bk_1', Status: '' }, KEY));
    expect(google.rows('Sheet1')).toEqual([
      ['Status', 'Notes', 'Booking'],
      ['pending', 'vip', 'bk_2'],
      [],
      ['', 'call', 'bk_1'],
    ]);
    expect(receipt.detail).toMatchObject({ row: 4 });
  });

  test('is one row though several come at once, and the last says what stands there', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    await Promise.all(
      ['pending', 'confirmed', 'completed'].map((status, index) =>
        perform(channel, aGoogleRow(google, `dl_${index}`, { Booking: 'bk_1', Status: status }, KEY)),
      ),
    );
    expect(google.rows('Sheet1')).toEqual([
      ['Booking', 'Status'],
      ['bk_1', 'completed'],
    ]);
  });

  test('waits where people have made a second row of its key; others go on', async () => {
    const google = await startGoogle();
    google.setTab('Sheet1', [['Booking'], ['bk_1'], ['bk_1']]);
    const channel = await aGoogleChannel(google);
    const [failure] = await Promise.all([
      failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }, KEY))),
      perform(channel, aGoogleRow(google, 'dl_2', { Booking: 'bk_2' }, KEY)),
    ]);
    expect(failure).toMatchObject({ code: 'key_twice', verdict: 'retry' });
    expect(failure.message).toContain('Rows 2, 3 of the tab "Sheet1" have the same "Booking"');
    expect(google.rows('Sheet1')).toEqual([['Booking'], ['bk_1'], ['bk_1'], ['bk_2']]);
  });
});

describe('a header', () => {
  test.each([{ key: 'Booking' }, {}])(
    'that was renamed stops its tab, says so, and shifts nothing: %j',
    async (key) => {
      const google = await startGoogle();
      const headers: Headers = new Map();
      const row = (id: string) => aGoogleRow(google, id, { Booking: id, Guest: 'Jane' }, key);
      await perform(await aGoogleChannel(google, { headers }), row('1'));
      google.tab('Sheet1').rows[0]?.splice(1, 1, 'Name');
      const before = google.rows('Sheet1');
      const restarted = await aGoogleChannel(google, { headers });
      const failure = await failureOf(perform(restarted, row('2')));
      expect(failure).toMatchObject({ code: 'columns_changed', verdict: 'retry', unclear: false });
      expect(failure.message).toContain('Row 1 of the tab "Sheet1" no longer has "Guest"');
      expect(google.rows('Sheet1')).toEqual(before);

      await perform(restarted, aGoogleRow(google, '4', { Booking: '4' }, { tab: 'Other', ...key }));
      google.tab('Sheet1').rows[0]?.splice(1, 1, 'Guest');
      await perform(restarted, row('2'));
      expect(google.rows('Sheet1')[2]?.slice(0, 2)).toEqual(['2', 'Jane']);
    },
  );

  test('that stands there twice stops its tab', async () => {
    const google = await startGoogle();
    google.setTab('Sheet1', [['Booking', 'Booking']]);
    const channel = await aGoogleChannel(google);
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }, KEY)));
    expect(failure.code).toBe('columns_alike');
  });

  test('and its tab that are gone are told; a tab that was emptied is begun anew', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    await perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }, KEY));
    google.removeTab('Sheet1');
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_2', { Booking: 'bk_2' }, KEY)));
    expect(failure).toMatchObject({ code: 'tab_missing', verdict: 'retry' });
    google.setTab('Sheet1', []);
    await perform(channel, aGoogleRow(google, 'dl_2', { Booking: 'bk_2' }, KEY));
    expect(google.rows('Sheet1')).toEqual([['Booking'], ['bk_2']]);
  });
});

describe('when it is unclear whether a row was written', () => {
  test.each<GoogleTrouble>(['lost-answer', 'lost-request', 'error-after', 'error-before'])(
    'after %s it is there once',
    async (trouble) => {
      const google = await startGoogle();
      const channel = await aGoogleChannel(google, { lingering: 0 });
      for (const key of [{}, KEY]) {
        const tab = `Tab ${Object.keys(key).length}`;
        google.setTab(tab, []);
        google.troubles.push(trouble);
        const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }, { ...key, tab });
        const notes = new Map<string, Note>();
        const failure = await failureOf(perform(channel, row, notes));
        expect(failure).toMatchObject({ verdict: 'retry', unclear: true });
        const receipt = await perform(channel, again(row, notes.get('dl_1')));
        expect(google.rows(tab).filter(([booking]) => booking === 'bk_1')).toHaveLength(1);
        const landed = trouble === 'lost-answer' || trouble === 'error-after';
        expect(receipt.summary.includes('written by the attempt before')).toBe(landed);
      }
    },
  );

  test.each<GoogleTrouble>(['late', 'late-behind-gateway'])(
    'a write that is still on its way (%s) is waited for, not made a second time',
    async (trouble) => {
      const google = await startGoogle();
      let time = Date.now();
      const channel = await aGoogleChannel(google, { lingering: 200_000, now: () => time });
      google.troubles.push(trouble);
      const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1' });
      const notes = new Map<string, Note>();
      await failureOf(perform(channel, row, notes));
      time += 60_000;
      const waits = await failureOf(perform(channel, again(row, notes.get('dl_1'))));
      expect(waits).toMatchObject({ code: 'still_unclear', verdict: 'wait', retryAfterMs: 140_000 });
      google.runLate();
      time += 140_000;
      await perform(channel, again(row, notes.get('dl_1')));
      expect(google.rows('Sheet1')).toHaveLength(2);
    },
  );

  test('a hang is given up, and the row is looked for', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google, { timeout: 200, lingering: 0 });
    google.troubles.push('hang');
    await performUntilDone(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }));
    expect(google.rows('Sheet1')).toHaveLength(2);
  });

  test('a row is not written when its note can not be kept; those beside it are', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    const refused = channel.perform(aGoogleRow(google, 'dl_1', { Booking: 'bk_1' }), {
      signal: new AbortController().signal,
      note: () => Promise.reject(new Error('the store is away')),
    });
    const written = perform(channel, aGoogleRow(google, 'dl_2', { Booking: 'bk_2' }));
    expect((await Promise.allSettled([refused, written])).map(({ status }) => status)).toEqual([
      'rejected',
      'fulfilled',
    ]);
    expect(google.rows('Sheet1').map(([booking]) => booking)).toEqual(['Booking', 'bk_2']);
  });

  test('a stop lets go at once, and the row is looked for at the next start', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    google.troubles.push('hang');
    const stop = new AbortController();
    const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1' });
    const notes = new Map<string, Note>();
    const stopped = failureOf(perform(channel, row, notes, stop.signal));
    await eventually(() => expect(google.counts.writes).toBe(1));
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'stopped', unclear: true });
    await channel.close?.();
    await perform(await aGoogleChannel(google, { lingering: 0 }), again(row, notes.get('dl_1')));
    expect(google.rows('Sheet1')).toHaveLength(2);
  });

  test('an answer that says nothing was written needs no look', async () => {
    const google = await startGoogle();
    const channel = await aGoogleChannel(google);
    google.access = 'none';
    const failure = await failureOf(perform(channel, aGoogleRow(google, 'dl_1', { Booking: 'bk_1' })));
    expect(failure).toMatchObject({ code: 'no_permission', verdict: 'retry', unclear: false });
    expect(failure.message).toContain(`Share it with ${google.account.email} as an editor`);
  });

  test('whatever goes wrong in whichever order, every row is there once', async () => {
    const trouble = fc.constantFrom<GoogleTrouble>('lost-answer', 'lost-request', 'error-after', 'error-before');
    await fc.assert(
      fc.asyncProperty(fc.array(trouble, { maxLength: 6 }), fc.boolean(), async (troubles, keyed) => {
        const google = await startGoogle();
        google.quota = 1_000;
        google.troubles.push(...troubles);
        const channel = await aGoogleChannel(google, { lingering: 0 });
        const ids = Array.from({ length: 8 }, (_, index) => `bk_${index}`);
        await Promise.all(
          ids.map((id) => performUntilDone(channel, aGoogleRow(google, id, { Booking: id }, keyed ? KEY : {}))),
        );
        expect(
          google
            .rows('Sheet1')
            .slice(1)
            .map(([id]) => id)
            .sort(),
        ).toEqual(ids);
        await channel.close?.();
      }),
      { numRuns: 30 },
    );
  });
});
