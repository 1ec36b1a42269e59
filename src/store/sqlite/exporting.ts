import type { ExportedDelivery, ExportedResource, NextPage, Span } from '../export-ports.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from '../resource-row.ts';
import type { Database } from './database.ts';

type Added = Pick<ExportedResource, 'seq' | 'firstAt' | 'lastAt' | 'eventTitle' | 'eventStartsAt'>;
type Row = ResourceRow & Added;

const FIRST = '(SELECT min(g.created_at) FROM routing g WHERE g.resource = r.seq)';
const LAST = '(SELECT max(g.created_at) FROM routing g WHERE g.resource = r.seq)';

/** Within a span of which either end may be null; a row without a time is only within a span open at both ends. */
const within = (time: string): string => `(?2 IS NULL OR ${time} >= ?2) AND (?3 IS NULL OR ${time} < ?3)`;

/** Keyset pagination by row number, so that the hundredth page costs no more than the first. */
const resourcesBy = (time: string): string =>
  `SELECT r.seq, ${RESOURCE_COLUMNS}, ${FIRST} AS firstAt, ${LAST} AS lastAt,
     e.title AS eventTitle, e.starts_at AS eventStartsAt
   FROM resource r LEFT JOIN resource e ON e.id = r.event_id AND e.kind = 'event'
   WHERE r.seq > ?1 AND r.kind = ?5 AND ${within(time)} ORDER BY r.seq LIMIT ?4`;

/** The ExportStore port, as plain calls. */
export const exporting = (database: Database) => {
  const byStart = database.prepare<Row>(resourcesBy('r.starts_at'));
  const byFirst = database.prepare<Row>(resourcesBy(FIRST));
  const deliveries = database.prepare<ExportedDelivery>(
    `SELECT d.seq, d.id, g.decided_at AS plannedAt, d.status, d.kind, d.destination, d.rule, d.tries,
       coalesce(a.ended_at, a.started_at) AS attemptedAt, a.outcome, a.message, w.type, w.id AS webhookId, r.id AS resourceId
     FROM delivery d
     JOIN webhook w ON w.seq = d.webhook
     JOIN routing g ON g.webhook = d.webhook
     LEFT JOIN resource r ON r.seq = g.resource
     LEFT JOIN attempt a ON a.seq = (SELECT max(seq) FROM attempt WHERE delivery = d.seq)
     WHERE d.seq > ?1 AND ${within('g.decided_at')} ORDER BY d.seq LIMIT ?4`,
  );
  return {
    exportResources(kind: string, { from, to }: Span, { after, limit }: NextPage): ExportedResource[] {
      const statement = kind === 'booking' || kind === 'event' ? byStart : byFirst;
      const rows = statement.all(after, from, to, limit, kind);
      return rows.map(({ seq, firstAt, lastAt, eventTitle, eventStartsAt, ...row }) => ({
        ...toResource(row),
        ...{ seq, firstAt, lastAt, eventTitle, eventStartsAt },
      }));
    },
    exportDeliveries: ({ from, to }: Span, { after, limit }: NextPage): ExportedDelivery[] =>
      deliveries.all(after, from, to, limit),
  };
};
