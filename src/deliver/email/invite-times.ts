import { isTimeZone } from '../../core/webhook-data.ts';

/** When something takes place: two instants, or whole days with an exclusive `end`, as calendars count. */
export type InviteTimes =
  | { readonly allDay: false; readonly start: Temporal.Instant; readonly end: Temporal.Instant }
  | { readonly allDay: true; readonly start: Temporal.PlainDate; readonly end: Temporal.PlainDate };

type Data = Readonly<Record<string, unknown>>;

/** The duration where neither an end nor a duration is known. */
const USUAL_MINUTES = 60;
/** A longer duration is taken for an error and ignored. */
const MOST_MINUTES = 7 * 24 * 60;

/**
 * Reads a booking's instants, or an event's local date and times in its own zone (else `zone`). A local end that is before
 * its start is on the next day: 10 PM to 1 AM. Without an end it lasts `minutes`, else an hour; an event without a time
 * takes whole days. `none` says why there are no times.
 */
export const inviteTimes = (data: Data, zone: string, minutes?: unknown): InviteTimes | { readonly none: string } => {
  const date = typeof data.start_date === 'string' && data.start_date !== '' ? data.start_date : undefined;
  const hasTime = typeof data.start_time === 'string' && data.start_time !== '';
  try {
    if (date && !hasTime) return days(Temporal.PlainDate.from(date), data.end_date);
    if (!hasTime) return { none: 'its data names no start' };
    if (!date) return appointment(Temporal.Instant.from(String(data.start_time)), data.end_time, minutes);
    const own = typeof data.timezone === 'string' && isTimeZone(data.timezone) ? data.timezone : zone;
    return onClock(Temporal.PlainDateTime.from(`${date}T${data.start_time}`), data, own, minutes);
  } catch {
    return { none: 'its start or end can not be read as a time' };
  }
};

/** What may not change without a new SEQUENCE (RFC 5546 §2.1.4). */
export const timesText = ({ start, end }: InviteTimes): string => `${start.toString()}/${end.toString()}`;

/** Reads what timesText wrote. */
export const readTimes = (text: string): InviteTimes => {
  const [start = '', end = ''] = text.split('/');
  return start.includes('T')
    ? { allDay: false, start: Temporal.Instant.from(start), end: Temporal.Instant.from(end) }
    : { allDay: true, start: Temporal.PlainDate.from(start), end: Temporal.PlainDate.from(end) };
};

/** Whether it is over everywhere: a day ends in the westernmost zone twelve hours after it does in UTC. */
export const hasEnded = ({ allDay, end }: InviteTimes, now: number): boolean =>
  allDay ? end.toZonedDateTime('UTC').add({ hours: 12 }).epochMilliseconds <= now : end.epochMilliseconds <= now;

const days = (start: Temporal.PlainDate, endDate: unknown): InviteTimes | { readonly none: string } => {
  const last = typeof endDate === 'string' && endDate !== '' ? Temporal.PlainDate.from(endDate) : start;
  if (Temporal.PlainDate.compare(last, start) < 0) return { none: 'it ends before it begins' };
  return { allDay: true, start, end: last.add({ days: 1 }) };
};

const appointment = (
  start: Temporal.Instant,
  endTime: unknown,
  minutes: unknown,
): InviteTimes | { readonly none: string } => {
  const end = typeof endTime === 'string' && endTime !== '' ? Temporal.Instant.from(endTime) : after(start, minutes);
  return lasting(start, end);
};

const onClock = (
  start: Temporal.PlainDateTime,
  data: Data,
  zone: string,
  minutes: unknown,
): InviteTimes | { readonly none: string } => {
  const from = start.toZonedDateTime(zone).toInstant();
  if (typeof data.end_time !== 'string' || data.end_time === '') return lasting(from, after(from, minutes));
  const clock = Temporal.PlainTime.from(data.end_time);
  const named = typeof data.end_date === 'string' && data.end_date !== '';
  const day = named ? Temporal.PlainDate.from(String(data.end_date)) : start.toPlainDate();
  const sameDay = day.toPlainDateTime(clock);
  const nextDay = !named && Temporal.PlainDateTime.compare(sameDay, start) < 0;
  return lasting(from, (nextDay ? sameDay.add({ days: 1 }) : sameDay).toZonedDateTime(zone).toInstant());
};

const after = (start: Temporal.Instant, minutes: unknown): Temporal.Instant => {
  const sane = typeof minutes === 'number' && minutes >= 1 && minutes <= MOST_MINUTES;
  return start.add({ minutes: sane ? Math.round(minutes) : USUAL_MINUTES });
};

/** In whole seconds, as calendars count. Most of them don't show what has no duration or a negative one. */
const lasting = (start: Temporal.Instant, end: Temporal.Instant): InviteTimes | { readonly none: string } => {
  const [from, until] = [start, end].map((at) => at.round({ smallestUnit: 'second', roundingMode: 'floor' }));
  if (!from || !until || Temporal.Instant.compare(from, until) >= 0) {
    return { none: 'it ends when it begins, or before' };
  }
  return { allDay: false, start: from, end: until };
};
