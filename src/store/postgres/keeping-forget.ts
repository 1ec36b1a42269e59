import { cardName } from '../card-name.ts';
import type { ForgetOutcome, Forgotten, KeepingStore } from '../keeping-ports.ts';
import type { Database, Sql } from './database.ts';

/**
 * Whether resource `r` names an end that is not over everywhere on Earth by `$1`: an event may last for weeks after its start.
 * Matches the text that JSON.stringify() writes, since PostgreSQL can't parse JSON that contains \u0000.
 */
const ENDS_LATER = (r: string): string => `EXISTS (
  SELECT FROM regexp_matches(${r}.data, '"end_(?:date|time)":"(\\d{4}-\\d\\d-\\d\\d)', 'g') AS day
  WHERE day[1] COLLATE "C" >= to_char(to_timestamp($1::bigint / 1000 - 86400) AT TIME ZONE 'UTC', 'YYYY-MM-DD'))`;

/** Whether all that is known about resource `r` lies before `$1`, and none of its deliveries is open. */
const IS_PAST = (r: string): string => `(${r}.starts_at IS NULL OR ${r}.starts_at < $1) AND NOT ${ENDS_LATER(r)}
  AND NOT EXISTS (SELECT FROM routing g JOIN webhook w ON w.seq = g.webhook
    WHERE g.resource = ${r}.seq AND w.received_at >= $1)
  AND NOT EXISTS (SELECT FROM routing g JOIN delivery d ON d.webhook = g.webhook
    WHERE g.resource = ${r}.seq AND d.status IN ('pending', 'running'))`;

/** The same for the event of a registration; true for anything else. */
const EVENT_IS_PAST = (r: string): string => `NOT EXISTS (SELECT FROM resource e
  WHERE ${r}.kind = 'registration' AND digest_of(e.kind) = digest_of('event')
    AND digest_of(e.id) = digest_of(${r}.event_id) AND NOT (${IS_PAST('e')}))`;

const REGISTRATIONS = `SELECT FROM resource p
  WHERE r.kind = 'event' AND p.kind = 'registration' AND p.event_id IS NOT NULL AND digest_of(p.event_id) = digest_of(r.id)`;

// A resource whose row is locked is being routed for, and so is not expired.
const EXPIRED = `SELECT r.seq FROM resource r WHERE r.seq = ANY($2::bigint[]) AND ${IS_PAST('r')} AND ${EVENT_IS_PAST('r')}
  AND NOT EXISTS (${REGISTRATIONS}) ORDER BY r.seq FOR UPDATE SKIP LOCKED`;

const NEXT = `SELECT w.seq, w.id, w.received_at AS "receivedAt", g.resource, g.webhook IS NOT NULL AS routed,
    (SELECT count(*) FROM delivery d WHERE d.webhook = w.seq) AS deliveries,
    EXISTS (SELECT FROM delivery d WHERE d.webhook = w.seq AND d.status IN ('pending', 'running')) AS waits
  FROM webhook w LEFT JOIN routing g ON g.webhook = w.seq WHERE w.seq > $1 ORDER BY w.seq LIMIT $2`;

type Seen = {
  readonly seq: number;
  readonly id: string;
  readonly receivedAt: number;
  readonly resource: number | null;
  readonly routed: boolean;
  readonly deliveries: number;
  readonly waits: boolean;
};

/** Deliveries removed in one step: an event may have thousands of mails. */
const MOST_DELIVERIES = 200;
/** Milliseconds that reading the whole store may take. */
const LONG = 1_800_000;

/** The part of the KeepingStore port for retention; each step is a transaction. */
export const forgetting = (database: Database): Pick<KeepingStore, 'forget' | 'forgettable'> => ({
  forget: ({ before, after, most }) =>
    database.transaction(async (sql): Promise<ForgetOutcome> => {
      const seen = await sql.query<Seen>(NEXT, [after, most]);
      const old = seen.filter(({ receivedAt, routed }) => routed && receivedAt < before);
      const about = [...new Set(old.flatMap(({ resource }) => resource ?? []))];
      const expired = new Set((await sql.query<{ seq: number }>(EXPIRED, [before, about])).map(({ seq }) => seq));
      const gone: Seen[] = [];
      let deliveries = 0;
      let reached = after;
      for (const webhook of seen) {
        const goes =
          old.includes(webhook) && (webhook.resource === null ? !webhook.waits : expired.has(webhook.resource));
        if (goes && deliveries + webhook.deliveries > MOST_DELIVERIES) {
          if (gone.length > 0) break;
          const removed = await removeSome(sql, webhook);
          return { webhooks: 0, resources: 0, deliveries: removed, next: reached };
        }
        if (goes) {
          gone.push(webhook);
          deliveries += webhook.deliveries;
        }
        reached = webhook.seq;
      }
      const resources = await remove(sql, gone);
      const more = seen.some(({ receivedAt }) => receivedAt < before);
      const atEnd = reached === (seen.at(-1)?.seq ?? reached) && seen.length < most;
      return { webhooks: gone.length, resources, deliveries, next: more && !atEnd ? reached : null };
    }),

  async forgettable(before): Promise<Forgotten> {
    const [counts] = await database.query<Forgotten>(
      `WITH over AS MATERIALIZED (
         SELECT r.seq FROM resource r WHERE ${IS_PAST('r')} AND ${EVENT_IS_PAST('r')}
           AND NOT EXISTS (${REGISTRATIONS} AND NOT (${IS_PAST('p')}))),
       gone AS MATERIALIZED (
         SELECT g.webhook FROM over JOIN routing g ON g.resource = over.seq
         UNION ALL SELECT g.webhook FROM routing g JOIN webhook w ON w.seq = g.webhook
           WHERE g.resource IS NULL AND w.received_at < $1 AND NOT EXISTS (
             SELECT FROM delivery d WHERE d.webhook = g.webhook AND d.status IN ('pending', 'running')))
       SELECT (SELECT count(*) FROM gone) AS webhooks, (SELECT count(*) FROM over) AS resources,
         (SELECT count(*) FROM gone JOIN delivery d ON d.webhook = gone.webhook) AS deliveries`,
      [before],
      LONG,
    );
    return counts ?? { webhooks: 0, resources: 0, deliveries: 0 };
  },
});

