import type { ClaimedDelivery } from '../../core/delivery.ts';
import { createWake } from '../../runtime/wake.ts';
import { type ClaimedRow, toClaimed } from '../claimed.ts';
import type { Database } from './database.ts';
import { DatabaseFailure, isBroken } from './failure.ts';
import { MAY_GO } from './planning.ts';

/*
 * A process that was declared dead can't claim before it has registered anew: what it claimed would be recovered at once.
 *
 * Rows are locked in one order, and those that another process is claiming are skipped. Two deliveries of one key can still
 * be claimed at the same moment, each before the other is visible: the unique index `delivery_running` refuses the second,
 * and the claim is tried again.
 *
 * `untold` are changes that the recipient of a mail has not been told of: those of older mails of its key, or of the key of
 * the mail to everyone registered that it is a child of (perhaps by a follow-up), that were superseded since the last mail
 * that was sent. Mails that were obsolete because they had nothing new to tell are left out, and so is what happened before
 * the recipient registered. Child mails share keys with the recipient's own mails but are about another resource, so each
 * kind is compared only with its like.
 */
const CLAIM = `WITH wanted AS MATERIALIZED (
    SELECT d.seq, w.place, digest_of(d.key) AS key FROM unnest($1::text[]) WITH ORDINALITY AS w (id, place)
    JOIN delivery d ON digest_of(d.id) = digest_of(w.id)
    WHERE d.status = 'pending' AND EXISTS (SELECT FROM worker WHERE number = $2)
      AND ${MAY_GO}
    ORDER BY d.seq FOR NO KEY UPDATE OF d SKIP LOCKED),
  first AS (SELECT DISTINCT ON (key) seq, place FROM wanted ORDER BY key, place),
  taken AS (
    UPDATE delivery d SET status = 'running', tries = tries + 1 FROM first
    WHERE d.seq = first.seq AND d.status = 'pending' RETURNING d.*, first.place),
  begun AS (
    INSERT INTO attempt (delivery, worker, started_at, claim)
    SELECT seq, $2, $3, $4 FROM taken ORDER BY place RETURNING seq, delivery)
  SELECT d.id, d.rule, d.kind, d.destination, d.action, d.version, d.tries, b.seq AS attempt, w.body,
    w.received_at AS "receivedAt", g.moved_from AS "movedFrom", g.changed_from AS "changedFrom", e.data AS event,
    e.last_type AS "eventType", r.status AS "latestStatus", r.starts_at AS "latestStart", r.last_type AS "latestType",
    r.version AS "latestVersion", r.data AS "latestData", p.id AS "registrationId", p.status AS "registrationStatus",
    p.last_type AS "registrationType", p.version AS "registrationVersion", p.data AS "registrationData",
    a.actor AS "rerunBy", a.at AS "rerunAt", u.since AS "unclearSince", u.until AS "unclearUntil", u.note,
    t.moved AS "untoldMoved", t.changed AS "untoldChanged"
  FROM begun b
  JOIN taken d ON d.seq = b.delivery
  JOIN webhook w ON w.seq = d.webhook
  LEFT JOIN routing g ON g.webhook = d.webhook
  LEFT JOIN resource r ON r.seq = g.resource
  LEFT JOIN act a ON a.seq = d.rerun
  LEFT JOIN resource p ON digest_of(p.id) = digest_of(d.registration) AND digest_of(p.kind) = digest_of('registration')
  LEFT JOIN resource e ON digest_of(e.id) = digest_of(r.event_id) AND digest_of(e.kind) = digest_of('event')
  -- The provider may have it since the first unclear attempt; the last note says best what was about to be done.
  LEFT JOIN LATERAL (
    SELECT min(i.started_at) AS since, max(i.ended_at) FILTER (WHERE i.note IS NOT NULL) AS until,
      (array_agg(i.note ORDER BY i.seq DESC) FILTER (WHERE i.note IS NOT NULL))[1] AS note
    FROM attempt i WHERE i.delivery = d.seq AND i.unclear) u ON true
  LEFT JOIN LATERAL (
    SELECT array_agg(x.moved_from) AS moved, array_agg(x.changed_from) AS changed FROM (
      SELECT c.moved_from, c.changed_from
      FROM delivery o JOIN routing c ON c.webhook = o.webhook
      WHERE d.kind = 'email'
        AND digest_of(o.key) IN (digest_of(d.key), (SELECT digest_of(m.key) FROM delivery m WHERE m.seq = d.parent),
          (SELECT digest_of(f.key) FROM delivery m JOIN delivery f ON f.seq = m.parent WHERE m.seq = d.parent))
        AND (o.version, o.webhook) < (d.version, d.webhook)
        AND (o.parent IS NULL) = (d.parent IS NULL OR o.key <> d.key)
        AND o.status = 'superseded' AND (c.moved_from IS NOT NULL OR c.changed_from IS NOT NULL)
        AND NOT EXISTS (SELECT FROM delivery n WHERE digest_of(n.key) = digest_of(o.key)
          AND (n.version, n.webhook) >= (o.version, o.webhook) AND (n.version, n.webhook) < (d.version, d.webhook)
          AND n.status = 'done' AND (n.parent IS NULL) = (o.parent IS NULL))
        AND NOT EXISTS (SELECT FROM attempt i WHERE i.delivery = o.seq AND i.code = 'nothing_new')
        AND c.created_at >= coalesce((SELECT min(j.created_at) FROM routing j
          JOIN webhook k ON k.seq = j.webhook AND k.type = 'registration.created' WHERE j.resource = p.seq), 0)
      ORDER BY o.version DESC, o.seq DESC LIMIT 50) x) t ON true
  ORDER BY d.place`;

