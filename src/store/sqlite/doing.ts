import type { Act, Actor } from '../../core/actor.ts';
import type { ActionKind } from '../../core/rule.ts';
import type { Rerun } from '../ports.ts';
import { actKeeping } from './acts.ts';
import type { Database } from './database.ts';
import { planning } from './planning.ts';

/** The writing half of the ActStore port, as plain calls inside the writer's transaction. */
export const doing = (database: Database) => {
  const { keep } = actKeeping(database);
  const { plan } = planning(database);
  // Deliveries held back by a pause are due already: they keep their place.
  const makeDue = database.prepare<{ id: string; kind: ActionKind; destination: string }>(
    `UPDATE delivery SET status = 'pending', due_at = iif(status = 'dead', ?2, min(due_at, ?2)), tries = 0
     WHERE (status = 'dead' OR (status = 'pending' AND (due_at > ?2 OR kind IN (SELECT kind FROM pause)))) AND seq IN (
       SELECT seq FROM delivery WHERE id = ?1
       UNION SELECT c.seq FROM delivery d JOIN delivery c ON c.parent = d.seq WHERE d.id = ?1
       UNION SELECT d.seq FROM webhook_id i JOIN delivery d ON d.webhook = i.webhook WHERE i.id = ?1
       UNION SELECT d.seq FROM resource r JOIN routing g ON g.resource = r.seq JOIN delivery d ON d.webhook = g.webhook
         WHERE r.id = ?1)
     RETURNING id, kind, destination`,
  );
  // Destinations of mails are in lower case, as the addresses in this table are.
  const allow = database.prepare('DELETE FROM refused_address WHERE address = ?');
  const unpause = database.prepare('DELETE FROM pause WHERE kind = ?');
  const byToken = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM act WHERE token = ?');
  const planned = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM delivery WHERE id = ?');
  const dead = database.prepare<{ found: 1 }>(
    `SELECT 1 AS found FROM delivery WHERE id = ? AND webhook = ? AND status = 'dead'`,
  );
  // A rerun of a mail to everyone registered is sent to those too whom the last run did not reach: their dead mails give way.
  const replaceChildren = database.prepare(
    `UPDATE delivery SET status = 'superseded', superseded_by = webhook WHERE status = 'dead' AND parent IN (
       SELECT seq FROM delivery WHERE webhook = ? AND rule = ? AND destination = ?)`,
  );
  const replace = database.prepare(`UPDATE delivery SET status = 'superseded', superseded_by = webhook WHERE id = ?`);
  // A webhook enters this table when it is routed.
  const routed = database.prepare<{ webhook: number }>('SELECT webhook FROM webhook_id WHERE id = ?');

  return {
    retry(id: string, now: number, by: Actor): string[] {
      const rows = makeDue.all(id, now);
      for (const kind of new Set(rows.map((row) => row.kind))) unpause.run(kind);
      for (const { kind, destination } of rows) if (kind === 'email') allow.run(destination.replace(/^email:/, ''));
      const retried = rows.map((row) => row.id);
      if (retried.length > 0) {
        const summary = `${retried.length} ${retried.length === 1 ? 'delivery' : 'deliveries'} made due`;
        keep({ at: now, by, kind: 'retry', subject: id, summary });
      }
      return retried;
    },

    rerun({
      webhookId,
      token,
      deliveries,
      insteadOf = [],
      act,
    }: Rerun): 'planned' | 'repeated' | 'conflict' | 'unknown' {
      if (byToken.get(token)) return 'repeated';
      const webhook = routed.get(webhookId)?.webhook;
      if (webhook === undefined) return 'unknown';
      if (deliveries.some(({ id }) => planned.get(id))) return 'conflict';
      if (insteadOf.some((id) => !dead.get(id, webhook))) return 'conflict';
      const rerun = keep(act, token);
      for (const delivery of deliveries) plan(delivery, { webhook, dueAt: act.at, rerun });
      for (const id of insteadOf) replace.run(id);
      for (const { rule, destination } of deliveries) replaceChildren.run(webhook, rule, destination);
      return 'planned';
    },

    recordAct(act: Act): void {
      keep(act);
    },
  };
};