type Delivered = {
  readonly seq: number;
  readonly webhook: number;
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly destination: string;
};

/** Removes deliveries with their attempts, invites, acts, and mail threads without other deliveries. */
const removeDeliveries = async (sql: Sql, deliveries: readonly Delivered[]): Promise<void> => {
  const seqs = deliveries.map(({ seq }) => seq);
  const ids = deliveries.map(({ id }) => id);
  await sql.query('DELETE FROM attempt WHERE delivery = ANY($1::bigint[])', [seqs]);
  await sql.query('DELETE FROM invite WHERE digest_of(delivery) IN (SELECT digest_of(v) FROM unnest($1::text[]) v)', [
    ids,
  ]);
  await sql.query('DELETE FROM delivery WHERE seq = ANY($1::bigint[])', [seqs]);
  await sql.query(
    `DELETE FROM mail_thread t WHERE digest_of(t.key) IN (SELECT digest_of(v) FROM unnest($1::text[]) v)
       AND NOT EXISTS (SELECT FROM delivery d WHERE digest_of(d.key) = digest_of(t.key))`,
    [[...new Set(deliveries.map(({ key }) => key))]],
  );
  await removeActs(sql, ids);
};

/** Removes acts about these subjects, except reruns whose deliveries remain. */
const removeActs = (sql: Sql, subjects: readonly string[]): Promise<unknown> =>
  sql.query(
    `DELETE FROM act a WHERE digest_of(a.subject) IN (SELECT digest_of(v) FROM unnest($1::text[]) v)
       AND NOT EXISTS (SELECT FROM delivery d WHERE d.rerun = a.seq)`,
    [subjects],
  );

const DELIVERIES = 'SELECT seq, webhook, id, key, kind, destination FROM delivery';

/** Removes some of a webhook's many deliveries: children first, the newest before those that may be their parents. */
const removeSome = async (sql: Sql, { seq }: Seen): Promise<number> => {
  const some = await sql.query<Delivered>(
    `${DELIVERIES} WHERE webhook = $1 ORDER BY parent IS NULL, seq DESC LIMIT ${MOST_DELIVERIES}`,
    [seq],
  );
  await removeDeliveries(sql, some);
  return some.length;
};

/** Removes webhooks, and the resources of which they were the last. Returns the number of these resources. */
const remove = async (sql: Sql, gone: readonly Seen[]): Promise<number> => {
  if (gone.length === 0) return 0;
  const seqs = gone.map(({ seq }) => seq);
  const about = [...new Set(gone.flatMap(({ resource }) => resource ?? []))];
  const named = await sql.query<{ seq: number; id: string; kind: string }>(
    'SELECT seq, id, kind FROM resource WHERE seq = ANY($1::bigint[])',
    [about],
  );
  const deliveries = await sql.query<Delivered>(`${DELIVERIES} WHERE webhook = ANY($1::bigint[])`, [seqs]);
  await removeCards(sql, cardsOf(gone, deliveries, named));
  await sql.query('UPDATE delivery SET superseded_by = NULL WHERE superseded_by = ANY($1::bigint[])', [seqs]);
  await removeDeliveries(sql, deliveries);
  await removeActs(
    sql,
    gone.map(({ id }) => id),
  );
  await sql.query('DELETE FROM routing WHERE webhook = ANY($1::bigint[])', [seqs]);
  await sql.query('DELETE FROM webhook WHERE seq = ANY($1::bigint[])', [seqs]);
  const over = await sql.query<{ id: string }>(
    `DELETE FROM resource r WHERE r.seq = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM routing g WHERE g.resource = r.seq)
     RETURNING r.id`,
    [about],
  );
  await removeActs(
    sql,
    over.map(({ id }) => id),
  );
  return over.length;
};

type Place = { readonly channel: string; readonly name: string };

/** The Slack channels that deliveries about these resources went to. */
const cardsOf = (
  gone: readonly Seen[],
  deliveries: readonly Delivered[],
  named: readonly { readonly seq: number; readonly id: string; readonly kind: string }[],
): Place[] => {
  const resourceOf = new Map(gone.map(({ seq, resource }) => [seq, named.find((each) => each.seq === resource)]));
  return deliveries.flatMap(({ webhook, kind, destination }) => {
    const resource = resourceOf.get(webhook);
    if (kind !== 'slack' || !resource) return [];
    return [{ channel: destination.replace(/^slack:/, ''), name: cardName(resource.kind, resource.id) }];
  });
};

/** Removes the cards of resources, which are kept under a channel's name and under its id. */
const removeCards = async (sql: Sql, places: readonly Place[]): Promise<void> => {
  if (places.length === 0) return;
  await sql.query(
    `WITH place AS (SELECT * FROM unnest($1::text[], $2::text[]) AS p (channel, name))
     DELETE FROM card WHERE digest_of(key) IN (
       SELECT digest_of(p.channel || '|' || p.name) FROM place p
       UNION SELECT digest_of(c.channel || '|' || p.name) FROM place p
         JOIN card c ON digest_of(c.key) = digest_of('channel|' || p.channel))`,
    [places.map(({ channel }) => channel), places.map(({ name }) => name)],
  );
};
