import { cardName } from '../card-name.ts';
import type { ForgetOutcome, ForgetStep, Forgotten } from '../keeping-ports.ts';
import type { Database } from './database.ts';

/**
 * Whether resource `r` has a day of its end that is not over in every time zone by `?2`: an event may last for weeks after its
 * start. A day is text like 2027-01-31; one more day is allowed for, since it ends later in the west.
 */
const ENDS_LATER = (r: string): string => `EXISTS (SELECT 1 FROM json_each(${r}.data) f
  WHERE f.key IN ('end_date', 'end_time') AND f.type = 'text' AND f.value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'
    AND f.value >= date(?2 / 1000 - 86400, 'unixepoch'))`;

/** Whether all of resource `r` lies before `?2` and none of its deliveries is open. */
const IS_PAST = (r: string): string => `(${r}.starts_at IS NULL OR ${r}.starts_at < ?2) AND NOT ${ENDS_LATER(r)}
  AND NOT EXISTS (SELECT 1 FROM routing g JOIN webhook w ON w.seq = g.webhook
    WHERE g.resource = ${r}.seq AND w.received_at >= ?2)
  AND NOT EXISTS (SELECT 1 FROM routing g JOIN delivery d ON d.webhook = g.webhook
    WHERE g.resource = ${r}.seq AND d.status IN ('pending', 'running'))`;

/** The same for the event of registration `r`, which decides when the registration is over; true for other resources. */
const EVENT_IS_PAST = (r: string): string => `NOT EXISTS (SELECT 1 FROM resource e
  WHERE ${r}.kind = 'registration' AND e.kind = 'event' AND e.id = ${r}.event_id AND NOT (${IS_PAST('e')}))`;

/** The most deliveries removed in one step: an event may have thousands of mails. */
const MOST_DELIVERIES = 100;

type Seen = {
  readonly seq: number;
  readonly id: string;
  readonly receivedAt: number;
  readonly resource: number | null;
  readonly routed: 0 | 1;
};

/** The forget() of the KeepingStore port, within the writer's transaction. */
export const forgetting = (database: Database) => {
  // Without a condition on the time: past the last webhook that is old enough, it would scan to the end in vain.
  const next = database.prepare<Seen>(
    `SELECT w.seq, w.id, w.received_at AS receivedAt, g.resource, g.webhook IS NOT NULL AS routed
     FROM webhook w LEFT JOIN routing g ON g.webhook = w.seq WHERE w.seq > ? ORDER BY w.seq LIMIT ?`,
  );
  const resourceOver = database.prepare<{ over: 1 }>(
    `SELECT 1 AS over FROM resource r WHERE r.seq = ?1 AND ${IS_PAST('r')} AND ${EVENT_IS_PAST('r')}
       AND NOT EXISTS (SELECT 1 FROM resource p WHERE r.kind = 'event' AND p.kind = 'registration' AND p.event_id = r.id)`,
  );
  const waits = database.prepare<{ waits: 1 }>(
    `SELECT 1 AS waits FROM delivery WHERE webhook = ? AND status IN ('pending', 'running') LIMIT 1`,
  );
  const remove = removing(database);

  return {
    forget({ before, after, most }: ForgetStep): ForgetOutcome {
      const seen = next.all(after, most);
      const verdicts = new Map<number, boolean>();
      const isOver = ({ seq, resource }: Seen): boolean => {
        if (resource === null) return waits.get(seq) === undefined;
        const known = verdicts.get(resource) ?? resourceOver.get(resource, before) !== undefined;
        verdicts.set(resource, known);
        return known;
      };
      const outcome = { webhooks: 0, resources: 0, deliveries: 0 };
      const counted = remove.counting();
      let reached = after;
      for (const webhook of seen) {
        if (webhook.receivedAt < before && webhook.routed === 1 && isOver(webhook)) {
          const gone = remove.webhook(webhook, MOST_DELIVERIES - outcome.deliveries);
          outcome.webhooks += gone.webhooks;
          outcome.resources += gone.resources;
          outcome.deliveries += gone.deliveries;
          if (gone.webhooks === 0) break;
        }
        reached = webhook.seq;
      }
      counted.keep(outcome);
      const more =
        seen.some(({ receivedAt }) => receivedAt < before) && (reached !== seen.at(-1)?.seq || seen.length === most);
      return { ...outcome, next: more ? reached : null };
    },
  };
};

