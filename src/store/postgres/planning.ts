import type { PlannedDelivery } from '../../core/delivery.ts';
import type { Work } from '../process-ports.ts';
import type { Sql } from './database.ts';

/** Of a key, only the first by version may go, and none while another is running: that is what keeps the order. Of a delivery `d`. */
export const MAY_GO = `NOT EXISTS (
  SELECT FROM delivery o WHERE digest_of(o.key) = digest_of(d.key) AND o.seq <> d.seq
    AND (o.status = 'running' OR (o.status = 'pending' AND (o.version, o.seq) < (d.version, d.seq))))`;

export type Plan = {
  readonly webhook: number;
  readonly dueAt: number;
  readonly rerun: number | null;
  /** The delivery that came to this one. */
  readonly parent?: number;
};

/** Work that was made, for those who do it: see announce.ts. */
export type MadeWork = { readonly work: Work; readonly at: number };

/** Writes what planned() lists; its parameters begin with `$${from}`. */
export const planStatement = (from = 1): string => {
  const at = (offset: number): string => `$${from + offset}`;
  return `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, hold, action, registration, due_at,
      rerun, parent)
    SELECT p.id, ${at(0)}, p.rule, p.kind, p.destination, p.key, p.version, p.late, p.hold, p.action, p.registration,
      ${at(1)} + p.hold, ${at(2)}, ${at(3)}
    FROM unnest(${at(4)}::text[], ${at(5)}::text[], ${at(6)}::text[], ${at(7)}::text[], ${at(8)}::text[],
      ${at(9)}::bigint[], ${at(10)}::text[], ${at(11)}::bigint[], ${at(12)}::text[], ${at(13)}::text[]) WITH ORDINALITY
      AS p (id, rule, kind, destination, key, version, late, hold, action, registration, place)
    ORDER BY p.place
    ON CONFLICT (digest_of(id)) DO NOTHING`;
};

const PLAN = planStatement();

/** The parameters of planStatement(). */
export const planned = (
  deliveries: readonly PlannedDelivery[],
  { webhook, dueAt, rerun, parent }: Plan,
): readonly unknown[] => [
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
  deliveries.map((delivery) => holdOf(delivery, rerun)),
  deliveries.map(({ action }) => JSON.stringify(action)),
  deliveries.map(({ action }) => (action.kind === 'email' ? (action.email.registration?.id ?? null) : null)),
];

// Whoever asks for a rerun wants it now; and what is told even when late has nothing to wait for.
const holdOf = ({ late, hold = 0 }: PlannedDelivery, rerun: number | null): number =>
  rerun === null && late === 'skip' ? Math.max(0, hold) : 0;

/** From when on there is work of each kind. */
export const workOf = (
  deliveries: readonly PlannedDelivery[],
  { dueAt, rerun }: Pick<Plan, 'dueAt' | 'rerun'>,
): readonly MadeWork[] => {
  const first = new Map<Work, number>();
  for (const delivery of deliveries) {
    const at = dueAt + holdOf(delivery, rerun);
    first.set(delivery.kind, Math.min(at, first.get(delivery.kind) ?? at));
  }
  return [...first].map(([work, at]) => ({ work, at }));
};

/**
 * Writes planned deliveries, those of known ids aside: those of a webhook's routing, and those of a rerun, which name the
 * act they come of. Returns the work that makes.
 */
export const plan = async (
  sql: Sql,
  deliveries: readonly PlannedDelivery[],
  by: Plan,
): Promise<readonly MadeWork[]> => {
  if (deliveries.length === 0) return [];
  await sql.query(PLAN, planned(deliveries, by));
  return workOf(deliveries, by);
};
