import type { OpenDeliveries, StoreStatus } from '../ports.ts';
import type { Sql } from './database.ts';

type Counts = {
  readonly webhooks: number;
  readonly unrouted: number;
  readonly oldestUnrouted: number | null;
  readonly oldestPending: number | null;
  readonly deliveries: number;
  readonly pending: number;
  readonly running: number;
  readonly dead: number;
  readonly superseded: number;
};

/** A table's row count: the tally, and the changes that have not been added to it yet, see the schema. */
const rowsOf = (table: 'webhook' | 'delivery'): string =>
  `(SELECT coalesce(sum(rows), 0) FROM (
     SELECT rows FROM tally WHERE name = '${table}' UNION ALL SELECT rows FROM tally_change WHERE name = '${table}') t)`;

/** Pending deliveries have an index for each of these. */
const PARTS = ['parent IS NULL', 'parent IS NOT NULL'] as const;

/** One snapshot. Done deliveries are not counted, as there may be millions: they are what remains of the total. */
const COUNTS = `SELECT ${rowsOf('webhook')} AS webhooks,
    (SELECT count(*) FROM unrouted) AS unrouted,
    (SELECT received_at FROM webhook WHERE seq = (SELECT min(webhook) FROM unrouted)) AS "oldestUnrouted",
    least(${PARTS.map((part) => `(SELECT min(due_at) FROM delivery WHERE status = 'pending' AND ${part})`)}) AS "oldestPending",
    ${rowsOf('delivery')} AS deliveries,
    ${PARTS.map((part) => `(SELECT count(*) FROM delivery WHERE status = 'pending' AND ${part})`).join(' + ')} AS pending,
    (SELECT count(*) FROM delivery WHERE status = 'running') AS running,
    (SELECT count(*) FROM delivery WHERE status = 'dead') AS dead,
    (SELECT count(*) FROM delivery WHERE status = 'superseded') AS superseded`;

const OPEN = `SELECT kind, 'pending' AS status, sum(count) AS count FROM (
    ${PARTS.map((part) => `SELECT kind, count(*) AS count FROM delivery WHERE status = 'pending' AND ${part} GROUP BY kind`).join(' UNION ALL ')}) p
    GROUP BY kind
  UNION ALL SELECT kind, 'running', count(*) FROM delivery WHERE status = 'running' GROUP BY kind`;

const NONE: Counts = {
  webhooks: 0,
  unrouted: 0,
  oldestUnrouted: null,
  oldestPending: null,
  deliveries: 0,
  pending: 0,
  running: 0,
  dead: 0,
  superseded: 0,
};

/** QueryStore.status(). */
export const status = (sql: Pick<Sql, 'query'>) => async (): Promise<StoreStatus> => {
  const [counts = NONE] = await sql.query<Counts>(COUNTS);
  const { webhooks, unrouted, oldestUnrouted, oldestPending, deliveries, ...states } = counts;
  const oldest = [oldestUnrouted, oldestPending].filter((time) => time !== null);
  return {
    webhooks,
    unrouted,
    deliveries: { ...states, done: deliveries - states.pending - states.running - states.dead - states.superseded },
    open: await sql.query<OpenDeliveries>(OPEN),
    oldestWaiting: oldest.length > 0 ? Math.min(...oldest) : null,
    rejections: await sql.query<StoreStatus['rejections'][number]>(
      'SELECT reason, count, last_at AS "lastAt" FROM rejection_count ORDER BY count DESC',
    ),
    lastRejections: await sql.query<StoreStatus['lastRejections'][number]>(
      'SELECT at, reason, remote, bytes, user_agent AS "userAgent" FROM rejection ORDER BY seq DESC',
    ),
    pauses: await sql.query<StoreStatus['pauses'][number]>(
      'SELECT kind, since, until, code, message FROM pause ORDER BY kind',
    ),
  };
};