/** Removes single webhooks with everything that refers to them. */
const removing = (database: Database) => {
  const run = (sql: string) => database.prepare(sql);
  const few = database.prepare<{ seq: number; id: string; key: string; kind: string; destination: string }>(
    // Children first, since they refer to their parents; the newest before those that may be their parents.
    `SELECT seq, id, key, kind, destination FROM delivery WHERE webhook = ? ORDER BY parent IS NULL, seq DESC LIMIT ?`,
  );
  const attempts = run('DELETE FROM attempt WHERE delivery = ?');
  const invites = run('DELETE FROM invite WHERE delivery = ?');
  const delivery = run('DELETE FROM delivery WHERE seq = ?');
  const threads = run('DELETE FROM mail_thread WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE key = ?1)');
  const acts = run('DELETE FROM act WHERE subject = ? AND NOT EXISTS (SELECT 1 FROM delivery WHERE rerun = act.seq)');
  const successor = run('UPDATE delivery SET superseded_by = NULL WHERE superseded_by = ?');
  const routing = run('DELETE FROM routing WHERE webhook = ?');
  const known = run('DELETE FROM webhook_id WHERE id = ?');
  const webhook = run('DELETE FROM webhook WHERE seq = ?');
  const named = database.prepare<{ id: string; kind: string }>('SELECT id, kind FROM resource WHERE seq = ?');
  const channelId = database.prepare<{ channel: string }>(`SELECT channel FROM card WHERE key = 'channel|' || ?`);
  const card = run('DELETE FROM card WHERE key = ?');
  const left = database.prepare<{ found: 1 }>('SELECT 1 AS found FROM routing WHERE resource = ? LIMIT 1');
  const unindex = run('DELETE FROM resource_search WHERE rowid = ?');
  const resource = run('DELETE FROM resource WHERE seq = ?');
  const newest = database.prepare<{ webhook: number | null; delivery: number | null }>(
    'SELECT (SELECT max(seq) FROM webhook) AS webhook, (SELECT max(seq) FROM delivery) AS delivery',
  );
  const count = run('UPDATE forgotten SET rows = rows + ? WHERE name = ?');

  /** Removes a resource's cards in a channel, kept under its name and under its id. */
  const removeCards = ({ id, kind }: { readonly id: string; readonly kind: string }, channel: string): void => {
    for (const place of [channel, channelId.get(channel)?.channel ?? channel])
      card.run(`${place}|${cardName(kind, id)}`);
  };

  return {
    /** Removes a webhook; where it has more than `most` deliveries, only that many of those. */
    webhook({ seq, id, resource: about }: Seen, most: number): Forgotten {
      const found = few.all(seq, Math.max(most, 1));
      const subject = about === null ? undefined : named.get(about);
      for (const each of found) {
        attempts.run(each.seq);
        invites.run(each.id);
        delivery.run(each.seq);
        threads.run(each.key);
        acts.run(each.id);
        if (subject && each.kind === 'slack') removeCards(subject, each.destination.replace(/^slack:/, ''));
      }
      if (found.length > 0 && few.get(seq, 1)) return { webhooks: 0, resources: 0, deliveries: found.length };
      successor.run(seq);
      acts.run(id);
      routing.run(seq);
      known.run(id);
      webhook.run(seq);
      if (about === null || left.get(about)) return { webhooks: 1, resources: 0, deliveries: found.length };
      if (subject) acts.run(subject.id);
      unindex.run(about);
      resource.run(about);
      return { webhooks: 1, resources: 1, deliveries: found.length };
    },

    /** status.ts counts rows by the highest number. Where the newest row itself is removed, its number is used again. */
    counting() {
      const before = newest.get();
      return {
        keep({ webhooks, deliveries }: Forgotten): void {
          const after = newest.get();
          count.run(webhooks - (before?.webhook ?? 0) + (after?.webhook ?? 0), 'webhook');
          count.run(deliveries - (before?.delivery ?? 0) + (after?.delivery ?? 0), 'delivery');
        },
      };
    },
  };
};

/** Counts what would be forgotten, for the reading connection. */
export const forgettableCounts = (database: Database) => {
  const over = `SELECT r.seq FROM resource r WHERE ${IS_PAST('r')} AND ${EVENT_IS_PAST('r')}
    AND NOT EXISTS (SELECT 1 FROM resource p WHERE r.kind = 'event' AND p.kind = 'registration' AND p.event_id = r.id
      AND NOT (${IS_PAST('p')}))`;
  // Prepared on demand: rarely needed, and the one query that reads everything.
  const counts = () =>
    database.prepare<Forgotten>(
      `WITH over AS MATERIALIZED (${over}),
       gone AS MATERIALIZED (
         SELECT g.webhook FROM over CROSS JOIN routing g ON g.resource = over.seq
         UNION ALL SELECT g.webhook FROM routing g CROSS JOIN webhook w ON w.seq = g.webhook
           WHERE g.resource IS NULL AND w.received_at < ?2 AND NOT EXISTS (
             SELECT 1 FROM delivery d WHERE d.webhook = g.webhook AND d.status IN ('pending', 'running')))
     SELECT (SELECT count(*) FROM gone) AS webhooks, (SELECT count(*) FROM over) AS resources,
       (SELECT count(*) FROM gone CROSS JOIN delivery d ON d.webhook = gone.webhook) AS deliveries
     WHERE ?1 IS NULL`,
    );
  return {
    forgettable: (before: number): Forgotten => ({
      ...(counts().get(null, before) ?? { webhooks: 0, resources: 0, deliveries: 0 }),
    }),
  };
};