type Claimed = Omit<ClaimedRow, 'untold'> & {
  readonly untoldMoved: readonly (string | null)[] | null;
  readonly untoldChanged: readonly (string | null)[] | null;
};

// Nobody received these claims, so nothing was done in their attempts: they are deleted as if they had never begun.
const HAND_BACK = `WITH lost AS (
    DELETE FROM attempt WHERE worker = $1 AND outcome = 'running' AND claim = ANY($2::bigint[]) RETURNING delivery)
  UPDATE delivery SET status = 'pending', tries = tries - 1 FROM lost WHERE seq = lost.delivery AND status = 'running'`;

/** Milliseconds after which a claim by another process has usually been committed. */
const OTHERS_TAKE_MS = 20;
const UNIQUE_VIOLATION = '23505';
/** After a lost race the winner's delivery is visible as running, so few tries are enough. */
const MOST_TRIES = 5;
/** Milliseconds after which a claim whose answer was lost can no longer be running on the server; see connection.ts. */
const IN_DOUBT_FOR = 90_000;

/** Starts attempts (DeliveryStore.claim), and undoes those whose start this process never learned of. */
export const claiming = (database: Database, worker: () => number) => {
  let claims = Date.now() * 1_000;
  /** Claims whose answer was lost: the worker number they were made under, and until when they may still be committed. */
  let inDoubt: { readonly claim: number; readonly worker: number; readonly until: number }[] = [];

  const claimOnce = async (ids: readonly string[], now: number): Promise<ClaimedDelivery[]> => {
    claims += 1;
    const [claim, number] = [claims, worker()];
    try {
      const rows = await database.query<Claimed>(CLAIM, [ids, number, now, claim]);
      return rows.map(({ untoldMoved, untoldChanged, ...row }) => {
        const untold = (untoldMoved ?? []).map((movedFrom, index) => ({
          movedFrom,
          changedFrom: untoldChanged?.[index] ?? null,
        }));
        return toClaimed({ ...row, untold });
      });
    } catch (error) {
      if (!(error instanceof DatabaseFailure) || isBroken(error)) {
        inDoubt.push({ claim, worker: number, until: performance.now() + IN_DOUBT_FOR });
      }
      throw error;
    }
  };

  return {
    async claim(ids: readonly string[], now: number): Promise<readonly ClaimedDelivery[]> {
      if (ids.length === 0) return [];
      for (let tries = 1; ; tries += 1) {
        try {
          const claims = await claimOnce(ids, now);
          // Another process is claiming these, and until its commit they look as if they were free.
          if (claims.length === 0) await createWake().rest(OTHERS_TAKE_MS * (0.5 + Math.random()));
          return claims;
        } catch (error) {
          const raced = error instanceof DatabaseFailure && error.code === UNIQUE_VIOLATION;
          if (!raced || tries === MOST_TRIES) throw error;
        }
      }
    },

    /** Releases what this process has claimed without receiving the answer. To be called regularly. */
    async handBack(): Promise<void> {
      const doubted = inDoubt;
      for (const number of new Set(doubted.map((one) => one.worker))) {
        const own = doubted.filter((one) => one.worker === number).map(({ claim }) => claim);
        await database.query(HAND_BACK, [number, own]);
      }
      const now = performance.now();
      inDoubt = inDoubt.filter((one) => one.until > now);
    },
  };
};
