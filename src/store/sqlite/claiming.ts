import type { ClaimedRow, UntoldRow } from '../claimed.ts';
import type { Database } from './database.ts';
import { MAY_GO } from './planning.ts';

/**
 * The changes that the reader of mail `?` has not been told of: those whose mail to the same reader, or to everyone
 * registered, was superseded since the last one that was sent. Left out are mails that had nothing new to say, and changes
 * from before the reader registered. Parents and children share keys but are about different resources, so each is compared
 * with its own kind only. A child of a follow-up continues the delivery that the follow-up follows.
 */
const UNTOLD = `SELECT g.moved_from AS movedFrom, g.changed_from AS changedFrom
  FROM delivery d
  LEFT JOIN delivery p ON p.seq = d.parent
  JOIN delivery o ON o.key IN (d.key, p.key, (SELECT f.key FROM delivery f WHERE f.seq = p.parent))
    AND (o.version, o.webhook) < (d.version, d.webhook) AND (o.parent IS NULL) = (d.parent IS NULL OR o.key <> d.key)
  JOIN routing g ON g.webhook = o.webhook
  WHERE d.seq = ? AND o.status = 'superseded' AND (g.moved_from IS NOT NULL OR g.changed_from IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM delivery t WHERE t.key = o.key AND (t.version, t.webhook) >= (o.version, o.webhook)
      AND (t.version, t.webhook) < (d.version, d.webhook) AND t.status = 'done' AND (t.parent IS NULL) = (o.parent IS NULL))
    AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.delivery = o.seq AND a.code = 'nothing_new')
    AND g.created_at >= coalesce((SELECT min(c.created_at) FROM resource r
      JOIN routing c ON c.resource = r.seq JOIN webhook w ON w.seq = c.webhook AND w.type = 'registration.created'
      WHERE r.kind = 'registration' AND r.id = json_extract(d.action, '$.email.registration.id')), 0)
  ORDER BY o.version DESC, o.seq DESC LIMIT 50`;

/** The claim() of the DeliveryStore port, within the writer's transaction. */
export const claiming = (database: Database) => {
  const take = database.prepare<{ seq: number }>(
    `UPDATE delivery AS d SET status = 'running', tries = tries + 1 WHERE d.id = ? AND d.status = 'pending'
       AND ${MAY_GO}
     RETURNING seq`,
  );
  const begin = database.prepare('INSERT INTO attempt (delivery, started_at) VALUES (?, ?)');
  const load = database.prepare<Omit<ClaimedRow, 'attempt' | 'unclearSince' | 'unclearUntil' | 'note' | 'untold'>>(
    `SELECT d.id, d.rule, d.kind, d.destination, d.action, d.version, d.tries, w.body,
       w.received_at AS receivedAt, g.moved_from AS movedFrom, g.changed_from AS changedFrom, e.data AS event,
       e.last_type AS eventType,
       r.status AS latestStatus, r.starts_at AS latestStart, r.last_type AS latestType, r.version AS latestVersion,
       r.data AS latestData, p.id AS registrationId, p.status AS registrationStatus, p.last_type AS registrationType,
       p.version AS registrationVersion, p.data AS registrationData, a.actor AS rerunBy, a.at AS rerunAt
     FROM delivery d
     JOIN webhook w ON w.seq = d.webhook
     LEFT JOIN routing g ON g.webhook = d.webhook
     LEFT JOIN resource r ON r.seq = g.resource
     LEFT JOIN act a ON a.seq = d.rerun
     LEFT JOIN resource p ON p.kind = 'registration'
       AND p.id = CASE d.kind WHEN 'email' THEN json_extract(d.action, '$.email.registration.id') END
     LEFT JOIN resource e ON e.id = r.event_id AND e.kind = 'event'
     WHERE d.seq = ?`,
  );
  const untold = database.prepare<UntoldRow>(UNTOLD);
  // The provider may have it from the first unclear attempt on; the latest note says best what was about to be done.
  const unclear = database.prepare<{ since: number | null; until: number | null; note: string | null }>(
    `SELECT min(started_at) AS since, max(ended_at) FILTER (WHERE note IS NOT NULL) AS until,
       (SELECT note FROM attempt WHERE delivery = ?1 AND unclear = 1 AND note IS NOT NULL ORDER BY seq DESC LIMIT 1) AS note
     FROM attempt WHERE delivery = ?1 AND unclear = 1`,
  );
  return {
    claim(ids: readonly string[], now: number): ClaimedRow[] {
      return ids.flatMap((id) => {
        const taken = take.get(id);
        if (!taken) return [];
        const loaded = load.get(taken.seq);
        if (!loaded) return [];
        const earlier = unclear.get(taken.seq);
        const attempt = begin.run(taken.seq, now).lastRowid;
        return [
          {
            ...loaded,
            untold: loaded.kind === 'email' ? untold.all(taken.seq) : [],
            attempt,
            unclearSince: earlier?.since ?? null,
            unclearUntil: earlier?.until ?? null,
            note: earlier?.note ?? null,
          },
        ];
      });
    },
  };
};
