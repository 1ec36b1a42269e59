import type { Resource, ResourceKey } from '../../core/resource.ts';
import type { Routing, StoredWebhook } from '../ports.ts';
import type { Database } from './database.ts';
import { planning } from './planning.ts';
import { resources } from './resources.ts';

/** The RoutingStore port, as plain calls inside the writer's transaction. */
export const routing = (database: Database) => {
  const known = resources(database);
  const waiting = database.prepare<StoredWebhook>(
    `SELECT w.seq, w.id, w.type, w.received_at AS receivedAt, w.body
     FROM unrouted u CROSS JOIN webhook w ON w.seq = u.webhook ORDER BY u.webhook LIMIT ?`,
  );
  const unqueue = database.prepare('DELETE FROM unrouted WHERE webhook = ?');
  const requeue = database.prepare('INSERT INTO unrouted (webhook) VALUES (?)');
  const index = database.prepare(
    'INSERT INTO webhook_id (id, webhook) SELECT id, seq FROM webhook WHERE seq = ? ON CONFLICT (id) DO NOTHING',
  );
  const decide = database.prepare(
    `INSERT INTO routing (webhook, resource, created_at, decided_at, moved_from, changed_from, decisions, oddities)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const { plan } = planning(database);
  return {
    unrouted: (limit: number): StoredWebhook[] => waiting.all(limit),

    getResource: (key: ResourceKey): Resource | undefined => known.get(key),

    saveRouting(entry: Routing): 'saved' | 'conflict' {
      if (unqueue.run(entry.seq).changes === 0) return 'conflict';
      const before = entry.key && known.find(entry.key);
      if (before?.version !== entry.expectedVersion) {
        requeue.run(entry.seq);
        return 'conflict';
      }
      index.run(entry.seq);
      const resource = entry.resource ? known.save(entry.resource, before) : null;
      decide.run(
        entry.seq,
        resource,
        entry.createdAt,
        entry.decidedAt,
        entry.movedFrom,
        entry.changedFrom ? JSON.stringify(entry.changedFrom) : null,
        JSON.stringify(entry.decisions),
        JSON.stringify(entry.oddities),
      );
      for (const delivery of entry.deliveries) {
        plan(delivery, { webhook: entry.seq, dueAt: entry.dueAt ?? entry.decidedAt, rerun: null });
      }
      return 'saved';
    },
  };
};
