import type { ActionKind } from '../../core/rule.ts';
import type { DeliveryStore, DueDelivery } from '../ports.ts';
import type { Database } from './database.ts';
import { MAY_GO } from './planning.ts';

// A child delivery is about an event, not about its recipient's registration, so it supersedes only other children.
const newer = (status: 'done' | 'pending', later: string): string => `(
  SELECT n.webhook FROM delivery n WHERE digest_of(n.key) = digest_of(d.key) AND n.status = '${status}' AND ${later}
    AND (n.parent IS NULL OR d.parent IS NOT NULL) ORDER BY n.version DESC, n.webhook DESC LIMIT 1)`;

/**
 * The webhook that supersedes delivery `d`, or null. Of equal versions the webhook that arrived later is newer; deliveries of one
 * webhook never supersede each other.
 */
const SUPERSEDED_BY = `CASE WHEN d.late = 'skip' THEN coalesce(
  ${newer('done', 'n.version > d.version')},
  CASE WHEN d.hold > 0 THEN ${newer('pending', '(n.version, n.webhook) > (d.version, d.webhook)')} END) END`;

/** Child deliveries come after all others. Each part has an index of its own. */
const PARTS = ['d.parent IS NULL', 'd.parent IS NOT NULL'] as const;

const CANDIDATES = PARTS.map(
  (part) => `SELECT d.seq, d.id, d.destination, ${SUPERSEDED_BY} AS newer FROM delivery d
    WHERE d.status = 'pending' AND ${part} AND d.kind = $1 AND d.due_at <= $2 AND ${MAY_GO}
    ORDER BY d.due_at, d.seq LIMIT $3`,
);
const NEXT = PARTS.map(
  (part) => `SELECT d.due_at AS "dueAt" FROM delivery d
    WHERE d.status = 'pending' AND ${part} AND d.kind = $1 AND ${MAY_GO} ORDER BY d.due_at, d.seq LIMIT 1`,
);
const SUPERSEDE = `UPDATE delivery SET status = 'superseded', superseded_by = g.newer
  FROM unnest($1::bigint[], $2::bigint[]) AS g (seq, newer) WHERE delivery.seq = g.seq AND status = 'pending'`;
const POSTPONE = `UPDATE delivery SET due_at = g.until FROM unnest($1::text[], $2::bigint[]) AS g (id, until)
  WHERE digest_of(delivery.id) = digest_of(g.id) AND status = 'pending'`;

type Candidate = DueDelivery & { readonly seq: number; readonly newer: number | null };

/** The part of the DeliveryStore port that selects what is due. */
export const due = (database: Database): Pick<DeliveryStore, 'due' | 'postpone' | 'nextDue'> => {
  const candidatesOf = async (kind: ActionKind, now: number, limit: number): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    for (const candidates of CANDIDATES) {
      const left = limit - found.length;
      if (left > 0) found.push(...(await database.query<Candidate>(candidates, [kind, now, left])));
    }
    return found;
  };

  return {
    async due(kind, now, limit) {
      for (;;) {
        const found = await candidatesOf(kind, now, limit);
        const late = found.filter((one) => one.newer !== null);
        if (late.length > 0) {
          await database.query(SUPERSEDE, [late.map(({ seq }) => seq), late.map(({ newer }) => newer)]);
        }
        if (late.length < found.length || found.length === 0) {
          return found.filter((one) => one.newer === null).map(({ id, destination }) => ({ id, destination }));
        }
      }
    },

    async postpone(later) {
      if (later.length === 0) return;
      await database.query(POSTPONE, [later.map(({ id }) => id), later.map(({ until }) => until)]);
    },

    async nextDue(kind) {
      const found = await Promise.all(NEXT.map((next) => database.query<{ dueAt: number }>(next, [kind])));
      const times = found.flat().map(({ dueAt }) => dueAt);
      return times.length > 0 ? Math.min(...times) : undefined;
    },
  };
};
