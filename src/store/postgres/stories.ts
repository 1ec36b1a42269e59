import type { Page, Story, StoryDelivery, StoryWebhook } from '../ports.ts';
import { RESOURCE_COLUMNS, withoutSeq } from '../resource-row.ts';
import {
  type AttemptRow,
  type ChildCount,
  childrenOf,
  type DeliveryRow,
  FOLLOW_UP_ID,
  MAY_BE_FOLLOWED,
  MOST_DEAD,
  MOST_ELSEWHERE,
  MOST_WEBHOOKS,
  toStoryDelivery,
  toStoryWebhook,
  type WebhookRow,
} from '../story-rows.ts';
import { actTelling } from './acts.ts';
import type { Database } from './database.ts';
import type { FoundResource } from './resources.ts';

type FoundDelivery = DeliveryRow & {
  readonly seq: number;
  readonly webhookSeq: number;
  readonly parentSeq: number | null;
};
type FoundWebhook = WebhookRow & { readonly seq: number; readonly resource: number | null };

/** Selects the deliveries whose `seq` the subquery `chosen` returns. */
const deliveriesIn = (chosen: string, order: 'ASC' | 'DESC'): string =>
  `SELECT d.seq, d.webhook AS "webhookSeq", d.parent AS "parentSeq", d.id, w.id AS "webhookId", w.type,
     r.kind AS "resourceKind", r.id AS "resourceId", d.rule, d.kind, d.destination, d.status, d.due_at AS "dueAt",
     d.tries, b.id AS "supersededBy", d.fingerprint, d.together, a.actor AS "rerunBy", d.action, p.id AS parent
   FROM (${chosen}) chosen
   JOIN delivery d ON d.seq = chosen.seq
   JOIN webhook w ON w.seq = d.webhook
   LEFT JOIN routing g ON g.webhook = d.webhook
   LEFT JOIN resource r ON r.seq = g.resource
   LEFT JOIN webhook b ON b.seq = d.superseded_by
   LEFT JOIN act a ON a.seq = d.rerun
   LEFT JOIN delivery p ON p.seq = d.parent
   ORDER BY d.seq ${order}`;

const WEBHOOKS = `SELECT w.seq, w.id, w.type, w.received_at AS "receivedAt", w.body, g.resource,
    g.created_at AS "createdAt", g.decided_at AS "decidedAt", g.moved_from AS "movedFrom",
    g.changed_from AS "changedFrom", g.decisions, g.oddities
  FROM (
    SELECT seq FROM (
      SELECT g.webhook AS seq FROM resource r JOIN routing g ON g.resource = r.seq WHERE digest_of(r.id) = digest_of($1)
      UNION SELECT seq FROM webhook WHERE digest_of(id) = digest_of($1)
      UNION SELECT webhook FROM delivery WHERE digest_of(id) = digest_of($1)
    ) all_of_them ORDER BY seq DESC LIMIT ${MOST_WEBHOOKS}
  ) chosen
  JOIN webhook w ON w.seq = chosen.seq
  LEFT JOIN routing g ON g.webhook = w.seq
  ORDER BY w.seq`;

/** What webhooks planned themselves, and the follow-ups of those. */
const OWN = deliveriesIn(
  `SELECT seq FROM delivery WHERE webhook = ANY($1::bigint[]) AND parent IS NULL
   UNION ALL SELECT f.seq FROM delivery o JOIN delivery f ON digest_of(f.id) = digest_of(${FOLLOW_UP_ID})
     WHERE o.webhook = ANY($1::bigint[]) AND ${MAY_BE_FOLLOWED}`,
  'ASC',
);

/** Of the children of deliveries, the one with a given id and the first dead ones. */
const CHILDREN = deliveriesIn(
  `SELECT seq FROM delivery WHERE digest_of(id) = digest_of($2) AND parent = ANY($1::bigint[])
   UNION SELECT dead.seq FROM unnest($1::bigint[]) origin (seq) CROSS JOIN LATERAL (
     SELECT seq FROM delivery WHERE parent = origin.seq AND status = 'dead' ORDER BY seq LIMIT ${MOST_DEAD}) dead`,
  'ASC',
);

