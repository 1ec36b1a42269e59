import ical, { ICalAttendeeRole, ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { headerText } from './address.ts';
import type { InviteTimes } from './invite-times.ts';
import type { InviteWords } from './invite-words.ts';
import type { MailAddress } from './transport.ts';

export type InviteEvent = {
  readonly uid: string;
  readonly method: 'REQUEST' | 'CANCEL';
  readonly status: 'TENTATIVE' | 'CONFIRMED' | 'CANCELLED';
  readonly sequence: number;
  /** DTSTAMP, in Unix milliseconds. */
  readonly stamp: number;
  readonly times: InviteTimes;
  readonly words: InviteWords;
  readonly organizer: MailAddress;
  readonly attendee: MailAddress;
};

/**
 * An event as an iCalendar object (RFC 5545, RFC 5546). Times are in UTC, or dates: no calendar can misread the zone of the
 * booking then, and each shows them in its owner's.
 */
export const calendarText = (event: InviteEvent): string => {
  const { times, words } = event;
  const calendar = ical({
    method: ICalCalendarMethod[event.method],
    prodId: { company: 'webkasa-bot', product: 'webkasa-bot', language: 'EN' },
  });
  calendar.createEvent({
    id: event.uid,
    sequence: event.sequence,
    stamp: Temporal.Instant.fromEpochMilliseconds(event.stamp),
    start: times.start,
    end: times.end,
    allDay: times.allDay,
    status: ICalEventStatus[event.status],
    summary: words.summary,
    location: words.location ?? null,
    description: words.description ?? null,
    url: words.url ?? null,
    organizer: { name: calendarName(event.organizer), email: inMailto(event.organizer) },
    attendees: [
      {
        name: calendarName(event.attendee),
        email: inMailto(event.attendee),
        role: ICalAttendeeRole.REQ,
        // Who books has accepted already, and nobody would read a reply.
        status: ICalAttendeeStatus.ACCEPTED,
        rsvp: false,
      },
    ],
  });
  // Each line ends in CRLF, the last one too (RFC 5545 §3.1), which the library leaves out.
  return `${calendar.toString()}\r\n`;
};

/** Without characters that RFC 6868 encodes, since Outlook shows them encoded. */
const calendarName = ({ name, address }: MailAddress): string =>
  headerText(name.replace(/["^\\]/g, "'"), 100) || address;

/** Escaped for a mailto URI, in which some characters of an address have a meaning of their own (RFC 6068 §2). */
const inMailto = ({ address }: MailAddress): string => address.replace(/[%/?#&=^`{|}]/g, encodeURIComponent);
