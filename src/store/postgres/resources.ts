import { type Resource, type ResourceKey, resourceKey } from '../../core/resource.ts';
import { parseWebhook } from '../../core/webhook.ts';
import { guestsOf, isGone, keysOf } from '../resource-keys.ts';
import { RESOURCE_COLUMNS, type ResourceRow, STATE_COLUMNS, stateOf, withoutSeq } from '../resource-row.ts';
import { searchText } from '../search-text.ts';
import type { Sql } from './database.ts';

export type FoundResource = ResourceRow & { readonly seq: number };

const ITS_KEY = 'digest_of(r.id) = digest_of($1) AND digest_of(r.kind) = digest_of($2)';

/** A resource and its row number; undefined if it is unknown. */
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

/** The columns of a resource in the order of writtenOf(): its state, then what is derived from that for searches and counts. */
export const WRITTEN = [
  ...STATE_COLUMNS,
  'search_text',
  'status_key',
  'kind_key',
  'type_key',
  'gone',
  'guests',
] as const;

/**
 * The values of WRITTEN. The search text is folded here rather than by PostgreSQL's `unaccent`, so that every store treats the
 * same letters as equal, whatever dictionary a server has.
 */
export const writtenOf = (resource: Resource): readonly unknown[] => {
  const { status, kind, type } = keysOf(resource);
  return [...stateOf(resource), searchText(resource), status, kind, type, isGone(resource), guestsOf(resource)];
};

/** The resource that a webhook's body is about, as `booking:bk_1`; null if it names none and so need not wait for another. */
export const resourceNameIn = (body: Uint8Array): string | null => {
  const parsed = parseWebhook(body);
  const key = 'webhook' in parsed ? resourceKey(parsed.webhook) : undefined;
  return key ? `${key.kind}:${key.id}` : null;
};
