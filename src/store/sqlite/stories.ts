import type { Note } from '../../core/delivery.ts';
import type { Page, StoryAttempt, StoryDelivery, StoryWebhook } from '../ports.ts';
import type { Database } from './database.ts';
import { TROUBLED } from './planning.ts';

/** Enough for any booking; an event's thousandth update would only bury what is asked for. */
const MOST_WEBHOOKS = 200;

type DeliveryRow = Omit<StoryDelivery, 'attempts' | 'resource' | 'rerunBy' | 'action'> & {
  readonly seq: number;
  readonly resourceKind: string | null;
  readonly resourceId: string | null;
  readonly rerunBy: string | null;
  readonly action: string;
};
type AttemptRow = Omit<StoryAttempt, 'detail'> & { readonly detail: string | null };
type WebhookRow = Omit<StoryWebhook, 'oddities' | 'decisions' | 'deliveries' | 'createdAt'> & {
  readonly createdAt: number | null;
  readonly oddities: string | null;
  readonly decisions: string | null;
};

const DELIVERY = `SELECT d.seq, d.id, w.id AS webhookId, w.type, r.kind AS resourceKind, r.id AS resourceId, d.rule, d.kind,
    d.destination, d.status, d.due_at AS dueAt, d.tries, b.id AS supersededBy, d.fingerprint, d.together,
    a.actor AS rerunBy, d.action
  FROM delivery d
  JOIN webhook w ON w.seq = d.webhook
  LEFT JOIN routing g ON g.webhook = d.webhook
  LEFT JOIN resource r ON r.seq = g.resource
  LEFT JOIN webhook b ON b.seq = d.superseded_by
  LEFT JOIN act a ON a.seq = d.rerun`;

// By itself SQLite would go through all deliveries for the sake of their order.
const PENDING_DELIVERY = DELIVERY.replace('FROM delivery d', 'FROM delivery d INDEXED BY delivery_due');

/** Puts together what is known of webhooks and deliveries, attempt by attempt. */
export const stories = (database: Database) => {
  const ofWebhook = database.prepare<DeliveryRow>(`${DELIVERY} WHERE d.webhook = ? ORDER BY d.seq`);
  const newest = database.prepare<DeliveryRow>(`${DELIVERY} ORDER BY d.seq DESC LIMIT ? OFFSET ?`);
  // Asked for one status at a time, each has an index to answer from.
  const dead = database.prepare<DeliveryRow>(
    `${DELIVERY} WHERE d.${TROUBLED} AND d.status = 'dead' ORDER BY d.seq DESC LIMIT ?`,
  );
  const troubled = database.prepare<DeliveryRow>(
    `${PENDING_DELIVERY} WHERE d.status = 'pending' AND EXISTS (SELECT 1 FROM attempt a WHERE a.delivery = d.seq)
     ORDER BY d.seq DESC LIMIT ?`,
  );
  const together = database.prepare<DeliveryRow>(`${DELIVERY} WHERE d.together = ? ORDER BY d.seq LIMIT ? OFFSET ?`);
  const attempts = database.prepare<AttemptRow>(
    `SELECT started_at AS startedAt, ended_at AS endedAt, outcome, code, message, detail
     FROM attempt WHERE delivery = ? ORDER BY seq`,
  );
  const webhook = database.prepare<WebhookRow>(
    `SELECT w.id, w.type, w.received_at AS receivedAt, w.body, g.created_at AS createdAt, g.decided_at AS decidedAt,
       g.moved_from AS movedFrom, g.decisions, g.oddities
     FROM webhook w LEFT JOIN routing g ON g.webhook = w.seq WHERE w.seq = ?`,
  );
  // CROSS JOIN keeps SQLite from looking through all webhooks for those that wait (sqlite.org/optoverview.html §9.2).
  const seqs = database.prepare<{ seq: number }>(
    `SELECT seq FROM (
       SELECT g.webhook AS seq FROM resource r JOIN routing g ON g.resource = r.seq WHERE r.id = ?1
       UNION SELECT webhook FROM webhook_id WHERE id = ?1
       UNION SELECT w.seq FROM unrouted u CROSS JOIN webhook w ON w.seq = u.webhook WHERE w.id = ?1
       UNION SELECT webhook FROM delivery WHERE id = ?1
     ) ORDER BY seq DESC LIMIT ${MOST_WEBHOOKS}`,
  );

  const toDelivery = ({ seq, resourceKind, resourceId, rerunBy, action, ...row }: DeliveryRow): StoryDelivery => ({
    ...row,
    rerunBy: rerunBy === null ? null : JSON.parse(rerunBy),
    action: JSON.parse(action),
    resource: resourceKind !== null && resourceId !== null ? { kind: resourceKind, id: resourceId } : null,
    attempts: attempts.all(seq).map((attempt) => ({ ...attempt, detail: parseNote(attempt.detail) })),
  });

  return {
    /** Row numbers of the webhooks of a resource, webhook or delivery, oldest first. */
    webhooksOf: (id: string): number[] =>
      seqs
        .all(id)
        .map(({ seq }) => seq)
        .reverse(),

    webhook(seq: number): StoryWebhook[] {
      const row = webhook.get(seq);
      if (!row) return [];
      return [
        {
          ...row,
          createdAt: row.createdAt ?? row.receivedAt,
          oddities: JSON.parse(row.oddities ?? '[]'),
          decisions: JSON.parse(row.decisions ?? '[]'),
          deliveries: ofWebhook.all(seq).map(toDelivery),
        },
      ];
    },

    failed: (limit: number): StoryDelivery[] =>
      [...dead.all(limit), ...troubled.all(limit)]
        .sort((a, b) => b.seq - a.seq)
        .slice(0, limit)
        .map(toDelivery),

    newest: (page: Page): StoryDelivery[] => newest.all(page.limit, page.offset).map(toDelivery),

    together: (id: string, page: Page): StoryDelivery[] => together.all(id, page.limit, page.offset).map(toDelivery),
  };
};

const parseNote = (note: string | null): Note | null => (note === null ? null : JSON.parse(note));
