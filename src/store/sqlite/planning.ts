import type { PlannedDelivery } from '../../core/delivery.ts';
import type { Database } from './database.ts';

export type Plan = {
  readonly webhook: number;
  readonly dueAt: number;
  readonly rerun: number | null;
  /** The delivery that came to this one. */
  readonly parent?: number;
};

/**
 * To be said beside the one status that is asked for: the index of the few that are not done is used only where its own
 * condition stands in the question word for word (sqlite.org/partialindex.html §3.1).
 */
export const TROUBLED = `status IN ('running', 'dead', 'superseded')`;

/** Of a key, only the first by version may go, and none while another is running: that is what keeps the order. Of a delivery `d`. */
export const MAY_GO = `NOT EXISTS (
  SELECT 1 FROM delivery o WHERE o.key = d.key AND o.seq <> d.seq
    AND (o.status = 'running' OR (o.status = 'pending' AND (o.version, o.seq) < (d.version, d.seq))))`;

/** Writes planned deliveries: those of a webhook's routing, and those of a rerun, which name the act they come of. */
export const planning = (database: Database) => {
  const insert = database.prepare(
    `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, hold, action, due_at, rerun,
       parent)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
  );
  return {
    /** Whether it was written: false where a delivery of that id is planned already. */
    plan(delivery: PlannedDelivery, { webhook, dueAt, rerun, parent }: Plan): boolean {
      // Whoever asks for a rerun wants it now; and what is told even when late has nothing to wait for.
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
