import type { Resource, ResourceKey } from '../../core/resource.ts';
import type { Routing, RoutingStore, StoredWebhook } from '../ports.ts';
import type { Announce } from './announce.ts';
import type { Database, Sql } from './database.ts';
import { isBroken } from './failure.ts';
import { inGroups } from './grouping.ts';
import { type MadeWork, planned, planStatement, workOf } from './planning.ts';
import { findResource, WRITTEN, writtenOf } from './resources.ts';

/** The advisory lock for claiming webhooks: one process at a time, so that each sees what the others have claimed. */
const TAKING = 7_730_002;

/** Routings that are saved at about the same time share a commit and a job. */
const MOST_UNDER_WAY = 4;
const MOST_IN_A_GROUP = 16;

const MINE = `SELECT w.seq, w.id, w.type, w.received_at AS "receivedAt", w.body
  FROM unrouted u JOIN webhook w ON w.seq = u.webhook WHERE u.worker = $1 ORDER BY u.webhook LIMIT $2`;
const FREE = 'SELECT FROM unrouted WHERE worker IS NULL LIMIT 1';

/** Leaves out resources of which another process has claimed a webhook: that one has to be routed first. */
const TAKE = `WITH elsewhere AS MATERIALIZED (
    SELECT DISTINCT resource FROM unrouted WHERE worker IS NOT NULL AND worker <> $1 AND resource IS NOT NULL)
  UPDATE unrouted SET worker = $1 WHERE webhook IN (
    SELECT u.webhook FROM unrouted u WHERE u.worker IS NULL
      AND (u.resource IS NULL OR u.resource NOT IN (SELECT resource FROM elsewhere))
    ORDER BY u.webhook LIMIT $2)`;

const RESOURCE_VALUES = WRITTEN.map((_, index) => `$${index + 1}`).join(', ');
const EXPECTED = WRITTEN.length + 1;

// Optimistic locking: the state is written only if it still has the version that the decision was based on. Concurrent writers
// meet at the row or, for a new resource, at its unique index, and the second writes nothing.
const STATES = {
  none: 'SELECT NULL::bigint AS seq',
  added: `INSERT INTO resource (${WRITTEN.join(', ')}) VALUES (${RESOURCE_VALUES})
    ON CONFLICT (digest_of(id), digest_of(kind)) DO NOTHING RETURNING seq`,
  changed: `UPDATE resource SET ${WRITTEN.slice(2)
    .map((column, index) => `${column} = $${index + 3}`)
    .join(', ')}
    WHERE digest_of(id) = digest_of($1) AND digest_of(kind) = digest_of($2) AND version = $${EXPECTED} RETURNING seq`,
} as const;

/** A whole routing as one statement. If it returns no row there was a conflict, and it has to be rolled back. */
const save = (state: keyof typeof STATES): string => {
  const from = { none: 1, added: EXPECTED, changed: EXPECTED + 1 }[state];
  const at = (offset: number): string => `$${from + offset}`;
  return `WITH unqueued AS (DELETE FROM unrouted WHERE webhook = ${at(0)} RETURNING webhook),
    state AS (${STATES[state]}),
    decided AS (
      INSERT INTO routing (webhook, resource, created_at, decided_at, moved_from, changed_from, decisions, oddities)
      SELECT webhook, state.seq, ${[1, 2, 3, 4, 5, 6].map(at).join(', ')} FROM unqueued, state RETURNING webhook),
    planned AS (${planStatement(from + 7)})
    SELECT webhook FROM decided`;
};
const SAVE = { none: save('none'), added: save('added'), changed: save('changed') } as const;

/** Thrown to roll back a routing that was decided on an outdated state. */
class Conflict extends Error {}

export type RoutingDeps = {
  readonly database: Database;
  readonly announce: Pick<Announce, 'within'>;
  /** The number of this process, see workers.ts. */
  readonly worker: () => number;
};

/** The RoutingStore port. */
export const routing = ({ database, announce, worker }: RoutingDeps): RoutingStore => {
  const take = (number: number, limit: number): Promise<void> =>
    database.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock($1)', [TAKING]);
      await sql.query(TAKE, [number, limit]);
    });

  /** Returns the new work. */
  const saveOn = async (sql: Sql, entry: Routing): Promise<readonly MadeWork[]> => {
    const by = { webhook: entry.seq, dueAt: entry.dueAt ?? entry.decidedAt, rerun: null };
    const state = stateOf(entry);
    const decided = await sql.query(SAVE[state.write], [
      ...state.values,
      entry.seq,
      entry.createdAt,
      entry.decidedAt,
      entry.movedFrom,
      entry.changedFrom ? JSON.stringify(entry.changedFrom) : null,
      JSON.stringify(entry.decisions),
      JSON.stringify(entry.oddities),
      ...planned(entry.deliveries, by),
    ]);
    if (decided.length === 0) throw new Conflict();
    return workOf(entry.deliveries, by);
  };

  const save = inGroups<Routing, void>({
    underWay: MOST_UNDER_WAY,
    most: MOST_IN_A_GROUP,
    run: (entries) =>
      database.transaction(async (sql) => {
        const work: MadeWork[] = [];
        for (const entry of entries) work.push(...(await saveOn(sql, entry)));
        if (work.length > 0) await announce.within(sql, work);
        return entries.map(() => undefined);
      }),
    // A routing that fails must not fail the others of its group. After a broken connection nothing is known of any.
    ofOne: (error) => !isBroken(error),
  });

  return {
    async unrouted(limit: number): Promise<StoredWebhook[]> {
      const number = worker();
      const mine = await database.query<StoredWebhook>(MINE, [number, limit]);
      if (mine.length >= limit) return mine;
      const free = await database.query(FREE);
      if (free.length === 0) return mine;
      await take(number, limit - mine.length);
      return database.query<StoredWebhook>(MINE, [number, limit]);
    },

    async getResource(key: ResourceKey): Promise<Resource | undefined> {
      return (await findResource(database, key))?.resource;
    },

    async saveRouting(entry: Routing): Promise<'saved' | 'conflict'> {
      try {
        await save(entry);
        return 'saved';
      } catch (error) {
        if (error instanceof Conflict) return 'conflict';
        throw error;
      }
    },
  };
};

const stateOf = ({
  key,
  resource,
  expectedVersion,
}: Routing): { readonly write: keyof typeof SAVE; readonly values: readonly unknown[] } => {
  if (!key || !resource) return { write: 'none', values: [] };
  if (expectedVersion === undefined) return { write: 'added', values: writtenOf(resource) };
  return { write: 'changed', values: [...writtenOf(resource), expectedVersion] };
};
