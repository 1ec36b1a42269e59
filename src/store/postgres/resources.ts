import type { Resource, ResourceKey } from '../../core/resource.ts';
import { guestsOf, isGone, keysOf } from '../resource-keys.ts';
import { type ResourceRow, withoutSeq } from '../resource-row.ts';
import { searchText } from '../search-text.ts';
import type { Sql } from './database.ts';

/** A resource's columns under the names of core's type; `data` is JSON still. */
export const RESOURCE_COLUMNS = `r.kind, r.id, r.status, r.title, r.attendee_name AS "attendeeName",
  r.attendee_email AS "attendeeEmail", r.schedule_id AS "scheduleId", r.event_id AS "eventId", r.start,
  r.starts_at AS "startsAt", r.previous_start AS "previousStart", r.previous_start_version AS "previousStartVersion",
  r.last_type AS "lastType", r.last_webhook_id AS "lastWebhookId", r.version, r.data`;

export type FoundResource = ResourceRow & { readonly seq: number };

const ITS_KEY = 'digest_of(r.id) = digest_of($1) AND digest_of(r.kind) = digest_of($2)';

/** A resource and its row; undefined where none is known. */
export const findResource = async (
  sql: Sql,
  { id, kind }: ResourceKey,
): Promise<{ readonly seq: number; readonly resource: Resource } | undefined> => {
  const [row] = await sql.query<FoundResource>(`SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE ${ITS_KEY}`, [
    id,
    kind,
  ]);
  return row && { seq: row.seq, resource: withoutSeq(row) };
};

/** The columns that a resource is written to, in the order of columnsOf(). */
export const WRITTEN = [
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
  'search_text',
  'status_key',
  'kind_key',
  'type_key',
  'gone',
  'guests',
] as const;

/**
 * Their values. What is searched is folded here and not by PostgreSQL's `unaccent`, so that the same letters are the same in
 * every store, and whatever dictionary a server has.
 */
export const columnsOf = (resource: Resource): readonly unknown[] => {
  const keys = keysOf(resource);
  return [
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
    searchText(resource),
    keys.status,
    keys.kind,
    keys.type,
    isGone(resource),
    guestsOf(resource),
  ];
};
