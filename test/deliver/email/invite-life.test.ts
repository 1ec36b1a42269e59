import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Invite, InviteRequest } from '../../../src/deliver/email/invite.ts';
import { createInviteKeeper } from '../../../src/deliver/email/invite-keeper.ts';
import type { Store } from '../../../src/store/ports.ts';
import { openSqliteStore } from '../../../src/store/sqlite/store.ts';
import { T0 } from '../../support/builders.ts';
import { tempFolder } from '../../support/temp.ts';
import { aRequest, END, readInvite, START } from './invites.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const moved = (day: number) => ({ start_time: `2027-02-${day}T10:00:00Z`, end_time: `2027-02-${day}T11:00:00Z` });

/** A booking's mails, one after the other and a minute apart; each call is one delivery. */
const aLife = async () => {
  const file = join(await tempFolder(), 'bot.db');
  let store: Store = await openSqliteStore(file);
  let now = T0;
  onTestFinished(() => store[Symbol.asyncDispose]());
  const prepare = (request: InviteRequest) => createInviteKeeper({ store, now: () => now }).prepare(request);
  return {
    prepare,
    later(milliseconds = MINUTE) {
      now += milliseconds;
    },
    async restart() {
      await store[Symbol.asyncDispose]();
      store = await openSqliteStore(file);
    },
  };
};

let built = 0;
/** The invite request of one webhook's delivery, `at` minutes after the first. */
const at = (minute: number, type: string, data: Readonly<Record<string, unknown>> = {}): InviteRequest => {
  built += 1;
  return aRequest({ type, version: (T0 + minute * MINUTE) * 10, delivery: `dl_life_${built}` }, data);
};
const created = at(0, 'booking.created', { status: 'PENDING' });
const confirmed = at(1, 'booking.confirmed');
const firstMove = at(2, 'booking.confirmed', moved(16));
const secondMove = at(3, 'booking.confirmed', moved(17));
const cancelled = at(4, 'booking.cancelled', { ...moved(17), status: 'CANCELLED' });

const inviteOf = (prepared: Awaited<ReturnType<Awaited<ReturnType<typeof aLife>>['prepare']>>): Invite => {
  if ('none' in prepared) throw new Error(`no invite: ${prepared.none}`);
  return prepared;
};
const told = (prepared: Parameters<typeof inviteOf>[0]) => {
  const { method, status, sequence, start, uid } = readInvite(inviteOf(prepared).text);
  expect(uid).toBe('bk_1@webkasa-bot');
  return [method, status, sequence, start.text];
};

test('a booking is put in, confirmed, moved twice and taken out under one UID', async () => {
  const life = await aLife();
  const seen = [];
  const stamps = [];
  for (const request of [created, confirmed, firstMove, secondMove, cancelled]) {
    const prepared = await life.prepare(request);
    seen.push(told(prepared));
    stamps.push(inviteOf(prepared).sent.stamp);
    life.later();
  }

  expect(seen).toEqual([
    ['REQUEST', 'TENTATIVE', 0, START],
    ['REQUEST', 'CONFIRMED', 0, START],
    ['REQUEST', 'CONFIRMED', 1, '2027-02-16T10:00:00Z'],
    ['REQUEST', 'CONFIRMED', 2, '2027-02-17T10:00:00Z'],
    ['CANCEL', 'CANCELLED', 3, '2027-02-17T10:00:00Z'],
  ]);
  expect(stamps).toEqual([0, 1, 2, 3, 4].map((minute) => T0 + minute * MINUTE));
});

test('what is confirmed is so in calendars too, also where its status is behind', async () => {
  const life = await aLife();
  const behind = at(1, 'booking.confirmed', { status: 'PENDING' });
  expect(told(await life.prepare(behind))).toEqual(['REQUEST', 'CONFIRMED', 0, START]);
});

