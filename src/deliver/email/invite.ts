import { hash } from 'node:crypto';
import { saysCancelled } from '../../core/cancelled.ts';
import type { ClaimedDelivery } from '../../core/delivery.ts';
import type { ResourceKey } from '../../core/resource.ts';
import type { SentInvite } from '../../store/ports.ts';
import { isMailAddress } from './address.ts';
import { calendarText, type InviteEvent } from './invite-calendar.ts';
import { hasEnded, type InviteTimes, inviteTimes, readTimes, timesText } from './invite-times.ts';
import { type InviteFacts, inviteWords } from './invite-words.ts';
import { standingOf } from './standing.ts';
import type { MailAddress } from './transport.ts';

type Data = Readonly<Record<string, unknown>>;

/** What an invite is made of. */
export type InviteRequest = {
  /** The webhook's type. */
  readonly type: string;
  /** What is invited to: a booking, or one person's registration for an event. */
  readonly resource: ResourceKey;
  readonly data: Data;
  /** What is known besides; a registration's times are its event's. */
  readonly facts: InviteFacts;
  /** The zone of local times whose data names none. */
  readonly zone: string;
  /** The delivery's id and version, and the newest known state of its resource. */
  readonly delivery: string;
  readonly version: number;
  readonly latest: ClaimedDelivery['latest'];
  /** The mail's sender: calendars trust an invite whose organiser sent it. */
  readonly organizer: MailAddress;
  readonly attendee: MailAddress;
};

export type Invite = {
  readonly uid: string;
  readonly method: 'REQUEST' | 'CANCEL';
  /** The iCalendar object. */
  readonly text: string;
  /** What to store once it is decided, for the invites after it. */
  readonly sent: SentInvite;
};

export type NoInvite = { readonly none: string };

const OVER = /^(completed|no_show|attended)$/i;

/**
 * One UID for the life of a booking, and one for each registration: by it calendars find the entry to change or remove. It
 * contains nothing that may change, as the sender's address or domain may (RFC 7986 §5.3).
 */
export const inviteUid = ({ kind, id }: ResourceKey): string => {
  const plain = /^[A-Za-z]+_[\w-]{1,80}$/.test(id);
  const name = plain
    ? id
    : `${kind}-${hash('sha256', JSON.stringify([kind, id]), 'hex').slice(0, 32)}`.replace(/[^\w-]/g, '_');
  return `${name.slice(0, 120)}@webkasa-bot`;
};

/**
 * Decides which invite has to follow `previous`, if any. SEQUENCE rises when the times change, on a cancellation, and when
 * something cancelled takes place after all (RFC 5546 §2.1.4). Repeating an invite gives the same text, DTSTAMP included. A
 * second cancellation is sent too, since nobody knows whether the first one arrived. `none` says why there is no invite.
 */
export const planInvite = (
  request: InviteRequest,
  previous: SentInvite | undefined,
  now: number,
): Invite | NoInvite => {
  const { type, data, facts, attendee, organizer } = request;
  const version = Math.max(request.version, endsRegistration(request) ? (previous?.version ?? 0) : 0);
  if (!isMailAddress(attendee.address)) return { none: 'the recipient is not a mail address' };
  const verb = verbOf(type);
  const status = textOf(data.status);
  const cancelled = saysCancelled(verb) || saysCancelled(status) || saysCancelled(eventOf(request)?.status);
  if (!cancelled && (OVER.test(verb) || OVER.test(status))) return { none: 'it is over' };
  if (previous && previous.version > version) return { none: 'calendars were told something newer' };
  if (cancelled && !previous) return { none: 'calendars were never told of it' };
  const found = timesOf(request);
  // A cancellation without times of its own removes the entry by those of the invite before.
  const times = 'none' in found && cancelled && previous ? readTimes(previous.times) : found;
  if ('none' in times) return times;
  if (!cancelled && hasEnded(times, now)) return { none: 'it is over' };
  if (!cancelled && outdated(request, times)) return { none: 'something newer is known, which its own mail tells' };

  const method = cancelled ? 'CANCEL' : 'REQUEST';
  const told = { method, times: timesText(times) } as const;
  const event: InviteEvent = {
    uid: inviteUid(request.resource),
    method,
    status: cancelled ? 'CANCELLED' : standingOf(type, status) === 'requested' ? 'TENTATIVE' : 'CONFIRMED',
    ...placeAfter(previous, { ...told, version }, now),
    times,
    words: inviteWords(data, facts, organizer.name),
    organizer,
    attendee,
  };
  const sent = { ...told, sequence: event.sequence, stamp: event.stamp, delivery: request.delivery, version };
  return { uid: event.uid, method, text: calendarText(event), sent };
};

/**
 * Whether this cancels a registration of which nothing newer is known. Its entry has to go even if calendars were sent a newer
 * version of the event since.
 */
const endsRegistration = ({ type, resource, latest }: InviteRequest): boolean =>
  resource.kind === 'registration' && saysCancelled(verbOf(type)) && type.startsWith('registration.') && isGone(latest);

const isGone = (latest: InviteRequest['latest']): boolean =>
  latest === null || saysCancelled(latest.status ?? '') || saysCancelled(verbOf(latest.lastType));

const verbOf = (type: string): string => type.split('.')[1] ?? '';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const eventOf = ({ resource, facts }: InviteRequest): Data | undefined =>
  resource.kind === 'registration' ? (facts.event ?? undefined) : undefined;

/** A registration takes place when its event does; for a booking, the API fills in what the webhook leaves out. */
const timesOf = (request: InviteRequest): InviteTimes | NoInvite => {
  const { data, facts, zone } = request;
  const { booking, schedule } = facts;
  const source = data.start_time || data.start_date ? data : (eventOf(request) ?? booking ?? data);
  // The API's end is used only with the same start.
  const whole =
    booking && !source.end_time && booking.start_time === source.start_time
      ? { ...source, end_time: booking.end_time }
      : source;
  return inviteTimes(whole, zone, source.duration ?? booking?.duration ?? schedule?.duration);
};

/** Whether it was cancelled, finished or moved since: this invite would put an outdated entry into calendars. */
const outdated = ({ latest, version, zone, resource, facts }: InviteRequest, times: InviteTimes): boolean => {
  if (!latest || latest.version <= version) return false;
  const verb = verbOf(latest.lastType);
  if ([verb, latest.status ?? ''].some((word) => saysCancelled(word) || OVER.test(word))) return true;
  if (resource.kind === 'registration') return false;
  const now = inviteTimes(latest.data, zone, facts.booking?.duration ?? facts.schedule?.duration);
  return !('none' in now) && now.start.toString() !== times.start.toString();
};

/** SEQUENCE and DTSTAMP: with equal SEQUENCE, calendars keep the message with the later DTSTAMP, which has whole seconds. */
const placeAfter = (
  previous: SentInvite | undefined,
  next: Pick<SentInvite, 'version' | 'method' | 'times'>,
  now: number,
): Pick<SentInvite, 'sequence' | 'stamp'> => {
  const stamp = Math.floor(now / 1_000) * 1_000;
  if (!previous) return { sequence: 0, stamp };
  const same = previous.method === next.method && (previous.times === next.times || next.method === 'CANCEL');
  if (same && previous.version === next.version) return { sequence: previous.sequence, stamp: previous.stamp };
  return {
    sequence: same ? previous.sequence : previous.sequence + 1,
    stamp: Math.max(stamp, previous.stamp + 1_000),
  };
};
