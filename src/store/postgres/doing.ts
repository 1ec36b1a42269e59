import type { Act, Actor } from '../../core/actor.ts';
import type { ActionKind } from '../../core/rule.ts';
import type { Rerun } from '../ports.ts';
import { keepAct } from './acts.ts';
import type { Announce } from './announce.ts';
import type { Database, Sql } from './database.ts';
import { plan } from './planning.ts';

type Retried = {
  readonly seq: number;
  readonly id: string;
  readonly kind: ActionKind;
  readonly destination: string;
};

// What only a pause holds back is due already, and keeps its place in the queue. A delivery that is being claimed has its row
// locked: then this waits for the claim, and checks the status again.
const AGAIN = `UPDATE delivery d
  SET status = 'pending', due_at = CASE d.status WHEN 'dead' THEN $2 ELSE least(d.due_at, $2) END, tries = 0
  WHERE d.seq = ANY (ARRAY(
      SELECT seq FROM delivery WHERE digest_of(id) = digest_of($1)
      UNION SELECT c.seq FROM delivery p JOIN delivery c ON c.parent = p.seq WHERE digest_of(p.id) = digest_of($1)
      UNION SELECT o.seq FROM webhook w JOIN delivery o ON o.webhook = w.seq WHERE digest_of(w.id) = digest_of($1)
      UNION SELECT o.seq FROM resource r JOIN routing g ON g.resource = r.seq JOIN delivery o ON o.webhook = g.webhook
        WHERE digest_of(r.id) = digest_of($1)))
    AND (d.status = 'dead' OR (d.status = 'pending' AND (d.due_at > $2 OR d.kind = ANY ($3::text[]))))
  RETURNING d.seq, d.id, d.kind, d.destination`;

/** Thrown to roll back a rerun. */
class Withdrawn extends Error {
  readonly outcome: 'repeated' | 'conflict';

  constructor(outcome: 'repeated' | 'conflict') {
    super(`Nothing of the run is kept: ${outcome}.`);
    this.outcome = outcome;
  }
}

/** The writing half of the ActStore port. */
export const doing = (database: Database, announce: Announce) => ({
  retry: (id: string, now: number, by: Actor): Promise<readonly string[]> =>
    database.transaction(async (sql) => {
      // A second click waits here for the first to commit. By then the pauses are gone, so it retries nothing twice.
      const paused = await sql.query<{ kind: ActionKind }>('SELECT kind FROM pause ORDER BY kind FOR UPDATE');
      const rows = await sql.query<Retried>(AGAIN, [id, now, paused.map(({ kind }) => kind)]);
      if (rows.length === 0) return [];
      const kinds = [...new Set(rows.map(({ kind }) => kind))];
      await sql.query('DELETE FROM pause WHERE kind = ANY ($1::text[])', [kinds]);
      await allowAgain(sql, rows);
      const summary = `${rows.length} ${rows.length === 1 ? 'delivery' : 'deliveries'} made due`;
      await keepAct(sql, { at: now, by, kind: 'retry', subject: id, summary });
      await announce.within(
        sql,
        kinds.map((work) => ({ work, at: now })),
      );
      return rows.toSorted((a, b) => a.seq - b.seq).map((row) => row.id);
    }),

  async rerun(run: Rerun): Promise<'planned' | 'repeated' | 'conflict' | 'unknown'> {
    try {
      return await database.transaction((sql) => planRun(sql, run, announce));
    } catch (error) {
      if (error instanceof Withdrawn) return error.outcome;
      throw error;
    }
  },

  async recordAct(act: Act): Promise<void> {
    await keepAct(database, act);
  },
});

/** Forgets refusals of the addresses. Destinations of mails are in lower case, like those in `refused_address`. */
const allowAgain = async (sql: Sql, rows: readonly Retried[]): Promise<void> => {
  const addresses = rows.filter(({ kind }) => kind === 'email').map((row) => row.destination.replace(/^email:/, ''));
  if (addresses.length === 0) return;
  await sql.query(
    `DELETE FROM refused_address
     WHERE digest_of(address) = ANY (ARRAY(SELECT digest_of(a) FROM unnest($1::text[]) a))`,
    [addresses],
  );
};

const planRun = async (
  sql: Sql,
  { webhookId, token, deliveries, insteadOf = [], act }: Rerun,
  announce: Announce,
): Promise<'planned' | 'repeated' | 'unknown'> => {
  // Concurrent reruns of one webhook are serialized by this lock, so that each sees what the one before has planned.
  const [routed] = await sql.query<{ seq: number }>(
    `SELECT w.seq FROM webhook w JOIN routing g ON g.webhook = w.seq
     WHERE digest_of(w.id) = digest_of($1) FOR NO KEY UPDATE OF g`,
    [webhookId],
  );
  if (!routed) return 'unknown';
  const rerun = await keepAct(sql, act, token);
  if (rerun === undefined) throw new Withdrawn('repeated');

  const ids = deliveries.map(({ id }) => id);
  const planned = await sql.query(
    `SELECT FROM delivery WHERE digest_of(id) = ANY (ARRAY(SELECT digest_of(i) FROM unnest($1::text[]) i)) LIMIT 1`,
    [ids],
  );
  if (planned.length > 0) throw new Withdrawn('conflict');
  const work = await plan(sql, deliveries, { webhook: routed.seq, dueAt: act.at, rerun });

  const replaced = await sql.query(
    `UPDATE delivery SET status = 'superseded', superseded_by = webhook
     WHERE digest_of(id) = ANY (ARRAY(SELECT digest_of(i) FROM unnest($1::text[]) i)) AND webhook = $2 AND status = 'dead'
     RETURNING seq`,
    [insteadOf, routed.seq],
  );
  if (replaced.length < new Set(insteadOf).size) throw new Withdrawn('conflict');
  // Rerunning a mail to everyone registered also covers those whose child delivery of an earlier run is dead.
  await sql.query(
    `UPDATE delivery SET status = 'superseded', superseded_by = webhook WHERE status = 'dead' AND parent IN (
       SELECT d.seq FROM delivery d JOIN unnest($2::text[], $3::text[]) run (rule, destination)
         ON d.rule = run.rule AND d.destination = run.destination
       WHERE d.webhook = $1)`,
    [routed.seq, deliveries.map(({ rule }) => rule), deliveries.map(({ destination }) => destination)],
  );
  if (work.length > 0) await announce.within(sql, work);
  return 'planned';
};
