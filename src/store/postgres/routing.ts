import type { Resource, ResourceKey } from '../../core/resource.ts';
import type { Routing, RoutingStore, StoredWebhook } from '../ports.ts';
import type { Announce } from './announce.ts';
import type { Database, Sql } from './database.ts';
import { plan } from './planning.ts';
import { columnsOf, findResource, WRITTEN } from './resources.ts';

/** Names the lock of whoever takes webhooks to route: one at a time, so that all see what the others have taken. */
const TAKING = 7_730_002;

const MINE = `SELECT w.seq, w.id, w.type, w.received_at AS "receivedAt", w.body
  FROM unrouted u JOIN webhook w ON w.seq = u.webhook WHERE u.worker = $1 ORDER BY u.webhook LIMIT $2`;
const OTHERS = 'SELECT FROM unrouted WHERE worker IS DISTINCT FROM $1 LIMIT 1';

/** What another process has taken of a resource comes before whatever else waits of it. */
const TAKE = `WITH elsewhere AS MATERIALIZED (
    SELECT DISTINCT resource FROM unrouted WHERE worker IS NOT NULL AND worker <> $1 AND resource IS NOT NULL)
  UPDATE unrouted SET worker = $1 WHERE webhook IN (
    SELECT u.webhook FROM unrouted u WHERE u.worker IS NULL
      AND (u.resource IS NULL OR u.resource NOT IN (SELECT resource FROM elsewhere))
    ORDER BY u.webhook LIMIT $2)`;

const UNQUEUE = 'DELETE FROM unrouted WHERE webhook = $1 RETURNING webhook';

// The state is written where it is still the one that was decided on; two that decide at once meet at the row or, of a new
// resource, at its index, and the second finds nothing to write.
const RESOURCE_VALUES = WRITTEN.map((_, index) => `$${index + 1}`).join(', ');
const ADD = `INSERT INTO resource (${WRITTEN.join(', ')}) VALUES (${RESOURCE_VALUES})
  ON CONFLICT (digest_of(id), digest_of(kind)) DO NOTHING RETURNING seq`;
const CHANGE = `UPDATE resource SET ${WRITTEN.slice(2)
  .map((column, index) => `${column} = $${index + 3}`)
  .join(', ')}
  WHERE digest_of(id) = digest_of($1) AND digest_of(kind) = digest_of($2) AND version = $${WRITTEN.length + 1} RETURNING seq`;

const DECIDE = `INSERT INTO routing (webhook, resource, created_at, decided_at, moved_from, changed_from, decisions, oddities)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

/** Ends a transaction whose decision was made on something that is no longer so. */
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

  const save = async (sql: Sql, entry: Routing): Promise<void> => {
    const unqueued = await sql.query(UNQUEUE, [entry.seq]);
    if (unqueued.length === 0) throw new Conflict();
    const resource = await saveState(sql, entry);
    await sql.query(DECIDE, [
      entry.seq,
      resource,
      entry.createdAt,
      entry.decidedAt,
      entry.movedFrom,
      entry.changedFrom ? JSON.stringify(entry.changedFrom) : null,
      JSON.stringify(entry.decisions),
      JSON.stringify(entry.oddities),
    ]);
    const dueAt = entry.dueAt ?? entry.decidedAt;
    const work = await plan(sql, entry.deliveries, { webhook: entry.seq, dueAt, rerun: null });
    if (work.length > 0) await announce.within(sql, work);
  };

  return {
    async unrouted(limit: number): Promise<StoredWebhook[]> {
      const number = worker();
      const mine = await database.query<StoredWebhook>(MINE, [number, limit]);
      if (mine.length >= limit) return mine;
      const others = await database.query(OTHERS, [number]);
      if (others.length === 0) return mine;
      await take(number, limit - mine.length);
      return database.query<StoredWebhook>(MINE, [number, limit]);
    },

    async getResource(key: ResourceKey): Promise<Resource | undefined> {
      return (await findResource(database, key))?.resource;
    },

    async saveRouting(entry: Routing): Promise<'saved' | 'conflict'> {
      try {
        await database.transaction((sql) => save(sql, entry));
        return 'saved';
      } catch (error) {
        if (error instanceof Conflict) return 'conflict';
        throw error;
      }
    },
  };
};

/** Writes the resource's state and returns its row; null where the webhook names no resource. */
const saveState = async (sql: Sql, { key, resource, expectedVersion }: Routing): Promise<number | null> => {
  if (!key || !resource) return null;
  const [written] =
    expectedVersion === undefined
      ? await sql.query<{ seq: number }>(ADD, columnsOf(resource))
      : await sql.query<{ seq: number }>(CHANGE, [...columnsOf(resource), expectedVersion]);
  if (!written) throw new Conflict();
  return written.seq;
};
