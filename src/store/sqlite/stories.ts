import type { Page, StoryDelivery, StoryWebhook } from '../ports.ts';
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
import type { Database } from './database.ts';
import { TROUBLED } from './planning.ts';

type FoundRow = DeliveryRow & { readonly seq: number };

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

const DIED_AT = '(SELECT max(t.ended_at) FROM attempt t WHERE t.delivery = d.seq)';

// Left to itself, SQLite would scan all deliveries to have them in order.
const PENDING_DELIVERY = DELIVERY.replace('FROM delivery d', 'FROM delivery d INDEXED BY delivery_due');

/** Reads webhooks and deliveries with all their attempts. */
export const stories = (database: Database) => {
  const ofWebhook = database.prepare<FoundRow>(
    `${DELIVERY} WHERE d.webhook = ?1 AND d.parent IS NULL
     UNION ALL ${DELIVERY} WHERE d.id IN (SELECT ${FOLLOW_UP_ID} FROM delivery o WHERE o.webhook = ?1 AND ${MAY_BE_FOLLOWED})
     ORDER BY 1`,
  );
  const childOf = database.prepare<FoundRow>(`${DELIVERY} WHERE d.id = ? AND d.parent = ?`);
  const deadOf = database.prepare<FoundRow>(
    `${DELIVERY} WHERE d.parent = ? AND d.status = 'dead' ORDER BY d.seq LIMIT ${MOST_DEAD}`,
  );
  const childCounts = database.prepare<ChildCount>(
    'SELECT status, count(*) AS count FROM delivery WHERE parent = ? GROUP BY status',
  );
  // `}` is the character after `|`, so this is the range of all keys of one registration.
  const toRegistration = database.prepare<FoundRow>(
    `${DELIVERY} WHERE d.key >= 'registration:' || ?1 || '|' AND d.key < 'registration:' || ?1 || '}'
       AND d.parent IS NOT NULL ORDER BY d.seq DESC LIMIT ${MOST_ELSEWHERE}`,
  );
  const newest = database.prepare<FoundRow>(`${DELIVERY} ORDER BY d.seq DESC LIMIT ? OFFSET ?`);
  // One query for each status, so that each is answered from an index.
  const dead = database.prepare<FoundRow>(
    `${DELIVERY} WHERE d.${TROUBLED} AND d.status = 'dead' AND d.seq < ? ORDER BY d.seq DESC LIMIT ?`,
  );
  const troubled = database.prepare<FoundRow>(
    `${PENDING_DELIVERY} WHERE d.status = 'pending' AND d.seq < ?
       AND EXISTS (SELECT 1 FROM attempt a WHERE a.delivery = d.seq)
     ORDER BY d.seq DESC LIMIT ?`,
  );
  const seqOf = database.prepare<{ seq: number }>('SELECT seq FROM delivery WHERE id = ?');
  // Not by `seq`: what was planned first may die last, after days of tries.
  const died = database.prepare<FoundRow>(
    `${DELIVERY} WHERE d.${TROUBLED} AND d.status = 'dead' AND ${DIED_AT} > ? ORDER BY ${DIED_AT} DESC LIMIT ?`,
  );
  const together = database.prepare<FoundRow>(`${DELIVERY} WHERE d.together = ? ORDER BY d.seq LIMIT ? OFFSET ?`);
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

  const toDelivery = ({ seq, ...row }: FoundRow): StoryDelivery => toStoryDelivery(row, attempts.all(seq));

  /** A delivery with the counts of its children, and those children that a story shows: the one asked for and dead ones. */
  const withChildren = (row: FoundRow, asked: string, followUp: FoundRow | undefined): StoryDelivery[] => {
    const children = childrenOf(childCounts.all(row.seq), followUp);
    if (!children) return [toDelivery(row)];
    const told = new Map([...childOf.all(asked, row.seq), ...deadOf.all(row.seq)].map((child) => [child.seq, child]));
    if (followUp) told.delete(followUp.seq);
    return [{ ...toDelivery(row), children }, ...[...told.values()].map(toDelivery)];
  };

  return {
    /** Row numbers of the webhooks of a resource, webhook or delivery, oldest first. */
    webhooksOf: (id: string): number[] =>
      seqs
        .all(id)
        .map(({ seq }) => seq)
        .reverse(),

    /** `asked` is the id that the story is about: a child delivery with that id is always included. */
    webhook(seq: number, asked: string): StoryWebhook[] {
      const found = webhook.get(seq);
      if (!found) return [];
      const own = ofWebhook.all(seq);
      const followUpOf = new Map(own.map((delivery) => [delivery.parent, delivery]));
      return [
        toStoryWebhook(
          found,
          own.flatMap((delivery) => withChildren(delivery, asked, followUpOf.get(delivery.id))),
        ),
      ];
    },

    /** Child deliveries to one registration that webhooks of its event led to, oldest first. */
    toRegistration: (id: string): StoryDelivery[] => toRegistration.all(id).reverse().map(toDelivery),

    failed(limit: number, before?: string): StoryDelivery[] {
      const below = before === undefined ? Number.MAX_SAFE_INTEGER : (seqOf.get(before)?.seq ?? 0);
      return [...dead.all(below, limit), ...troubled.all(below, limit)]
        .sort((a, b) => b.seq - a.seq)
        .slice(0, limit)
        .map(toDelivery);
    },

    died: (after: number, limit: number): StoryDelivery[] => died.all(after, limit).map(toDelivery),

    newest: (page: Page): StoryDelivery[] => newest.all(page.limit, page.offset).map(toDelivery),

    together: (id: string, page: Page): StoryDelivery[] => together.all(id, page.limit, page.offset).map(toDelivery),
  };
};
