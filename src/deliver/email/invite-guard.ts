import type { SentInvite } from '../../store/ports.ts';
import type { Invite } from './invite.ts';

/**
 * A final check of the iCalendar text before it goes out: names what calendars would ignore or misread, given the previous
 * invite they got. undefined where nothing is wrong. Shares no code with what made the text, on purpose.
 */
export const inviteFault = (
  { text, uid, method, sent }: Invite,
  previous: SentInvite | undefined,
): string | undefined => {
  const lines = text.replace(/\r\n[ \t]/g, '').split('\r\n');
  const values = (name: string): string[] =>
    lines.filter((line) => line.startsWith(`${name}:`) || line.startsWith(`${name};`));
  const only = (name: string): string | undefined => {
    const [line, ...more] = values(name);
    return more.length === 0 ? line?.slice(line.lastIndexOf(':') + 1) : undefined;
  };
  const sequence = Number(only('SEQUENCE'));
  const stamp = only('DTSTAMP') ?? '';
  const [start, end] = [only('DTSTART') ?? '', only('DTEND') ?? ''];

  if (values('BEGIN').join() !== 'BEGIN:VCALENDAR,BEGIN:VEVENT') return 'it is not exactly one event';
  if (only('UID') !== uid) return 'its UID is another one';
  if (only('METHOD') !== method) return 'its METHOD is not the one the mail names';
  if ((method === 'CANCEL') !== (only('STATUS') === 'CANCELLED')) return 'its STATUS does not fit its METHOD';
  if (!/^ORGANIZER[;:].*:mailto:[^\s:]+$/i.test(values('ORGANIZER').join())) return 'it has no organiser';
  if (values('ATTENDEE').length !== 1) return 'it is not to exactly one person';
  if (!Number.isSafeInteger(sequence) || sequence < 0 || sequence !== sent.sequence) return 'it has no SEQUENCE';
  if (!/^\d{8}T\d{6}Z$/.test(stamp)) return 'its DTSTAMP is not in UTC';
  // Both are written the same way, so they compare as text.
  if (!/^\d{8}(T\d{6}Z)?$/.test(start) || start.length !== end.length) return 'its times are neither in UTC nor dates';
  if (start >= end) return 'it ends before it begins';
  return previous ? faultAfter(previous, sent) : method === 'CANCEL' ? 'calendars were never told of it' : undefined;
};

const faultAfter = (previous: SentInvite, next: SentInvite): string | undefined => {
  if (next.version < previous.version) return 'calendars were told something newer';
  if (next.sequence < previous.sequence) return 'its SEQUENCE is lower than the last one';
  if (next.sequence > previous.sequence) return next.stamp < previous.stamp ? 'its DTSTAMP is older' : undefined;
  if (next.method !== previous.method) return 'its METHOD is another one, and its SEQUENCE is not higher';
  if (next.times !== previous.times && next.method === 'REQUEST')
    return 'its times differ, and its SEQUENCE is not higher';
  if (next.version === previous.version)
    return next.stamp === previous.stamp ? undefined : 'a repetition has a new DTSTAMP';
  return next.stamp > previous.stamp ? undefined : 'calendars would take it for one they had';
};
