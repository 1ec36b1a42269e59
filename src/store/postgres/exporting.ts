import type { ExportedDelivery, ExportedResource, ExportStore, NextPage, Span } from '../export-ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from '../resource-row.ts';
import type { Database } from './database.ts';

type Added = Pick<ExportedResource, 'seq' | 'firstAt' | 'lastAt' | 'eventTitle' | 'eventStartsAt'>;
type Row = ResourceRow & Added;

const FIRST = '(SELECT min(g.created_at) FROM routing g WHERE g.resource = r.seq)';
const LAST = '(SELECT max(g.created_at) FROM routing g WHERE g.resource = r.seq)';

/** Whether `time` is within the span, whose limits may be null. An unknown time fits only a span without limits. */
const within = (time: string): string =>
  `($2::bigint IS NULL OR ${time} >= $2::bigint) AND ($3::bigint IS NULL OR ${time} < $3::bigint)`;

/** Keyset paging by row number, so that the hundredth page costs as much as the first. */
const resourcesBy = (time: string): string =>
  `SELECT r.seq, ${RESOURCE_COLUMNS}, ${FIRST} AS "firstAt", ${LAST} AS "lastAt",
     e.title AS "eventTitle", e.starts_at AS "eventStartsAt"
   FROM resource r
   LEFT JOIN resource e ON digest_of(e.id) = digest_of(r.event_id) AND digest_of(e.kind) = digest_of('event')
   WHERE r.seq > $1 AND r.kind = $5 AND ${within(time)} ORDER BY r.seq LIMIT $4`;

const DELIVERIES = `SELECT d.seq, d.id, g.decided_at AS "plannedAt", d.status, d.kind, d.destination, d.rule, d.tries,
    coalesce(a.ended_at, a.started_at) AS "attemptedAt", a.outcome, a.message, w.type, w.id AS "webhookId",
    r.id AS "resourceId"
  FROM (
    SELECT d.* FROM delivery d JOIN routing g ON g.webhook = d.webhook
    WHERE d.seq > $1 AND ${within('g.decided_at')} ORDER BY d.seq LIMIT $4
  ) d
  JOIN webhook w ON w.seq = d.webhook
  JOIN routing g ON g.webhook = d.webhook
  LEFT JOIN resource r ON r.seq = g.resource
  LEFT JOIN LATERAL (SELECT * FROM attempt WHERE delivery = d.seq ORDER BY seq DESC LIMIT 1) a ON true
  ORDER BY d.seq`;

/** The ExportStore port. */
export const exporting = (database: Database): ExportStore => ({
  async exportResources(kind: string, { from, to }: Span, { after, limit }: NextPage): Promise<ExportedResource[]> {
    const statement = resourcesBy(kind === 'booking' || kind === 'event' ? 'r.starts_at' : FIRST);
    const rows = await database.query<Row>(statement, [after, from, to, limit, kind]);
    return rows.map(({ seq, firstAt, lastAt, eventTitle, eventStartsAt, ...row }) => ({
      ...toResource(row),
      ...{ seq, firstAt, lastAt, eventTitle, eventStartsAt },
    }));
  },

  exportDeliveries: ({ from, to }: Span, { after, limit }: NextPage): Promise<ExportedDelivery[]> =>
    database.query<ExportedDelivery>(DELIVERIES, [after, from, to, limit]),
});
