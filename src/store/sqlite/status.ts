import type { OpenDeliveries, StoreStatus } from '../ports.ts';
import type { Database } from './database.ts';
import { TROUBLED } from './planning.ts';

type Counts = { total: number; dead: number; superseded: number };

/** The status() of the QueryStore port. */
export const status = (database: Database) => {
  // Rows are numbered without gaps and forgotten ones are counted, so the highest number gives their count without a scan.
  const webhooks = database.prepare<{ count: number }>(
    `SELECT coalesce(max(seq), 0) - (SELECT rows FROM forgotten WHERE name = 'webhook') AS count FROM webhook`,
  );
  const waiting = database.prepare<{ count: number; oldest: number | null }>(
    `SELECT (SELECT count(*) FROM unrouted) AS count,
       (SELECT received_at FROM webhook WHERE seq = (SELECT min(webhook) FROM unrouted)) AS oldest`,
  );
  const counts = database.prepare<Counts>(
    `SELECT (SELECT coalesce(max(seq), 0) FROM delivery) - (SELECT rows FROM forgotten WHERE name = 'delivery') AS total,
       (SELECT count(*) FROM delivery WHERE ${TROUBLED} AND status = 'dead') AS dead,
       (SELECT count(*) FROM delivery WHERE ${TROUBLED} AND status = 'superseded') AS superseded`,
  );
  const open = database.prepare<OpenDeliveries>(
    `SELECT kind, 'pending' AS status, count(*) AS count FROM delivery WHERE status = 'pending' GROUP BY kind
     UNION ALL
     SELECT kind, 'running', count(*) FROM delivery WHERE ${TROUBLED} AND status = 'running' GROUP BY kind`,
  );
  const oldestPending = database.prepare<{ oldest: number | null }>(
    `SELECT min(due_at) AS oldest FROM delivery WHERE status = 'pending'`,
  );
  const rejections = database.prepare<StoreStatus['rejections'][number]>(
    'SELECT reason, count, last_at AS lastAt FROM rejection_count ORDER BY count DESC',
  );
  const lastRejections = database.prepare<StoreStatus['lastRejections'][number]>(
    'SELECT at, reason, remote, bytes, user_agent AS userAgent FROM rejection ORDER BY seq DESC',
  );
  const pauses = database.prepare<StoreStatus['pauses'][number]>('SELECT kind, since, until, code, message FROM pause');

  return (): StoreStatus => {
    const { total, dead, superseded } = counts.get() ?? { total: 0, dead: 0, superseded: 0 };
    const opened = open.all();
    const pending = sumOf(opened, 'pending');
    const running = sumOf(opened, 'running');
    const unrouted = waiting.get();
    const oldest = [unrouted?.oldest, oldestPending.get()?.oldest].filter((time) => typeof time === 'number');
    return {
      webhooks: webhooks.get()?.count ?? 0,
      unrouted: unrouted?.count ?? 0,
      deliveries: { pending, running, dead, superseded, done: total - pending - running - dead - superseded },
      open: opened,
      oldestWaiting: oldest.length > 0 ? Math.min(...oldest) : null,
      rejections: rejections.all(),
      lastRejections: lastRejections.all(),
      pauses: pauses.all(),
    };
  };
};

const sumOf = (open: readonly OpenDeliveries[], status: OpenDeliveries['status']): number =>
  open.reduce((sum, each) => sum + (each.status === status ? each.count : 0), 0);
