import type { Rejection } from '../ports.ts';
import type { Database } from './database.ts';
import type { KnownIds } from './known-ids.ts';

const KEPT_REJECTIONS = 50;

/** The WebhookInbox port, as plain calls inside the writer's transaction. */
export const inbox = (database: Database, known: Pick<KnownIds, 'has' | 'add'>) => {
  const insert = database.prepare('INSERT INTO webhook (id, type, received_at, body) VALUES (?, ?, ?, ?)');
  const queue = database.prepare('INSERT INTO unrouted (webhook) VALUES (?)');
  const keep = database.prepare('INSERT INTO rejection (at, reason, remote, bytes, user_agent) VALUES (?, ?, ?, ?, ?)');
  const trim = database.prepare(
    `DELETE FROM rejection WHERE seq <= (SELECT max(seq) FROM rejection) - ${KEPT_REJECTIONS}`,
  );
  const count = database.prepare(
    `INSERT INTO rejection_count (reason, count, last_at) VALUES (?, 1, ?)
     ON CONFLICT (reason) DO UPDATE SET count = count + 1, last_at = excluded.last_at`,
  );
  return {
    /** `bytes` is the body in latin1, one character a byte: strings cross between threads faster than buffers. */
    accept(id: string, type: string, receivedAt: number, bytes: string): 'stored' | 'duplicate' {
      if (known.has(id)) return 'duplicate';
      const { lastRowid } = insert.run(id, type, receivedAt, Buffer.from(bytes, 'latin1'));
      queue.run(lastRowid);
      known.add(id, lastRowid);
      return 'stored';
    },

    recordRejections(rejections: readonly Rejection[]): void {
      for (const rejection of rejections) count.run(rejection.reason, rejection.at);
      for (const { at, reason, remote, bytes, userAgent } of rejections.slice(-KEPT_REJECTIONS)) {
        keep.run(at, reason, remote, bytes, userAgent);
      }
      trim.run();
    },
  };
};
