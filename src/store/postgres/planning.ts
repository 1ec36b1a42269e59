import type { PlannedDelivery } from '../../core/delivery.ts';
import type { Work } from '../process-ports.ts';
import type { Sql } from './database.ts';

/**
 * Whether delivery `d` may run: of each key, only the pending one with the lowest version may, and none while another is running.
 * This is what keeps the order.
 */
export const MAY_GO = `NOT EXISTS (
  SELECT FROM delivery o WHERE digest_of(o.key) = digest_of(d.key) AND o.seq <> d.seq
    AND (o.status = 'running' OR (o.status = 'pending' AND (o.version, o.seq) < (d.version, d.seq))))`;

export type Plan = {
  readonly webhook: number;
  readonly dueAt: number;
  readonly rerun: number | null;
  /** The row number of the parent delivery. */
  readonly parent?: number;
};

/** New work, to be announced: see announce.ts. */
export type MadeWork = { readonly work: Work; readonly at: number };

/** Inserts deliveries, those with known ids excepted. Its parameters, see planned(), begin with `$${from}`. */
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

// A rerun is wanted now, and a delivery that is performed even when late has nothing to wait for.
const holdOf = ({ late, hold = 0 }: PlannedDelivery, rerun: number | null): number =>
  rerun === null && late === 'skip' ? Math.max(0, hold) : 0;

/** When the first of these deliveries is due, for each kind of work. */
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

/** Inserts deliveries of a rerun, or the children of a delivery, those with known ids excepted. Returns the new work. */
export const plan = async (
  sql: Sql,
  deliveries: readonly PlannedDelivery[],
  by: Plan,
): Promise<readonly MadeWork[]> => {
  if (deliveries.length === 0) return [];
  await sql.query(PLAN, planned(deliveries, by));
  return workOf(deliveries, by);
};