const TO_REGISTRATION = deliveriesIn(
  `SELECT seq FROM delivery WHERE digest_of(registration) = digest_of($1) AND parent IS NOT NULL
   ORDER BY seq DESC LIMIT ${MOST_ELSEWHERE}`,
  'ASC',
);

/** The `seq` below which a page begins: that of the delivery with id `$2`, or none if that is null. */
const BELOW = `CASE WHEN $2::text IS NULL THEN 9223372036854775807
  ELSE (SELECT b.seq FROM delivery b WHERE digest_of(b.id) = digest_of($2::text)) END`;

/**
 * Pending deliveries have an index for children and one for all others. `d.seq + 0` forces their use: PostgreSQL would rather
 * walk the primary key, which has the order, through all deliveries.
 */
const FAILED = deliveriesIn(
  `(SELECT seq FROM delivery WHERE status = 'dead' AND seq < ${BELOW} ORDER BY seq DESC LIMIT $1)
   ${['IS NULL', 'IS NOT NULL']
     .map(
       (
         parent,
       ) => `UNION ALL (SELECT d.seq FROM delivery d WHERE d.status = 'pending' AND d.parent ${parent} AND d.seq < ${BELOW}
         AND EXISTS (SELECT FROM attempt a WHERE a.delivery = d.seq) ORDER BY d.seq + 0 DESC LIMIT $1)`,
     )
     .join('\n')}
   ORDER BY seq DESC LIMIT $1`,
  'DESC',
);

/** Not by `seq`: what was planned first may die last, after days of tries. */
const DIED = deliveriesIn(
  `SELECT d.seq FROM delivery d
   CROSS JOIN LATERAL (SELECT max(t.ended_at) AS at FROM attempt t WHERE t.delivery = d.seq) died
   WHERE d.status = 'dead' AND died.at > $1 ORDER BY died.at DESC LIMIT $2`,
  'DESC',
);

const NEWEST = deliveriesIn('SELECT seq FROM delivery ORDER BY seq DESC LIMIT $1 OFFSET $2', 'DESC');

const TOGETHER = deliveriesIn(
  'SELECT seq FROM delivery WHERE digest_of(together) = digest_of($1) ORDER BY seq LIMIT $2 OFFSET $3',
  'ASC',
);

