import ICAL from 'ical.js';
import type { InviteRequest } from '../../../src/deliver/email/invite.ts';
import { T0 } from '../../support/builders.ts';

/* Requests to make invites of, and invites read by a parser that is not the bot's. */

export const START = '2027-02-15T10:00:00Z';
export const END = '2027-02-15T11:00:00Z';

/** A confirmed booking at its first version; `data` is laid over what WebKasa sends. */
export const aRequest = (
  overrides: Partial<InviteRequest> = {},
  data: Readonly<Record<string, unknown>> = {},
): InviteRequest => ({
  type: 'booking.created',
  resource: { kind: 'booking', id: 'bk_1' },
  data: { id: 'bk_1', title: 'Fitting', start_time: START, end_time: END, status: 'CONFIRMED', ...data },
  facts: {},
  zone: 'UTC',
  delivery: 'dl_1',
  version: T0 * 10,
  latest: null,
  organizer: { name: 'Studio', address: 'bookings@studio.example' },
  attendee: { name: 'John Doe', address: 'john@example.com' },
  ...overrides,
});

/** The properties of an invite by name, as ical.js reads them. */
export const readInvite = (text: string) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents('vevent');
  const [event] = events;
  if (!event || events.length !== 1) throw new Error(`${events.length} events`);
  const value = (name: string): unknown => event.getFirstPropertyValue(name);
  const time = (name: string) => {
    const read = value(name) as ICAL.Time;
    return { text: read.toString(), isDate: read.isDate, zone: read.zone?.tzid ?? null };
  };
  return {
    method: calendar.getFirstPropertyValue('method'),
    names: event.getAllProperties().map(({ name }) => name),
    uid: value('uid'),
    sequence: value('sequence'),
    status: value('status'),
    summary: value('summary'),
    location: value('location'),
    description: value('description'),
    url: value('url'),
    organizer: event.getFirstProperty('organizer'),
    attendee: event.getFirstProperty('attendee'),
    stamp: time('dtstamp').text,
    start: time('dtstart'),
    end: time('dtend'),
  };
};
