import type { Resource } from '../core/resource.ts';

/** A resource as any store's database has it: `data` is JSON still. */
export type ResourceRow = Omit<Resource, 'data'> & { readonly data: string };

export const toResource = (row: ResourceRow): Resource => ({ ...row, data: JSON.parse(row.data) });

/** The same for a row that names its number too. */
export const withoutSeq = ({ seq: _, ...row }: ResourceRow & { readonly seq: number }): Resource => toResource(row);

/** A resource's columns under the names of core's type; `data` is JSON still. */
export const RESOURCE_COLUMNS = `r.kind, r.id, r.status, r.title, r.attendee_name AS "attendeeName",
  r.attendee_email AS "attendeeEmail", r.schedule_id AS "scheduleId", r.event_id AS "eventId", r.start,
  r.starts_at AS "startsAt", r.previous_start AS "previousStart", r.previous_start_version AS "previousStartVersion",
  r.last_type AS "lastType", r.last_webhook_id AS "lastWebhookId", r.version, r.data`;

/** The columns that a resource's state is written to, in the order of stateOf(); what names it comes first. */
export const STATE_COLUMNS = [
  'id',
  'kind',
  'status',
  'title',
  'attendee_name',
  'attendee_email',
  'schedule_id',
  'event_id',
  'start',
  'starts_at',
  'previous_start',
  'previous_start_version',
  'last_type',
  'last_webhook_id',
  'version',
  'data',
] as const;

/** Their values. */
export const stateOf = (resource: Resource): (string | number | null)[] => [
  resource.id,
  resource.kind,
  resource.status,
  resource.title,
  resource.attendeeName,
  resource.attendeeEmail,
  resource.scheduleId,
  resource.eventId,
  resource.start,
  resource.startsAt,
  resource.previousStart,
  resource.previousStartVersion,
  resource.lastType,
  resource.lastWebhookId,
  resource.version,
  JSON.stringify(resource.data),
];
