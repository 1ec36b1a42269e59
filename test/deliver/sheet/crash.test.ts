import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { ClaimedDelivery, Note } from '../../../src/core/delivery.ts';
import { createSheetChannel } from '../../../src/deliver/sheet/channel.ts';
import { aFolder, again, aRow, cellsOf, failureOf, perform } from './sheets.ts';

const CHILD = join(import.meta.dirname, 'sheet-child.ts');

/** The row that the child makes for an id. */
const rowOf = (id: string) => aRow(id, { Booking: id, Notes: 'x'.repeat(50) });

/** Runs a command and collects what its child process prints. */
const startChild = ([command = '', ...args]: readonly string[]) => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return {
    kill: () => child.kill('SIGKILL'),
    ended: once(child, 'close'),
    /** Its lines of one kind, without an unfinished last one. */
    said: (kind: string): [string, string, Note][] =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter(([is]) => is === kind),
  };
};

/** Two rows in the file, then a batch of three: a crash can strike at any byte of the batch. */
const aBatch = async () => {
  const folder = await aFolder('quick');
  const path = join(folder, 'bookings.csv');
  const channel = createSheetChannel({ folder });
  for (const id of ['s1', 's2']) await perform(channel, aRow(id, { Guest: `safe ${id}`, Booking: id }));
  const rows = [
    aRow('a', { Guest: 'Zoë "Z" Ü, 👩', Booking: 'bk_a' }),
    aRow('b', { Guest: '=b', Booking: 'bk_b' }),
    aRow('c', { Guest: '', Booking: 'bk_c' }),
  ];
  const notes = new Map<string, Note>();
  const start = (await stat(path)).size;
  await Promise.all(rows.map((row) => perform(channel, row, notes)));
  const whole = await readFile(path);
  const fresh = aRow('f', { Guest: 'fresh', Booking: 'bk_f' });
  return { folder, path, rows, notes, start, whole, fresh };
};

const ALL = [
  ['Guest', 'Booking'],
  ['safe s1', 's1'],
  ['safe s2', 's2'],
  ['Zoë "Z" Ü, 👩', 'bk_a'],
  ["'=b", 'bk_b'],
  ['', 'bk_c'],
];
const FRESH = ['fresh', 'bk_f'];
const sorted = (cells: readonly string[][]) => cells.map((row) => row.join('|')).toSorted();

/** Performs them one after the other; those that have to wait come again at the end. Returns those that had to. */
const performAll = async (folder: string, deliveries: readonly ClaimedDelivery[]): Promise<string[]> => {
  const channel = createSheetChannel({ folder, now: () => 0 });
  const waited: string[] = [];
  const queue = [...deliveries];
  for (let delivery = queue.shift(); delivery; delivery = queue.shift()) {
    try {
      await perform(channel, delivery);
    } catch (error) {
      expect(error).toMatchObject({ code: 'row_cut_off', verdict: 'wait', retryAfterMs: 1000, unclear: false });
      waited.push(delivery.id);
      expect(waited.length).toBeLessThan(20);
      queue.push(delivery);
    }
  }
  return waited;
};

