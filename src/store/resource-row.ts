import type { Resource } from '../core/resource.ts';

/** The row of a resource, as any store reads it: `data` is JSON. */
export type ResourceRow = Omit<Resource, 'data'> & { readonly data: string };

export const toResource = (row: ResourceRow): Resource => ({ ...row, data: JSON.parse(row.data) });

/** As toResource(), for a row that holds its `seq` as well. */
export const withoutSeq = ({ seq: _, ...row }: ResourceRow & { readonly seq: number }): Resource => toResource(row);

/** The columns of `resource r`, under the names of ResourceRow. */
export const RESOURCE_COLUMNS = `r.kind, r.id, r.status, r.title, r.attendee_name AS "attendeeName",
  r.attendee_email AS "attendeeEmail", r.schedule_id AS "scheduleId", r.event_id AS "eventId", r.start,
  r.starts_at AS "startsAt", r.previous_start AS "previousStart", r.previous_start_version AS "previousStartVersion",
  r.last_type AS "lastType", r.last_webhook_id AS "lastWebhookId", r.version, r.data`;

/** The columns of a resource's state, in the order of stateOf(). Its key comes first. */
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

/** The values of STATE_COLUMNS. */
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
