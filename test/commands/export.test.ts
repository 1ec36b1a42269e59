import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { cellsIn, partsIn } from '../export/workbooks.ts';
import { attempt, failedWith, takeIn } from '../query/filled.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

/** A running bot's data: two bookings (one of them hostile), an event and a registration, and a dead delivery. */
const withData = async () => {
  const folder = await tempFolder();
  const store = await openSqliteStore(join(folder, 'webkasa-bot.db'), { alone: true });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const odd = {
    id: 'bk_2',
    timezone: 'Asia/Tokyo',
    start_time: '2027-02-20T23:30:00Z',
    attendee_name: '=cmd()',
    attendee_phone: 17,
  };
  await takeIn(store, aWebhook({ id: 'wh_evt_a', data: { id: 'bk_1' } }), { deliveries: [{ id: 'dl_1' }] });
  await attempt(store, 'dl_1', T0, failedWith('permanent', 'smtp_550', 'No such user.', T0));
  await takeIn(store, aWebhook({ data: { ...odd, end_time: 'soon' } }));
  await takeIn(store, aWebhook({ type: 'event.created', data: { id: 'evt_1', slots: 40, cost: 12.5 } }));
  await takeIn(store, aWebhook({ type: 'event.created', data: { id: 'evt_2', start_time: null, end_time: null } }));
  await takeIn(store, aWebhook({ type: 'registration.created', data: { id: 'reg_1', guest_count: 2 } }));
  return { folder, env: { DATA_DIR: folder, TIMEZONE: 'Europe/Berlin' } };
};

/** Of a booking from 23:30 UTC on, which names its zone. */
const TOKYO = { 'Local start': '2027-02-21T08:30:00+09:00', 'Local end': '', 'Time zone': 'Asia/Tokyo' };

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

describe('export', () => {
  test('writes bookings as CSV to the standard output', async () => {
    const { env } = await withData();
    const { code, out, err } = await call(['export', 'bookings'], { env });
    expect([code, err]).toEqual([0, '']);
    expect(rowsOf(out)).toMatchObject([
      {
        Booking: 'bk_1',
        Attendee: 'John Doe',
        Start: '2027-02-15T11:00:00+01:00',
        End: '2027-02-15T12:00:00+01:00',
        Minutes: '60',
        'Local start': '2027-02-15T11:00:00+01:00',
        'Time zone': 'Europe/Berlin',
        'First known': '2027-01-15T11:30:00+01:00',
      },
      { Booking: 'bk_2', Attendee: "'=cmd()", Phone: '', End: '', Minutes: '', ...TOKYO },
    ]);
  });

  test.each([
    [['--from', '2027-02-15', '--to', '2027-02-15'], ['bk_1']],
    // 23:30 in London is the next day in Berlin.
    [['--from', '2027-02-21'], ['bk_2']],
    [['--to', '2027-02-20'], ['bk_1']],
    [['--from', '2027-03-01'], []],
  ])('of a period, in TIMEZONE: %j', async (options, ids) => {
    const { env } = await withData();
    const { out } = await call(['export', 'bookings', ...options], { env });
    expect(rowsOf(out).map(({ Booking }) => Booking)).toEqual(ids);
  });

  test('writes registrations, events and deliveries', async () => {
    const { env } = await withData();
    const rows = async (what: string) => rowsOf((await call(['export', what], { env })).out);
    expect(await rows('registrations')).toMatchObject([{ Registration: 'reg_1', Event: 'evt_abc123', Guests: '2' }]);
    expect(await rows('events')).toMatchObject([
      { Event: 'evt_1', Date: '2027-03-20', Start: '2027-03-20T10:00:00+01:00', Places: '40', Cost: '12.5' },
      { Event: 'evt_2', Date: '2027-03-20', Start: '', Begins: '' },
    ]);
    expect(await rows('deliveries')).toMatchObject([
      {
        Delivery: 'dl_1',
        Status: 'dead',
        To: 'john@example.com',
        Outcome: 'permanent',
        Message: 'No such user.',
        About: 'bk_1',
      },
    ]);
  });

  test('writes XLSX to a file, which has its name only once it is whole', async () => {
    const { env, folder } = await withData();
    const file = join(folder, 'out.xlsx');
    const { code, out, err } = await call(['export', 'bookings', '--out', file], { env });
    expect([code, out, err]).toEqual([0, '', `2 bookings in ${file}\n`]);
    const cells = cellsIn((await partsIn(file)).get('xl/worksheets/sheet1.xml') ?? '');
    expect(cells.get('G1')).toBe('Start (Europe/Berlin)');
    expect(cells.get('G2')).toBe(46_433 + 11 / 24);
    expect(cells.get('D3')).toBe('=cmd()');
    expect([cells.get('J1'), cells.get('J3'), cells.get('L3')]).toEqual([
      'Local start',
      46_439 + 8.5 / 24,
      'Asia/Tokyo',
    ]);
    expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('writes CSV to a file too', async () => {
    const { env, folder } = await withData();
    const file = join(folder, 'out.csv');
    expect((await call(['export', 'events', '--out', file], { env })).code).toBe(0);
    expect(rowsOf(await readFile(file, 'utf8'))).toHaveLength(2);
  });

  test.each([
    [[], /needs to know what: bookings, registrations, events, deliveries/],
    [['guests'], /knows bookings, registrations, events, deliveries, not "guests"/],
    [['bookins'], /Did you mean bookings\?/],
    [['bookings', '--format', 'pdf'], /csv or xlsx, not "pdf"/],
    [['bookings', '--format', 'xlsx'], /--out bookings\.xlsx/],
    [['bookings', '--from', 'monday'], /--from "monday" is no day/],
    [['bookings', '--from', '2027-02-16', '--to', '2027-02-15'], /later day/],
  ])('refuses %j', async (args, message) => {
    const { env } = await withData();
    const { code, err } = await call(['export', ...args], { env });
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });

  test('says which file could not be written, and leaves nothing behind', async () => {
    const { env, folder } = await withData();
    const { code, err } = await call(['export', 'bookings', '--out', join(folder, 'none', 'out.csv')], { env });
    expect(code).toBe(1);
    expect(err).toMatch(/out\.csv could not be written: ENOENT.*\n.*--out/s);
  });
});
