import type { PlannedDelivery } from '../../core/delivery.ts';
import type { Work } from '../process-ports.ts';
import type { Sql } from './database.ts';

export type Plan = {
  readonly webhook: number;
  readonly dueAt: number;
  readonly rerun: number | null;
  /** The delivery that came to this one. */
  readonly parent?: number;
};

/** Work that was made, for those who do it: see announce.ts. */
export type MadeWork = { readonly work: Work; readonly at: number };

const PLAN = `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, hold, action, registration,
    due_at, rerun, parent)
  SELECT p.id, $1, p.rule, p.kind, p.destination, p.key, p.version, p.late, p.hold, p.action, p.registration, $2 + p.hold,
    $3, $4
  FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::bigint[],
    $13::text[], $14::text[]) WITH ORDINALITY
    AS p (id, rule, kind, destination, key, version, late, hold, action, registration, place)
  ORDER BY p.place
  ON CONFLICT (digest_of(id)) DO NOTHING`;

/**
 * Writes planned deliveries, those of known ids aside: those of a webhook's routing, and those of a rerun, which name the
 * act they come of. Returns from when on there is work of each kind.
 */
export const plan = async (
  sql: Sql,
  deliveries: readonly PlannedDelivery[],
  { webhook, dueAt, rerun, parent }: Plan,
): Promise<readonly MadeWork[]> => {
  if (deliveries.length === 0) return [];
  // Whoever asks for a rerun wants it now; and what is told even when late has nothing to wait for.
  const holdOf = ({ late, hold = 0 }: PlannedDelivery): number =>
    rerun === null && late === 'skip' ? Math.max(0, hold) : 0;
  await sql.query(PLAN, [
    webhook,
    dueAt,
    rerun,
    parent ?? null,
    deliveries.map(({ id }) => id),
    deliveries.map(({ rule }) => rule),
    deliveries.map(({ kind }) => kind),
    deliveries.map(({ destination }) => destination),
    deliveries.map(({ key }) => key),
    deliveries.map(({ version }) => version),
    deliveries.map(({ late }) => late),
    deliveries.map(holdOf),
    deliveries.map(({ action }) => JSON.stringify(action)),
    deliveries.map(({ action }) => (action.kind === 'email' ? (action.email.registration?.id ?? null) : null)),
  ]);
  const first = new Map<Work, number>();
  for (const delivery of deliveries) {
    const at = dueAt + holdOf(delivery);
    first.set(delivery.kind, Math.min(at, first.get(delivery.kind) ?? at));
  }
  return [...first].map(([work, at]) => ({ work, at }));
};
