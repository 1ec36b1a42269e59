import { recipientOf } from '../core/recipient.ts';
import type { Resource } from '../core/resource.ts';
import { isTimeZone } from '../core/webhook-data.ts';
import type { ExportedDelivery, ExportedResource } from '../store/export-ports.ts';
import type { Column, ZonedInstant } from './table.ts';

type Columns<Row> = readonly Column<Row>[];

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const instantOf = (value: unknown): number | null => {
  const at = typeof value === 'string' && /T.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

type Text<Row> = (row: Row) => string | null;
type Amount<Row> = (row: Row) => number | null;
const text = <Row>(name: string, width: number, value: Text<Row>): Column<Row> => ({
  name,
  width,
  kind: 'text',
  value,
});
const number = <Row>(name: string, value: Amount<Row>): Column<Row> => ({ name, width: 10, kind: 'number', value });
const time = <Row>(name: string, value: Amount<Row>): Column<Row> => ({ name, width: 20, kind: 'time', value });
const local = <Row>(name: string, value: (row: Row) => ZonedInstant | null): Column<Row> => ({
  name,
  width: 20,
  kind: 'local',
  value,
});
const day = <Row>(name: string, value: Text<Row>): Column<Row> => ({ name, width: 12, kind: 'day', value });
const field = (name: string, width: number, key: string): Column<ExportedResource> =>
  text(name, width, ({ data }) => textOf(data[key]));

const ATTENDEE: Columns<ExportedResource> = [
  text('Attendee', 24, ({ attendeeName }) => attendeeName),
  text('Email', 28, ({ attendeeEmail }) => attendeeEmail),
  field('Phone', 16, 'attendee_phone'),
];

const HISTORY: Columns<ExportedResource> = [
  time('First known', ({ firstAt }) => firstAt),
  time('Last change', ({ lastAt }) => lastAt),
  text('Last webhook', 22, ({ lastType }) => lastType),
];

const minutes = ({ startsAt, data }: Resource): number | null => {
  const end = instantOf(data.end_time);
  return startsAt === null || end === null ? null : (end - startsAt) / 60_000;
};

/** The booking's own zone where it names one, else `zone`. */
const zoneOf = ({ data: { timezone } }: Resource, zone: string): string =>
  typeof timezone === 'string' && isTimeZone(timezone) ? timezone : zone;

const zoned = (at: number | null, zone: string): ZonedInstant | null => (at === null ? null : { at, zone });

/** Columns of bookings: times in `zone`, so that they can be sorted, and also in the zone of the booking. */
export const bookingsIn = (zone: string): Columns<ExportedResource> => [
  text('Booking', 20, ({ id }) => id),
  text('Status', 12, ({ status }) => status),
  text('Title', 28, ({ title }) => title),
  ...ATTENDEE,
  time('Start', ({ startsAt }) => startsAt),
  time('End', ({ data }) => instantOf(data.end_time)),
  number('Minutes', minutes),
  local('Local start', (row) => zoned(row.startsAt, zoneOf(row, zone))),
  local('Local end', (row) => zoned(instantOf(row.data.end_time), zoneOf(row, zone))),
  text('Time zone', 18, (row) => zoneOf(row, zone)),
  field('Location', 24, 'location'),
  text('Schedule', 18, ({ scheduleId }) => scheduleId),
  ...HISTORY,
];

export const REGISTRATIONS: Columns<ExportedResource> = [
  text('Registration', 20, ({ id }) => id),
  text('Status', 12, ({ status }) => status),
  text('Event', 20, ({ eventId }) => eventId),
  text('Event title', 28, ({ eventTitle }) => eventTitle),
  time('Event start', ({ eventStartsAt }) => eventStartsAt),
  ...ATTENDEE,
  number('Guests', ({ data }) => numberOf(data.guest_count)),
  field('Notes', 30, 'notes'),
  ...HISTORY,
];

export const EVENTS: Columns<ExportedResource> = [
  text('Event', 20, ({ id }) => id),
  text('Status', 12, ({ status }) => status),
  text('Title', 28, ({ title }) => title),
  day('Date', ({ data }) => textOf(data.start_date)),
  // An event without a time takes the whole day: midnight is not its start.
  time('Start', ({ data, startsAt }) => (textOf(data.start_time) === null ? null : startsAt)),
  text('Begins', 10, ({ data }) => textOf(data.start_time)),
  text('Ends', 10, ({ data }) => textOf(data.end_time)),
  field('Time zone', 18, 'timezone'),
  field('Location', 24, 'location'),
  number('Places', ({ data }) => numberOf(data.slots)),
  number('Cost', ({ data }) => numberOf(data.cost)),
  ...HISTORY,
];

export const DELIVERIES: Columns<ExportedDelivery> = [
  text('Delivery', 22, ({ id }) => id),
  time('Planned', ({ plannedAt }) => plannedAt),
  text('Status', 12, ({ status }) => status),
  text('Kind', 8, ({ kind }) => kind),
  text('To', 28, ({ destination }) => recipientOf(destination)),
  text('Rule', 22, ({ rule }) => rule),
  number('Tries', ({ tries }) => tries),
  time('Last attempt', ({ attemptedAt }) => attemptedAt),
  text('Outcome', 12, ({ outcome }) => outcome),
  text('Message', 50, ({ message }) => message),
  text('About', 20, ({ resourceId }) => resourceId),
  text('Webhook type', 22, ({ type }) => type),
  text('Webhook', 22, ({ webhookId }) => webhookId),
];
