import type { Resource, ResourceKey } from '../../core/resource.ts';
import type { Database } from './database.ts';
import { searchText } from './search.ts';

/** A resource's columns under the names of core's type; `data` is JSON still. */
export const RESOURCE_COLUMNS = `r.kind, r.id, r.status, r.title, r.attendee_name AS attendeeName,
  r.attendee_email AS attendeeEmail, r.schedule_id AS scheduleId, r.event_id AS eventId, r.start, r.starts_at AS startsAt,
  r.previous_start AS previousStart, r.previous_start_version AS previousStartVersion, r.last_type AS lastType,
  r.last_webhook_id AS lastWebhookId, r.version, r.data`;

export type ResourceRow = Omit<Resource, 'data'> & { readonly data: string };

export const toResource = (row: ResourceRow): Resource => ({ ...row, data: JSON.parse(row.data) });

/** Reads and writes resources together with what they are searched by. */
export const resources = (database: Database) => {
  const find = database.prepare<ResourceRow & { seq: number }>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = ? AND r.kind = ?`,
  );
  const upsert = database.prepare<{ seq: number }>(
    `INSERT INTO resource (kind, id, status, title, attendee_name, attendee_email, schedule_id, event_id, start, starts_at,
       previous_start, previous_start_version, last_type, last_webhook_id, version, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id, kind) DO UPDATE SET status = excluded.status, title = excluded.title,
       attendee_name = excluded.attendee_name, attendee_email = excluded.attendee_email,
       schedule_id = excluded.schedule_id, event_id = excluded.event_id, start = excluded.start,
       starts_at = excluded.starts_at, previous_start = excluded.previous_start,
       previous_start_version = excluded.previous_start_version, last_type = excluded.last_type,
       last_webhook_id = excluded.last_webhook_id, version = excluded.version, data = excluded.data
     RETURNING seq`,
  );
  const unindex = database.prepare('DELETE FROM resource_search WHERE rowid = ?');
  const index = database.prepare('INSERT INTO resource_search (rowid, text) VALUES (?, ?)');

  const row = (key: ResourceKey) => find.get(key.id, key.kind);
  return {
    find: row,

    get(key: ResourceKey): Resource | undefined {
      const found = row(key);
      if (!found) return undefined;
      const { seq: _, ...rest } = found;
      return toResource(rest);
    },

    /** Writes the state and returns the resource's seq; `before` is what find() gave, to leave an unchanged index alone. */
    save(resource: Resource, before: ResourceRow | undefined): number {
      const written = upsert.get(
        resource.kind,
        resource.id,
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
      );
      const seq = written?.seq ?? 0;
      const text = searchText(resource);
      const known = before && searchText(toResource(before));
      if (text !== known) {
        if (known !== undefined) unindex.run(seq);
        index.run(seq, text);
      }
      return seq;
    },
  };
};
