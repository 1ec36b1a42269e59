import type { Resource, ResourceKey } from '../../core/resource.ts';
import { RESOURCE_COLUMNS, type ResourceRow, STATE_COLUMNS, stateOf, toResource } from '../resource-row.ts';
import { searchText } from '../search-text.ts';
import type { Database } from './database.ts';
import { facetsOf } from './facets.ts';

/** A resource's entry in the search index: its text, then its facets. */
const entryOf = (resource: Resource): readonly string[] => [searchText(resource), ...facetsOf(resource)];

const indexing = (database: Database) => {
  const insert = database.prepare(
    'INSERT INTO resource_search (rowid, text, status, schedule, kind, type, year, month, day) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return { index: (seq: number, entry: readonly string[]): void => void insert.run(seq, ...entry) };
};

/** Resources held in memory at once while the index is rebuilt. */
const AT_ONCE = 1_000;

/** Rebuilds the search index where it is empty, as after a migration that changed its columns. */
export const fillIndex = (database: Database): void => {
  const indexed = database.prepare<{ seq: number }>('SELECT rowid AS seq FROM resource_search LIMIT 1');
  if (indexed.get()) return;
  const next = database.prepare<ResourceRow & { seq: number }>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.seq > ? ORDER BY r.seq LIMIT ${AT_ONCE}`,
  );
  const { index } = indexing(database);
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)?.seq ?? 0)) {
    for (const row of rows) index(row.seq, entryOf(toResource(row)));
  }
};

/** Reads and writes resources, and keeps the search index in step. */
export const resources = (database: Database) => {
  const find = database.prepare<ResourceRow & { seq: number }>(
    `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.id = ? AND r.kind = ?`,
  );
  const upsert = database.prepare<{ seq: number }>(
    `INSERT INTO resource (${STATE_COLUMNS.join(', ')}) VALUES (${STATE_COLUMNS.map(() => '?').join(', ')})
     ON CONFLICT (id, kind) DO UPDATE SET ${STATE_COLUMNS.slice(2)
       .map((column) => `${column} = excluded.${column}`)
       .join(', ')}
     RETURNING seq`,
  );
  const unindex = database.prepare('DELETE FROM resource_search WHERE rowid = ?');
  const { index } = indexing(database);

  const row = (key: ResourceKey) => find.get(key.id, key.kind);
  return {
    find: row,

    get(key: ResourceKey): Resource | undefined {
      const found = row(key);
      if (!found) return undefined;
      const { seq: _, ...rest } = found;
      return toResource(rest);
    },

    /** Writes the state and returns its row number. `before` is what find() gave: an unchanged index entry is left alone. */
    save(resource: Resource, before: ResourceRow | undefined): number {
      const written = upsert.get(...stateOf(resource));
      const seq = written?.seq ?? 0;
      const entry = entryOf(resource);
      const known = before && entryOf(toResource(before));
      if (!known) index(seq, entry);
      else if (entry.some((value, column) => value !== known[column])) {
        unindex.run(seq);
        index(seq, entry);
      }
      return seq;
    },
  };
};
