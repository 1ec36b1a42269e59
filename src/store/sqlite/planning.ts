import type { PlannedDelivery } from '../../core/delivery.ts';
import type { Database } from './database.ts';

export type Plan = {
  readonly webhook: number;
  readonly dueAt: number;
  readonly rerun: number | null;
  /** The delivery that planned this one; undefined for those planned by routing or a rerun. */
  readonly parent?: number;
};

/**
 * Goes beside the condition on a single status: SQLite uses the partial index `delivery_troubled` only where the index's own
 * condition appears in the query word for word (sqlite.org/partialindex.html §3.1).
 */
export const TROUBLED = `status IN ('running', 'dead', 'superseded')`;

/**
 * Whether delivery `d` may be claimed: only the first of its key by version, and only while no other of the key is running.
 * This is what keeps deliveries in order.
 */
export const MAY_GO = `NOT EXISTS (
  SELECT 1 FROM delivery o WHERE o.key = d.key AND o.seq <> d.seq
    AND (o.status = 'running' OR (o.status = 'pending' AND (o.version, o.seq) < (d.version, d.seq))))`;

/** Writes planned deliveries: a webhook's own, those of a rerun, which name its act, and child deliveries. */
export const planning = (database: Database) => {
  const insert = database.prepare(
    `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, hold, action, due_at, rerun,
       parent)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  return {
    /** Returns false, and writes nothing, where a delivery with that id exists: planning is idempotent. */
    plan(delivery: PlannedDelivery, { webhook, dueAt, rerun, parent }: Plan): boolean {
      // Whoever asks for a rerun wants it now; and a delivery that goes out even when late can't be superseded anyway.
      const hold = rerun === null && delivery.late === 'skip' ? Math.max(0, delivery.hold ?? 0) : 0;
      const { changes } = insert.run(
        delivery.id,
        webhook,
        delivery.rule,
        delivery.kind,
        delivery.destination,
        delivery.key,
        delivery.version,
        delivery.late,
        hold,
        JSON.stringify(delivery.action),
        dueAt + hold,
        rerun,
        parent ?? null,
      );
      return changes > 0;
    },
  };
};
