import ICAL from 'ical.js';
import { expect, test } from 'vitest';
import type { ClaimedDelivery, PlannedEmail } from '../../../src/core/delivery.ts';
import type { Performed } from '../../../src/deliver/channel.ts';
import { tempStore } from '../../support/temp.ts';
import { channelTo, delivery, NOW, tools } from './channel.ts';
import { serve } from './mails.ts';

const DATA = {
  id: 'bk_1',
  title: 'Haircut',
  start_time: '2027-02-15T10:00:00Z',
  end_time: '2027-02-15T11:00:00Z',
  attendee_name: 'John Doe',
  attendee_email: 'john@example.com',
};

const mail = (
  version: number,
  type: string,
  data: object = {},
  email: Partial<PlannedEmail> = { invite: true, name: 'John Doe' },
): ClaimedDelivery =>
  delivery(email, { id: `dl_${version}`, version, webhook: { id: `wh_${version}`, type, data: { ...DATA, ...data } } });

/** The calendar part of a received mail. */
const calendarIn = (raw: Buffer) => {
  const text = raw.toString();
  const [, head = '', body = ''] =
    /\r\n(content-type: text\/calendar[\s\S]*?)\r\n\r\n([\s\S]*?)\r\n--/i.exec(text) ?? [];
  const encoded = /transfer-encoding: base64/i.test(head);
  const decoded = encoded
    ? Buffer.from(body, 'base64').toString()
    : body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const calendar = new ICAL.Component(ICAL.parse(decoded));
  const event = calendar.getFirstSubcomponent('vevent');
  const value = (name: string) => String(event?.getFirstPropertyValue(name));
  return { head: head.replace(/\s+/g, ' '), method: String(calendar.getFirstPropertyValue('method')), value };
};

test("an attendee's mail has the invite as its last part, its method that of the calendar, its organiser the sender", async () => {
  const server = await serve();
  const receipt = await (await channelTo(server.url)).perform(mail(1, 'booking.confirmed'), tools);
  expect(receipt.detail).toMatchObject({ invite: 'REQUEST' });
  const raw = server.messages[0]?.raw ?? Buffer.of();
  const parts = [...raw.toString().matchAll(/^content-type: ([^;\r]+)/gim)].map(([, type]) => type);
  expect(parts).toEqual(['multipart/alternative', 'text/plain', 'text/html', 'text/calendar']);
  expect(raw.toString()).not.toMatch(/content-disposition: attachment/i);
  const { head, method, value } = calendarIn(raw);
  expect([head, method]).toEqual([expect.stringMatching(/charset=utf-8; method=REQUEST/), 'REQUEST']);
  expect([value('organizer').toLowerCase(), value('attendee').toLowerCase()]).toEqual([
    'mailto:bookings@example.com',
    'mailto:john@example.com',
  ]);
  expect(value('summary')).toContain('Haircut');
});

test('a booking that is moved and cancelled keeps its entry, and a mail that is sent again says the same of it', async () => {
  const server = await serve();
  const store = await tempStore();
  const channel = await channelTo(server.url, { store });
  const moved = { start_time: '2027-02-16T10:00:00Z', end_time: '2027-02-16T11:00:00Z' };
  const story = [
    mail(1, 'booking.confirmed'),
    mail(2, 'booking.confirmed', moved),
    { ...mail(2, 'booking.confirmed', moved), unclear: { startedAt: 0, endedAt: 0, note: null } },
    mail(3, 'booking.cancelled', { ...moved, status: 'CANCELLED' }),
  ];
  const receipts: Performed[] = [];
  for (const told of story) receipts.push(await channel.perform(told, tools));
  expect(receipts.map(({ summary }) => /with a calendar invite.*(?=\))/.exec(summary)?.[0])).toEqual([
    'with a calendar invite: REQUEST',
    'with a calendar invite: REQUEST, update 1',
    'with a calendar invite: REQUEST, update 1',
    'with a calendar invite: CANCEL',
  ]);
  const told = server.messages.map(({ raw }) => calendarIn(raw));
  expect(told.map(({ head }) => /method=(\w+)/.exec(head)?.[1])).toEqual(told.map(({ method }) => method));
  expect(told.map(({ method, value }) => [method, value('sequence'), value('status'), value('dtstart')])).toEqual([
    ['REQUEST', '0', 'CONFIRMED', '2027-02-15T10:00:00Z'],
    ['REQUEST', '1', 'CONFIRMED', '2027-02-16T10:00:00Z'],
    ['REQUEST', '1', 'CONFIRMED', '2027-02-16T10:00:00Z'],
    ['CANCEL', '2', 'CANCELLED', '2027-02-16T10:00:00Z'],
  ]);
  expect(new Set(told.map(({ value }) => value('uid'))).size).toBe(1);
  expect(told[2]?.value('dtstamp')).toBe(told[1]?.value('dtstamp'));
});

test.each([
  ['its data names no start', mail(1, 'booking.confirmed', { start_time: undefined, end_time: undefined })],
  ['it is over', { ...mail(1, 'booking.completed', { status: 'COMPLETED' }), receivedAt: NOW }],
  ['calendars were never told of it', mail(1, 'booking.cancelled', { status: 'CANCELLED' })],
])('a mail that goes without an invite says why: %s', async (why, planned) => {
  const server = await serve();
  const receipt = await (await channelTo(server.url)).perform(planned, tools);
  expect(receipt.summary).toBe(`accepted by 127.0.0.1: 250 OK queued as 1 (no calendar invite: ${why})`);
  expect(receipt.detail).toMatchObject({ noInvite: why });
  expect(server.messages[0]?.raw.toString()).not.toMatch(/text\/calendar/i);
});

test.each([
  ['the rule wants none', mail(1, 'booking.confirmed', {}, {})],
  ['it is about an event', mail(1, 'event.updated', { start_date: '2027-03-20', attendee_email: undefined })],
])('where %s, the mail goes without an invite, and without a word of it', async (_, planned) => {
  const server = await serve();
  const receipt = await (await channelTo(server.url)).perform(planned, tools);
  expect(receipt.summary).toBe('accepted by 127.0.0.1: 250 OK queued as 1');
  expect(receipt.detail).not.toHaveProperty('noInvite');
  expect(server.messages[0]?.raw.toString()).not.toMatch(/text\/calendar/i);
});