describe('after a crash at any byte of a write, each row stands in the file once', () => {
  test('when all come again together', async () => {
    const { folder, path, rows, notes, start, whole } = await aBatch();
    for (let cut = start; cut <= whole.length; cut += 1) {
      await writeFile(path, whole.subarray(0, cut));
      const channel = createSheetChannel({ folder });
      const receipts = await Promise.all(rows.map((row) => perform(channel, again(row, notes.get(row.id)))));
      expect(await cellsOf(path), `cut at ${cut}`).toEqual(ALL);
      expect(await readFile(path), `cut at ${cut}`).toEqual(whole);
      const found = receipts.filter(({ summary }) => summary === 'row in bookings.csv, written by the attempt before');
      const complete = [...notes.values()].filter(({ offset, length }) => Number(offset) + Number(length) <= cut);
      expect(found, `cut at ${cut}`).toHaveLength(complete.length);
    }
  });

  test('when they come one by one, in any order, and new rows between them', async () => {
    const { folder, path, rows, notes, start, whole, fresh } = await aBatch();
    const [a, b, c] = rows.map((row) => again(row, notes.get(row.id)));
    if (!a || !b || !c) throw new Error('three rows');
    for (const order of [
      [fresh, a, b, c],
      [fresh, c, b, a],
      [b, fresh, c, a],
    ]) {
      for (let cut = start; cut <= whole.length; cut += 1) {
        await writeFile(path, whole.subarray(0, cut));
        await performAll(folder, order);
        const name = `cut at ${cut}, ${order.map(({ id }) => id)}`;
        expect(sorted(await cellsOf(path)), name).toEqual(sorted([...ALL, FRESH]));
      }
    }
  });

  test('when the file got its length but not its content', async () => {
    const { folder, path, rows, notes, start, whole } = await aBatch();
    for (let cut = start; cut <= whole.length; cut += 1) {
      await writeFile(path, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(whole.length - cut)]));
      const channel = createSheetChannel({ folder });
      await Promise.all(rows.map((row) => perform(channel, again(row, notes.get(row.id)))));
      expect(await readFile(path), `cut at ${cut}`).toEqual(whole);
    }
  });

  test('when an attempt never came to keep a note, and so never wrote', async () => {
    const { folder, path, fresh } = await aBatch();
    await perform(createSheetChannel({ folder }), again(fresh, undefined));
    expect(await cellsOf(path)).toEqual([...ALL, FRESH]);
  });

  test('when the process was killed under load', async () => {
    const folder = await aFolder();
    const child = startChild([process.execPath, CHILD, folder, '1000000']);
    await vi.waitFor(() => expect(child.said('done').length).toBeGreaterThan(100), { timeout: 20_000 });
    child.kill();
    await child.ended;

    const notes = new Map(child.said('note').map(([, id, note]) => [id, note]));
    const done = new Set(child.said('done').map(([, id]) => id));
    const channel = createSheetChannel({ folder });
    const open = [...notes.keys()].filter((id) => !done.has(id));
    await Promise.all([
      perform(channel, rowOf('fresh')),
      ...open.map((id) => perform(channel, again(rowOf(id), notes.get(id)))),
    ]);
    const ids = (await cellsOf(join(folder, 'bookings.csv'))).slice(1).map(([id]) => id);
    expect(ids.toSorted()).toEqual([...notes.keys(), 'fresh'].toSorted());
  });
});

test('a file kept up to date by keys is whole whenever the process is killed, with all that was told done', async () => {
  const folder = await aFolder();
  const child = startChild([process.execPath, CHILD, folder, '1000000', '40']);
  await vi.waitFor(() => expect(child.said('done').length).toBeGreaterThan(200), { timeout: 20_000 });
  child.kill();
  await child.ended;

  const [header, ...rows] = await cellsOf(join(folder, 'bookings.csv'));
  expect(header).toEqual(['Booking', 'Notes']);
  expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 40 }, (_, index) => `bk_${index}`));
  const stands = new Map(rows.map(([id, notes = '']) => [id, Number(notes.slice(0, notes.length / 20))]));
  for (const [, id] of child.said('done')) {
    const number = Number(String(id).slice(3));
    expect(stands.get(`bk_${number % 40}`)).toBeGreaterThanOrEqual(number);
  }
  // Drafts that the crash left beside it do no harm.
  const update = aRow('next', { Booking: 'bk_0', Notes: 'mended' }, { key: 'Booking' });
  await perform(createSheetChannel({ folder }), again(update, undefined));
  expect((await cellsOf(join(folder, 'bookings.csv')))[1]).toEqual(['bk_0', 'mended']);
});

