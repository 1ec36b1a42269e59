import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/deliver/channel.ts';
import { createMinute } from '../../../src/deliver/sheet/google/minute.ts';
import { startGoogle } from '../../support/google.ts';
import { aGoogleChannel, aGoogleRow, performUntilDone } from './google-rows.ts';
import { failureOf, perform } from './sheets.ts';

const KEY = { key: 'Booking' };
const HEADER = ['Booking', 'Status', 'Notes'];

/** Three bookings with what people noted about them. */
const filled = async () => {
  const google = await startGoogle();
  google.setTab('Sheet1', [HEADER, ['bk_1', 'new', 'vip'], ['bk_2', 'new', 'call'], ['bk_3', 'new', '']]);
  const channel = await aGoogleChannel(google);
  const update = (id: string, status: string) =>
    aGoogleRow(google, `dl_${id}_${status}`, { Booking: id, Status: status }, KEY);
  return { google, channel, update };
};

const notesByKey = (rows: readonly (readonly string[])[]) =>
  new Map(rows.slice(1).map(([key = '', , notes = '']) => [key, notes]));

describe('rows that people move between the look and the write', () => {
  const moves: [string, (rows: string[][]) => string[][]][] = [
    ['sorted', ([header = [], ...rows]) => [header, ...rows.reverse()]],
    ['with a row inserted', ([header = [], ...rows]) => [header, ['bk_0', 'mine', 'mine'], ...rows]],
    ['with an empty row inserted', ([header = [], ...rows]) => [header, [], ...rows]],
    ['with a row deleted', ([header = [], , ...rows]) => [header, ...rows]],
  ];

  test.each(moves)(
    '%s: no key and nothing of theirs is lost, it is told, and the row is right soon',
    async (_, move) => {
      const { google, channel, update } = await filled();
      const theirs = notesByKey(move(google.rows('Sheet1')));
      google.meanwhile = () => void google.setTab('Sheet1', move(google.rows('Sheet1')));
      const row = update('bk_3', 'done');
      const failure = await failureOf(perform(channel, row));
      expect(failure).toMatchObject({ code: 'moved_meanwhile', verdict: 'retry', unclear: false });
      expect(failure.message).toContain('row 4 has cells of another now');

      await performUntilDone(channel, row);
      const rows = google.rows('Sheet1').filter(([key]) => key);
      const keys = rows.slice(1).map(([key]) => key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(rows.find(([key]) => key === 'bk_3')?.[1]).toBe('done');
      const after = notesByKey(rows);
      for (const [key, notes] of theirs) if (key) expect([key, after.get(key)]).toEqual([key, notes]);
    },
  );

  test('leave the other rows of the batch done', async () => {
    const { google, channel, update } = await filled();
    google.meanwhile = () => {
      const [header = [], one = [], two = [], three = []] = google.rows('Sheet1');
      google.setTab('Sheet1', [header, two, one, three]);
    };
    const outcomes = await Promise.allSettled(['bk_1', 'bk_3'].map((id) => perform(channel, update(id, 'done'))));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  test('their next webhook puts right what the write did to another row', async () => {
    const { google, channel, update } = await filled();
    google.meanwhile = () => {
      const [header = [], one = [], ...rest] = google.rows('Sheet1');
      google.setTab('Sheet1', [header, ...rest, one]);
    };
    await performUntilDone(channel, update('bk_1', 'done'));
    await perform(channel, update('bk_2', 'confirmed'));
    expect(google.rows('Sheet1')).toEqual([
      HEADER,
      ['bk_2', 'confirmed', 'call'],
      ['bk_3', 'new', ''],
      ['bk_1', 'done', 'vip'],
    ]);
  });
});

test('a key that does not stand in the first column is watched as well', async () => {
  const google = await startGoogle();
  google.setTab('Sheet1', [
    ['Status', 'Booking'],
    ['new', 'bk_1'],
    ['new', 'bk_2'],
  ]);
  google.meanwhile = () => {
    const [header = [], one = [], two = []] = google.rows('Sheet1');
    google.setTab('Sheet1', [header, two, one]);
  };
  const row = aGoogleRow(google, 'dl_1', { Booking: 'bk_1', Status: 'done' }, KEY);
  expect(await failureOf(perform(await aGoogleChannel(google), row))).toMatchObject({ code: 'moved_meanwhile' });
});

test('columns that people move meanwhile are told, and the row is written below the right headers', async () => {
  const { google, channel, update } = await filled();
  google.meanwhile = () => {
    google.setTab(
      'Sheet1',
      google.rows('Sheet1').map(([key = '', status = '', notes = '']) => [notes, key, status]),
    );
  };
  const failure = await failureOf(perform(channel, update('bk_1', 'done')));
  expect(failure).toMatchObject({ code: 'moved_meanwhile', verdict: 'retry' });
  expect(failure.message).toContain('Columns of the tab "Sheet1" were moved');
  await perform(channel, update('bk_1', 'done'));
  expect(google.rows('Sheet1').find((row) => row[1] === 'bk_1')?.[2]).toBe('done');
});

test('the cell of a key keeps what people made of it', async () => {
  const google = await startGoogle();
  google.setTab('Sheet1', [
    ['Booking', 'Status'],
    [' bk_1 ', 'new'],
  ]);
  await perform(await aGoogleChannel(google), aGoogleRow(google, 'dl_1', { Booking: 'bk_1', Status: 'done' }, KEY));
  expect(google.rows('Sheet1')[1]).toEqual([' bk_1 ', 'done']);
});

describe('a row that Google refuses', () => {
  test('holds up none of those that come with it', async () => {
    const google = await startGoogle();
    google.setTab('Locked', [['Booking']]).isProtected = true;
    const channel: Channel = await aGoogleChannel(google);
    const rows = Array.from({ length: 12 }, (_, index) =>
      aGoogleRow(
        google,
        `dl_${index}`,
        { Booking: `bk_${index}`, Status: 'new' },
        { tab: index === 5 ? 'Locked' : 'Sheet1' },
      ),
    );
    const outcomes = await Promise.allSettled(rows.map((row) => perform(channel, row)));
    expect(outcomes.map(({ status }) => status)).toEqual(
      rows.map((_, index) => (index === 5 ? 'rejected' : 'fulfilled')),
    );
    expect(outcomes[5]).toMatchObject({ reason: { code: 'protected', verdict: 'retry', unclear: false } });
    const [header, ...written] = google.rows('Sheet1').map(([id]) => id);
    expect(header).toBe('Booking');
    expect(written).toEqual(rows.flatMap((_, index) => (index === 5 ? [] : [`bk_${index}`])));
  });
});

test('within any minute there are no more requests than allowed, and places come back', () => {
  const minute = createMinute(5);
  const made: number[] = [];
  for (let now = 1_000_000; now < 1_400_000; now += 1_000) if (minute.take(now) === now) made.push(now);
  for (const time of made)
    expect(made.filter((other) => other >= time && other < time + 60_000).length).toBeLessThan(6);
  expect(made.length).toBeGreaterThanOrEqual(30);
  // A clock that was set back does not stop it for longer than a minute.
  expect(minute.take(0)).toBeLessThanOrEqual(62_000);
});