test('what comes out of order is not told to calendars that know something newer', async () => {
  const life = await aLife();
  await life.prepare(created);
  await life.prepare(secondMove);

  for (const late of [confirmed, firstMove]) {
    expect(await life.prepare(late)).toEqual({ none: 'calendars were told something newer' });
  }
  expect(told(await life.prepare(cancelled))).toEqual(['CANCEL', 'CANCELLED', 2, '2027-02-17T10:00:00Z']);
  expect(await life.prepare(secondMove)).toEqual({ none: 'calendars were told something newer' });
});

test('a delivery that is repeated after a crash says the same to the byte, to the DTSTAMP', async () => {
  const life = await aLife();
  for (const request of [created, firstMove, cancelled]) {
    const first = inviteOf(await life.prepare(request));
    life.later();
    await life.restart();
    const again = inviteOf(await life.prepare(request));
    expect(again).toEqual(first);
    life.later();
  }
});

test('a rerun says the same as the first run', async () => {
  const life = await aLife();
  const first = inviteOf(await life.prepare(confirmed));
  life.later();

  expect(inviteOf(await life.prepare({ ...confirmed, delivery: 'dl_again' })).text).toBe(first.text);
});

test('a confirmation in the same second has a later DTSTAMP all the same', async () => {
  const life = await aLife();
  const first = inviteOf(await life.prepare(created));
  life.later(300);
  const second = inviteOf(await life.prepare(confirmed));

  expect(second.sent).toMatchObject({ sequence: 0, stamp: first.sent.stamp + SECOND });
});

test('a move that only changes the end, or makes it a whole day, raises the SEQUENCE; a new title does not', async () => {
  const life = await aLife();
  await life.prepare(created);
  expect(told(await life.prepare(at(1, 'booking.confirmed', { title: 'Second fitting' })))[2]).toBe(0);
  expect(told(await life.prepare(at(2, 'booking.confirmed', { end_time: '2027-02-15T11:30:00Z' })))[2]).toBe(1);
  expect(told(await life.prepare(at(3, 'booking.confirmed', { start_date: '2027-02-15', start_time: null })))).toEqual([
    'REQUEST',
    'CONFIRMED',
    2,
    '2027-02-15',
  ]);
});

test('what no calendar was told of is not cancelled', async () => {
  const life = await aLife();
  expect(await life.prepare(cancelled)).toEqual({ none: 'calendars were never told of it' });
});

test('what is cancelled twice is cancelled twice, without a higher SEQUENCE: who knows whether the first one arrived', async () => {
  const life = await aLife();
  await life.prepare(created);
  const first = inviteOf(await life.prepare(cancelled));
  const second = inviteOf(await life.prepare(at(9, 'booking.cancelled', { status: 'CANCELLED' })));
  expect([told(first), told(second)].map(([method, , sequence]) => [method, sequence])).toEqual([
    ['CANCEL', 1],
    ['CANCEL', 1],
  ]);
  expect(second.sent.stamp).toBeGreaterThan(first.sent.stamp);
});

test('another sender keeps the entry, and is its organiser', async () => {
  const life = await aLife();
  const before = inviteOf(await life.prepare(created));
  const organizer = { name: 'Studio', address: 'hello@new-name.example' };
  const after = inviteOf(await life.prepare({ ...firstMove, organizer }));
  expect(told(after)).toEqual(['REQUEST', 'CONFIRMED', 1, '2027-02-16T10:00:00Z']);
  expect(after.uid).toBe(before.uid);
  expect(readInvite(after.text).organizer?.getFirstValue()).toBe('mailto:hello@new-name.example');
});

test('a cancellation that names no times takes out what was put in', async () => {
  const life = await aLife();
  await life.prepare(created);

  const bare = at(5, 'booking.cancelled', { start_time: undefined, end_time: undefined });

  expect(told(await life.prepare(bare))).toEqual(['CANCEL', 'CANCELLED', 1, START]);
});

test('a booking that takes place after all is put in again, above the cancellation', async () => {
  const life = await aLife();
  await life.prepare(created);
  await life.prepare(cancelled);

  expect(told(await life.prepare(at(9, 'booking.confirmed')))).toEqual(['REQUEST', 'CONFIRMED', 2, START]);
});