describe('rows that look the same are not taken for one another', () => {
  const same = (id: string) => aRow(id, { Type: 'booking.created' });

  test('when another of the same text took the noted place', async () => {
    const folder = await aFolder('quick');
    const path = join(folder, 'bookings.csv');
    const notes = new Map<string, Note>();
    const before = createSheetChannel({ folder });
    await perform(before, same('1'));
    const kept = await readFile(path);
    await Promise.all([perform(before, same('2'), notes), perform(before, same('3'), notes)]);
    // The crash came between their notes and their rows.
    await writeFile(path, kept);
    const channel = createSheetChannel({ folder });
    await perform(channel, same('4'));
    await perform(channel, again(same('3'), notes.get('3')));
    await perform(channel, again(same('2'), notes.get('2')));
    expect(await cellsOf(path)).toHaveLength(1 + 4);
  });

  test('when people moved them meanwhile', async () => {
    const folder = await aFolder('quick');
    const path = join(folder, 'bookings.csv');
    const notes = new Map<string, Note>();
    const before = createSheetChannel({ folder });
    await Promise.all([perform(before, same('1'), notes), perform(before, same('2'), notes)]);
    await writeFile(path, 'Type,Day\r\nbooking.created,\r\nother,\r\n');
    const channel = createSheetChannel({ folder });
    await Promise.all(['1', '2'].map((id) => perform(channel, again(same(id), notes.get(id)))));
    expect((await cellsOf(path)).filter(([type]) => type === 'booking.created')).toHaveLength(2);
  });

  test('while a row that this process wrote, whose outcome was not stored, is found as its own', async () => {
    const folder = await aFolder('quick');
    const notes = new Map<string, Note>();
    const channel = createSheetChannel({ folder });
    await perform(channel, same('1'));
    await perform(channel, same('2'), notes);
    await perform(channel, again(same('2'), notes.get('2')));
    expect(await cellsOf(join(folder, 'bookings.csv'))).toHaveLength(1 + 2);
  });
});

