import type { Resource, ResourceKey } from '../../core/resource.ts';
import { guestsOf, isGone, keysOf } from '../resource-keys.ts';
import { RESOURCE_COLUMNS, type ResourceRow, STATE_COLUMNS, stateOf, withoutSeq } from '../resource-row.ts';
import { searchText } from '../search-text.ts';
import type { Sql } from './database.ts';

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

/** The columns that a resource is written to, in the order of writtenOf(): what it is, then what is asked for by indexes. */
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
 * Their values. What is searched is folded here and not by PostgreSQL's `unaccent`, so that the same letters are the same in
 * every store, and whatever dictionary a server has.
 */
export const writtenOf = (resource: Resource): readonly unknown[] => {
  const { status, kind, type } = keysOf(resource);
  return [...stateOf(resource), searchText(resource), status, kind, type, isGone(resource), guestsOf(resource)];
};
