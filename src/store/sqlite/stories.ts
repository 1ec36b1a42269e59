import type { DeliveryStatus, Note } from '../../core/delivery.ts';
import type { Page, StoryAttempt, StoryDelivery, StoryWebhook } from '../ports.ts';
import type { Database } from './database.ts';
import { TROUBLED } from './planning.ts';

/** Enough for any booking; an event's thousandth update would only bury what is asked for. */
const MOST_WEBHOOKS = 200;
/** Of those that one delivery came to: what is dead most often is for one reason. */
const MOST_DEAD = 20;
const MOST_ELSEWHERE = 100;

type DeliveryRow = Omit<StoryDelivery, 'attempts' | 'resource' | 'rerunBy' | 'action' | 'parent' | 'children'> & {
  readonly parent: string | null;
  readonly seq: number;
  readonly resourceKind: string | null;
  readonly resourceId: string | null;
  readonly rerunBy: string | null;
  readonly action: string;
};
type AttemptRow = Omit<StoryAttempt, 'detail'> & { readonly detail: string | null };
type WebhookRow = Omit<StoryWebhook, 'oddities' | 'decisions' | 'deliveries' | 'createdAt' | 'changedFrom'> & {
  readonly changedFrom: string | null;
  readonly createdAt: number | null;
  readonly oddities: string | null;
  readonly decisions: string | null;
};

const DELIVERY = `SELECT d.seq, d.id, w.id AS webhookId, w.type, r.kind AS resourceKind, r.id AS resourceId, d.rule, d.kind,
    d.destination, d.status, d.due_at AS dueAt, d.tries, b.id AS supersededBy, d.fingerprint, d.together,
    a.actor AS rerunBy, d.action, p.id AS parent
  FROM delivery d
  JOIN webhook w ON w.seq = d.webhook
  LEFT JOIN routing g ON g.webhook = d.webhook
  LEFT JOIN resource r ON r.seq = g.resource
  LEFT JOIN webhook b ON b.seq = d.superseded_by
  LEFT JOIN act a ON a.seq = d.rerun
  LEFT JOIN delivery p ON p.seq = d.parent`;

// By itself SQLite would go through all deliveries for the sake of their order.
const PENDING_DELIVERY = DELIVERY.replace('FROM delivery d', 'FROM delivery d INDEXED BY delivery_due');

/** Puts together what is known of webhooks and deliveries, attempt by attempt. */
export const stories = (database: Database) => {
  const ofWebhook = database.prepare<DeliveryRow>(
    `${DELIVERY} WHERE d.webhook = ? AND d.parent IS NULL ORDER BY d.seq`,
  );
  const childOf = database.prepare<DeliveryRow>(`${DELIVERY} WHERE d.id = ? AND d.parent = ?`);
  const deadOf = database.prepare<DeliveryRow>(
    `${DELIVERY} WHERE d.parent = ? AND d.status = 'dead' ORDER BY d.seq LIMIT ${MOST_DEAD}`,
  );
  const childCounts = database.prepare<{ status: DeliveryStatus; count: number }>(
    'SELECT status, count(*) AS count FROM delivery WHERE parent = ? GROUP BY status',
  );
  // `}` is what follows `|`, so these are all keys of one registration.
  const toRegistration = database.prepare<DeliveryRow>(
    `${DELIVERY} WHERE d.key >= 'registration:' || ?1 || '|' AND d.key < 'registration:' || ?1 || '}'
       AND d.parent IS NOT NULL ORDER BY d.seq DESC LIMIT ${MOST_ELSEWHERE}`,
  );
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
       g.moved_from AS movedFrom, g.changed_from AS changedFrom, g.decisions, g.oddities
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

  const toDelivery = ({
    seq,
    resourceKind,
    resourceId,
    rerunBy,
    action,
    parent,
    ...row
  }: DeliveryRow): StoryDelivery => ({
    ...row,
    ...(parent !== null && { parent }),
    rerunBy: rerunBy === null ? null : JSON.parse(rerunBy),
    action: JSON.parse(action),
    resource: resourceKind !== null && resourceId !== null ? { kind: resourceKind, id: resourceId } : null,
    attempts: attempts.all(seq).map((attempt) => ({ ...attempt, detail: parseNote(attempt.detail) })),
  });

  /** A delivery, and what it came to: in number, and those of them that are to be told. */
  const withChildren = (row: DeliveryRow, asked: string): StoryDelivery[] => {
    const counts = childCounts.all(row.seq);
    if (counts.length === 0) return [toDelivery(row)];
    const children = { ...NONE, ...Object.fromEntries(counts.map(({ status, count }) => [status, count])) };
    const told = new Map([...childOf.all(asked, row.seq), ...deadOf.all(row.seq)].map((child) => [child.seq, child]));
    return [{ ...toDelivery(row), children }, ...[...told.values()].map(toDelivery)];
  };

  return {
    /** Row numbers of the webhooks of a resource, webhook or delivery, oldest first. */
    webhooksOf: (id: string): number[] =>
      seqs
        .all(id)
        .map(({ seq }) => seq)
        .reverse(),

    /** `asked` is the id that the story is about: of what a delivery came to, it is told by all means. */
    webhook(seq: number, asked: string): StoryWebhook[] {
      const found = webhook.get(seq);
      if (!found) return [];
      const { changedFrom, ...row } = found;
      return [
        {
          ...row,
          ...(changedFrom !== null && { changedFrom: JSON.parse(changedFrom) }),
          createdAt: row.createdAt ?? row.receivedAt,
          oddities: JSON.parse(row.oddities ?? '[]'),
          decisions: JSON.parse(row.decisions ?? '[]'),
          deliveries: ofWebhook.all(seq).flatMap((delivery) => withChildren(delivery, asked)),
        },
      ];
    },

    /** What webhooks of an event came to for one registration, oldest first. */
    toRegistration: (id: string): StoryDelivery[] => toRegistration.all(id).reverse().map(toDelivery),

    failed: (limit: number): StoryDelivery[] =>
      [...dead.all(limit), ...troubled.all(limit)]
        .sort((a, b) => b.seq - a.seq)
        .slice(0, limit)
        .map(toDelivery),

    newest: (page: Page): StoryDelivery[] => newest.all(page.limit, page.offset).map(toDelivery),

    together: (id: string, page: Page): StoryDelivery[] => together.all(id, page.limit, page.offset).map(toDelivery),
  };
};

const NONE: Readonly<Record<DeliveryStatus, number>> = { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 };

const parseNote = (note: string | null): Note | null => (note === null ? null : JSON.parse(note));