describe('a file that people changed after the crash', () => {
  test.each([
    ['rows added before and after', 'Guest,Booking\nnew,n\nfresh,bk_f\nlast,l\n'],
    ['rows removed', 'Guest,Booking\n"fresh","bk_f"\n'],
    ['columns moved and added', 'Booking,Day,Guest\r\nx,y,z\r\nbk_f,,fresh\r\n'],
    ['sorted, without an end of its last line', 'Guest,Booking\nx,y\nfresh,bk_f'],
  ])('%s: the row is found where it stands now', async (_, text) => {
    const { folder, path, fresh } = await aBatch();
    const notes = new Map<string, Note>();
    await perform(createSheetChannel({ folder }), fresh, notes);
    await writeFile(path, text);
    const receipt = await perform(createSheetChannel({ folder }), again(fresh, notes.get('f')));
    expect(receipt.summary).toContain('written by the attempt before');
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test.each([
    ['the row is not in it', 'Guest,Booking\r\nnobody,bk_0\r\n', 'Guest,Booking\r\nnobody,bk_0\r\n"fresh","bk_f"\r\n'],
    [
      'only its last quote is missing',
      'A,Guest,Booking\r\n,"fresh","bk_f',
      'A,Guest,Booking\r\n,"fresh","bk_f"\r\n"","fresh","bk_f"\r\n',
    ],
    ['only a part like it ends the file', 'Guest,Booking\r\n"fr', 'Guest,Booking\r\n"fr"\r\n"fresh","bk_f"\r\n'],
  ])('%s: it is written, and nothing of theirs is cut off', async (_, text, after) => {
    const { folder, path, fresh } = await aBatch();
    const notes = new Map<string, Note>();
    await perform(createSheetChannel({ folder }), fresh, notes);
    await writeFile(path, text);
    let time = 0;
    const channel = createSheetChannel({ folder, now: () => time });
    const row = again(fresh, notes.get('f'));
    await perform(channel, row).catch(() => {
      time = 60_000;
      return perform(channel, row);
    });
    expect(await readFile(path, 'utf8')).toBe(after);
  });

  test('was renamed: the row goes into a new one', async () => {
    const { folder } = await aBatch();
    const note = { file: 'other.csv', offset: 90, length: 16, start: 90, end: 106, before: 'x' };
    const row = again(aRow('f', { Guest: 'fresh', Booking: 'bk_f' }, { file: 'other.csv' }), note);
    await perform(createSheetChannel({ folder }), row);
    expect(await cellsOf(join(folder, 'other.csv'))).toEqual([ALL[0], FRESH]);
  });

  test('a note that says nothing useful leads to a search', async () => {
    const { folder, path, rows, whole } = await aBatch();
    const [a] = rows;
    if (!a) throw new Error('a row');
    await perform(createSheetChannel({ folder }), again(a, { offset: 'x' }));
    expect(await readFile(path)).toEqual(whole);
  });
});

test('a new file whose making was cut short is made again, and one that was moved since keeps its rows', async () => {
  const folder = await aFolder();
  const path = join(folder, 'bookings.csv');
  // The crash came between linking the file and removing the draft; then the file was moved away.
  await writeFile(join(folder, 'archive.csv'), '"Booking"\r\n"bk_1"\r\n');
  await link(join(folder, 'archive.csv'), join(folder, '.bookings.csv.new'));
  await perform(createSheetChannel({ folder }), aRow('2', { Booking: 'bk_2' }));
  expect(await cellsOf(join(folder, 'archive.csv'))).toEqual([['Booking'], ['bk_1']]);
  expect(await cellsOf(path)).toEqual([['Booking'], ['bk_2']]);
  expect((await readdir(folder)).toSorted()).toEqual(['archive.csv', 'bookings.csv']);
});

test('rows make way to the one that a crash cut off for some seconds, then close it without harm to theirs', async () => {
  const { folder, path, whole, notes, fresh } = await aBatch();
  await writeFile(path, whole.subarray(0, Number(notes.get('b')?.offset) + 4));
  let time = 1_000;
  const channel = createSheetChannel({ folder, now: () => time });
  for (time of [1_000, 15_999]) {
    expect(await failureOf(perform(channel, fresh))).toMatchObject({ code: 'row_cut_off', verdict: 'wait' });
  }
  time = 16_000;
  await perform(channel, fresh);
  const lines = (await readFile(path, 'utf8')).split('\r\n').slice(-3);
  expect(lines).toEqual([`"'=b"`, '"fresh","bk_f"', '']);
});

test('a file that has reached the largest size keeps whole rows only; the others wait and are written later', async () => {
  const folder = await aFolder();
  // bash counts in blocks of 1024 bytes; a row is 63 bytes long, so that one crosses the border.
  const child = startChild(['bash', '-c', 'ulimit -f 2; exec "$0" "$@"', process.execPath, CHILD, folder, '60']);
  await child.ended;
  const failed = child.said('failed');
  const ids = () => cellsOf(join(folder, 'bookings.csv')).then((rows) => rows.slice(1).map(([id]) => id));
  expect(failed.length).toBeGreaterThan(0);
  for (const [, , failure] of failed) {
    expect(failure).toMatchObject({ code: 'file_too_large', verdict: 'retry', unclear: false });
    expect(failure.message).toContain('Rename it, so that a new one is begun');
  }
  expect(await ids()).toEqual(child.said('done').map(([, id]) => id));
  expect(await readFile(join(folder, 'bookings.csv'), 'utf8')).toMatch(/"\r\n$/);

  const channel = createSheetChannel({ folder });
  await Promise.all(failed.map(([, id]) => perform(channel, rowOf(id))));
  expect((await ids()).toSorted()).toEqual([...child.said('done'), ...failed].map(([, id]) => id).toSorted());
});