/** Assembles histories, with the same number of queries for two hundred webhooks as for one. */
export const stories = (database: Database) => {
  const { about } = actTelling(database);

  /** Adds the attempts of deliveries, by their `seq`. */
  const withAttempts = async (rows: readonly FoundDelivery[]): Promise<Map<number, StoryDelivery>> => {
    const attempts = await database.query<AttemptRow & { readonly delivery: number }>(
      `SELECT delivery, started_at AS "startedAt", ended_at AS "endedAt", outcome, code, message, detail
       FROM attempt WHERE delivery = ANY($1::bigint[]) ORDER BY seq`,
      [rows.map(({ seq }) => seq)],
    );
    const attemptsOf = Map.groupBy(attempts, ({ delivery }) => delivery);
    return new Map(
      rows.map(({ seq, webhookSeq: _, parentSeq: __, ...row }) => {
        const own = attemptsOf.get(seq) ?? [];
        return [
          seq,
          toStoryDelivery(
            row,
            own.map(({ delivery: ___, ...attempt }) => attempt),
          ),
        ];
      }),
    );
  };

  const list = async (statement: string, values: readonly unknown[]): Promise<StoryDelivery[]> => {
    const rows = await database.query<FoundDelivery>(statement, values);
    return rows.length === 0 ? [] : [...(await withAttempts(rows)).values()];
  };

  const webhooksWithDeliveries = async (
    webhooks: readonly FoundWebhook[],
    asked: string,
    elsewhere: readonly FoundDelivery[],
  ): Promise<{ readonly webhooks: StoryWebhook[]; readonly elsewhere: StoryDelivery[] }> => {
    const own = await database.query<FoundDelivery>(OWN, [webhooks.map(({ seq }) => seq)]);
    const ownSeqs = own.map(({ seq }) => seq);
    const counts = await database.query<ChildCount & { readonly parent: number }>(
      `SELECT parent, status, count(*) AS count FROM delivery WHERE parent = ANY($1::bigint[]) GROUP BY parent, status`,
      [ownSeqs],
    );
    const countsOf = Map.groupBy(counts, ({ parent }) => parent);
    const children = counts.length === 0 ? [] : await database.query<FoundDelivery>(CHILDREN, [ownSeqs, asked]);
    const all = await withAttempts([...own, ...children, ...elsewhere]);
    const storyOf = ({ seq }: FoundDelivery): StoryDelivery[] => {
      const delivery = all.get(seq);
      return delivery ? [delivery] : [];
    };
    const followUpOf = new Map(own.map((delivery) => [delivery.parentSeq, delivery]));
    const childrenBy = Map.groupBy(
      children.filter(({ seq }) => !ownSeqs.includes(seq)),
      ({ parentSeq }) => parentSeq,
    );
    const withChildren = (row: FoundDelivery): StoryDelivery[] => {
      const counted = childrenOf(countsOf.get(row.seq) ?? [], followUpOf.get(row.seq));
      const shown = (childrenBy.get(row.seq) ?? []).toSorted((a, b) => Number(b.id === asked) - Number(a.id === asked));
      return [
        ...storyOf(row).map((delivery) => (counted ? { ...delivery, children: counted } : delivery)),
        ...shown.flatMap(storyOf),
      ];
    };
    const ownBy = Map.groupBy(own, ({ webhookSeq }) => webhookSeq);
    return {
      webhooks: webhooks.map(({ seq, resource: _, ...row }) =>
        toStoryWebhook(row, (ownBy.get(seq) ?? []).flatMap(withChildren)),
      ),
      elsewhere: elsewhere.flatMap(storyOf),
    };
  };

  const resourceOf = async (webhook: FoundWebhook | undefined): Promise<FoundResource[]> =>
    (webhook?.resource ?? null) === null
      ? []
      : await database.query(`SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE r.seq = $1`, [webhook?.resource]);

  return {
    async story(id: string): Promise<Story> {
      const known = await database.query<FoundResource>(
        `SELECT r.seq, ${RESOURCE_COLUMNS} FROM resource r WHERE digest_of(r.id) = digest_of($1)
         ORDER BY r.kind COLLATE "C"`,
        [id],
      );
      const rows = await database.query<FoundWebhook>(WEBHOOKS, [id]);
      const found = known.length > 0 ? known : await resourceOf(rows[0]);
      const toRegistration = known.some(({ kind }) => kind === 'registration')
        ? await database.query<FoundDelivery>(TO_REGISTRATION, [id])
        : [];
      const { webhooks, elsewhere } =
        rows.length === 0 && toRegistration.length === 0
          ? { webhooks: [], elsewhere: [] }
          : await webhooksWithDeliveries(rows, id, toRegistration);
      return {
        ...(elsewhere.length > 0 && { elsewhere }),
        resources: found.map(withoutSeq),
        webhooks,
        // The acts about a resource include those about its webhooks.
        acts:
          found.length > 0
            ? await about({ resources: found.map(({ seq }) => seq) })
            : await about({ webhooks: rows.map(({ seq }) => seq) }),
      };
    },

    failed: (limit: number, before?: string): Promise<StoryDelivery[]> => list(FAILED, [limit, before ?? null]),
    died: (after: number, limit: number): Promise<StoryDelivery[]> => list(DIED, [after, limit]),
    deliveries: ({ limit, offset }: Page): Promise<StoryDelivery[]> => list(NEWEST, [limit, offset]),
    together: (id: string, { limit, offset }: Page): Promise<StoryDelivery[]> => list(TOGETHER, [id, limit, offset]),
  };
};