test('what is over, or is known to have changed since, is not put in', async () => {
  const life = await aLife();
  const latest = (lastType: string, data: Readonly<Record<string, unknown>>) => ({
    status: null,
    startsAt: null,
    lastType,
    version: (T0 + MINUTE) * 10,
    data,
  });
  const newer = { none: 'something newer is known, which its own mail tells' };
  expect(await life.prepare(at(9, 'booking.completed'))).toEqual({ none: 'it is over' });
  expect(await life.prepare({ ...created, latest: latest('booking.cancelled', {}) })).toEqual(newer);
  expect(await life.prepare({ ...created, latest: latest('booking.confirmed', moved(16)) })).toEqual(newer);
  const same = { start_time: '2027-02-15T11:00:00+01:00', end_time: END };
  expect(told(await life.prepare({ ...created, latest: latest('booking.confirmed', same) }))[2]).toBe(0);

  life.later(60 * 24 * 60 * MINUTE);
  expect(await life.prepare(confirmed)).toEqual({ none: 'it is over' });
});

test('each recipient has a calendar of their own', async () => {
  const life = await aLife();
  const other = { name: 'Anna', address: 'anna@example.com' };
  await life.prepare(created);
  await life.prepare(firstMove);

  expect(told(await life.prepare({ ...secondMove, attendee: other }))[2]).toBe(0);
  const upper = { name: 'Anna', address: 'ANNA@example.com' };
  expect(told(await life.prepare({ ...cancelled, attendee: upper }))[2]).toBe(1);
});

test('nobody is asked for an answer: who books has said yes', async () => {
  const life = await aLife();
  for (const request of [created, firstMove, cancelled]) {
    const { attendee } = readInvite(inviteOf(await life.prepare(request)).text);
    const said = ['partstat', 'rsvp', 'role', 'cn'].map((name) => attendee?.getFirstParameter(name));
    expect(said).toEqual(['ACCEPTED', 'FALSE', 'REQ-PARTICIPANT', 'John Doe']);
  }
});

test('what calendars would misread is not told, and they may be told better later', async () => {
  const life = await aLife();
  const far = at(0, 'booking.created', { start_time: '+012027-02-15T10:00:00Z', end_time: '+012027-02-15T11:00:00Z' });
  expect(await life.prepare(far)).toEqual({
    none: 'calendars would ignore or misread it: its times are neither in UTC nor dates',
  });
  expect(told(await life.prepare(confirmed))).toEqual(['REQUEST', 'CONFIRMED', 0, START]);
});

test('a registration is invited to its event under a UID of its own, and taken out when either is cancelled', async () => {
  const life = await aLife();
  const event = { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', timezone: 'Europe/Berlin' };
  const registration = (id: string): InviteRequest => ({
    ...at(0, 'registration.created'),
    resource: { kind: 'registration', id },
    data: { id, event_id: 'evt_1', status: 'CONFIRMED' },
    facts: { event },
  });
  const put = [await life.prepare(registration('reg_1')), await life.prepare(registration('reg_2'))];
  expect(put.map((one) => readInvite(inviteOf(one).text))).toMatchObject([
    { uid: 'reg_1@webkasa-bot', summary: 'Open day', start: { text: '2027-03-20', isDate: true } },
    { uid: 'reg_2@webkasa-bot', end: { text: '2027-03-21', isDate: true } },
  ]);

  const left = { ...registration('reg_1'), type: 'registration.cancelled', version: (T0 + MINUTE) * 10 };
  const calledOff = { type: 'event.cancelled', data: event, version: (T0 + MINUTE) * 10 };
  expect(readInvite(inviteOf(await life.prepare(left)).text)).toMatchObject({ method: 'CANCEL', sequence: 1 });
  const gone = inviteOf(await life.prepare({ ...registration('reg_2'), ...calledOff }));
  expect(readInvite(gone.text)).toMatchObject({ uid: 'reg_2@webkasa-bot', method: 'CANCEL', sequence: 1 });
});
