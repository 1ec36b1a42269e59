import ICAL from 'ical.js';
import type { ParsedMail } from 'mailparser';

/* How calendar programs process invites, by RFC 5546 §2.1.5 and by what Gmail and Outlook are known to refuse. */

/** What a calendar shows under a UID, and what it compares the next message with. */
type Known = {
  readonly sequence: number;
  readonly stamp: string;
  readonly text: string;
  readonly shown: { readonly start: string; readonly end: string; readonly status: string } | null;
};

export type Calendar = {
  /** Processes an invite; throws where a program would ignore or misread it, or gain nothing from it. */
  receive(text: string): 'put in' | 'changed' | 'repeated' | 'taken out' | 'still out';
  /** What it shows: start, end and status. */
  shown(uid: string): Known['shown'];
};

export const aCalendar = (): Calendar => {
  const known = new Map<string, Known>();
  return {
    receive(text) {
      const { uid, method, next } = read(text);
      const before = known.get(uid);
      if (!before) {
        if (method !== 'REQUEST') throw new Error(`${uid}: nobody knows what is cancelled`);
        known.set(uid, next);
        return 'put in';
      }
      const order = next.sequence - before.sequence || next.stamp.localeCompare(before.stamp);
      if (order < 0) throw new Error(`${uid}: ignored, for it is older than what is known`);
      if (order === 0) {
        if (next.text !== before.text) throw new Error(`${uid}: ignored, for its place is taken by another text`);
        return 'repeated';
      }
      const same = next.shown?.start === before.shown?.start && next.shown?.end === before.shown?.end;
      if (!same && next.sequence === before.sequence) throw new Error(`${uid}: changed without a higher SEQUENCE`);
      if (same && next.sequence > before.sequence) throw new Error(`${uid}: SEQUENCE rose for nothing`);
      known.set(uid, next);
      if (next.shown === null) return before.shown === null ? 'still out' : 'taken out';
      return before.shown === null ? 'put in' : 'changed';
    },
    shown: (uid) => known.get(uid)?.shown ?? null,
  };
};

const read = (text: string) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const events = calendar.getAllSubcomponents();
  const [event] = events;
  if (events.length !== 1 || event?.name !== 'vevent') throw new Error('not exactly one event');
  const value = (name: string): string => {
    const all = event.getAllProperties(name);
    if (all.length !== 1) throw new Error(`${all.length} of ${name}`);
    return String(all[0]?.getFirstValue());
  };
  const method = String(calendar.getFirstPropertyValue('method'));
  const status = value('status');
  if (!['REQUEST', 'CANCEL'].includes(method)) throw new Error(`METHOD ${method}`);
  if ((method === 'CANCEL') !== (status === 'CANCELLED')) throw new Error(`METHOD ${method} with STATUS ${status}`);
  for (const party of ['organizer', 'attendee']) {
    if (!/^mailto:[^@\s]+@[^@\s]+$/i.test(value(party))) throw new Error(`${party} ${value(party)}`);
  }
  const [start, end] = [value('dtstart'), value('dtend')];
  if (!/(Z|^\d{4}-\d\d-\d\d)$/.test(start) || start.length !== end.length) throw new Error(`local time ${start}`);
  return {
    uid: value('uid'),
    method,
    next: {
      sequence: Number(value('sequence')),
      stamp: value('dtstamp'),
      text,
      shown: method === 'CANCEL' ? null : { start, end, status },
    } satisfies Known,
  };
};

/** The invite of a mail as Gmail and Outlook would act on it; throws where they would not, undefined where it has none. */
export const inviteIn = (mail: ParsedMail): string | undefined => {
  const [part, ...others] = mail.attachments;
  if (!part) return undefined;
  const type = part.headers.get('content-type') as { value: string; params: Record<string, string> };
  const text = part.content.toString();
  const { method } = read(text);
  if (others.length > 0 || type.value !== 'text/calendar') throw new Error('attachments beside the invite');
  if (part.contentDisposition === 'attachment') throw new Error('the invite is an attachment');
  if (type.params.method !== method) throw new Error(`a part of ${type.params.method} holds a calendar of ${method}`);
  const event = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent');
  const party = (name: string): string => String(event?.getFirstPropertyValue(name)).replace(/^mailto:/i, '');
  const to = [mail.to ?? []].flat().flatMap(({ value }) => value);
  if (party('organizer') !== mail.from?.value[0]?.address) throw new Error('the organiser is not the sender');
  if (to.length !== 1 || party('attendee') !== to[0]?.address) throw new Error('the attendee is not the recipient');
  return text;
};
