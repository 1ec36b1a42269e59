import type { Rejection, WebhookInbox } from '../ports.ts';
import { accepting } from './accepting.ts';
import type { Announce } from './announce.ts';
import type { Database } from './database.ts';

const KEPT_REJECTIONS = 50;

// In the order of the reasons, so that two processes can't deadlock.
const COUNT = `INSERT INTO rejection_count (reason, count, last_at)
  SELECT g.reason, count(*), max(g.at) FROM unnest($1::text[], $2::bigint[]) AS g (reason, at)
  GROUP BY g.reason ORDER BY g.reason
  ON CONFLICT (reason) DO UPDATE SET count = rejection_count.count + excluded.count, last_at = excluded.last_at`;
const KEEP = `INSERT INTO rejection (at, reason, remote, bytes, user_agent)
  SELECT g.at, g.reason, g.remote, g.bytes, g.user_agent
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
    AS g (at, reason, remote, bytes, user_agent, place) ORDER BY g.place`;
const TRIM = `DELETE FROM rejection WHERE seq < (SELECT seq FROM rejection ORDER BY seq DESC LIMIT 1 OFFSET ${KEPT_REJECTIONS - 1})`;

export type InboxDeps = {
  readonly database: Database;
  /** Connections reserved for accepting, for whose commit WebKasa waits. */
  readonly entrance: Pick<Database, 'query'>;
  readonly announce: Pick<Announce, 'soon'>;
};

/** The WebhookInbox port. */
export const inbox = ({ database, entrance, announce }: InboxDeps): WebhookInbox => ({
  accept: accepting(entrance, announce),

  async recordRejections(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    const kept = rejections.slice(-KEPT_REJECTIONS);
    await database.transaction(async (sql) => {
      await sql.query(COUNT, [rejections.map(({ reason }) => reason), rejections.map(({ at }) => at)]);
      await sql.query(KEEP, [
        kept.map(({ at }) => at),
        kept.map(({ reason }) => reason),
        kept.map(({ remote }) => remote),
        kept.map(({ bytes }) => bytes),
        kept.map(({ userAgent }) => userAgent),
      ]);
      await sql.query(TRIM);
    });
  },
});
