import type { ReceivedWebhook } from '../../core/webhook.ts';
import type { Announce } from './announce.ts';
import type { Database } from './database.ts';
import { isRefusedValue } from './failure.ts';
import { inGroups } from './grouping.ts';
import { resourceNameIn } from './resources.ts';

type Answer = 'stored' | 'duplicate';

/** How many groups are committed concurrently, each on a connection of its own. */
export const MOST_UNDER_WAY = 2;
/** Limits of a group, so that a commit stays short for those who wait for it; bytes are those of the bodies. */
const MOST_IN_A_GROUP = 512;
const MOST_BYTES = 8_000_000;
/** Milliseconds after which accept() rejects: WebKasa itself gives up not much later. */
export const ANSWER_WITHIN = 5_000;

/*
 * Numbered in order of arrival, but inserted in the order of their digests: processes that receive the same webhooks at the
 * same time then lock rows in the same order and can't deadlock. Of several copies in a group the first is kept.
 */
const ACCEPT = `WITH given AS MATERIALIZED (
    SELECT nextval('webhook_seq_seq') AS seq, g.place, g.id, g.type, g.received_at,
      substring($4::bytea FROM g.start FOR g.length) AS body, g.resource
    FROM unnest($1::text[], $2::text[], $3::bigint[], $5::integer[], $6::integer[], $7::text[])
      WITH ORDINALITY AS g (id, type, received_at, start, length, resource, place)),
  fresh AS (
    INSERT INTO webhook (seq, id, type, received_at, body)
    SELECT seq, id, type, received_at, body FROM given ORDER BY digest_of(id), seq
    ON CONFLICT (digest_of(id)) DO NOTHING RETURNING seq),
  waiting AS (
    INSERT INTO unrouted (webhook, resource) SELECT g.seq, g.resource FROM given g JOIN fresh USING (seq))
  SELECT g.place FROM given g JOIN fresh USING (seq)`;

/**
 * Accepts webhooks in groups: those that arrive during a commit share the next one. Resolves once the webhook is committed.
 * Rejects if that fails or takes longer than ANSWER_WITHIN; the webhook may have been stored all the same. `database` needs
 * MOST_UNDER_WAY connections whose statements are limited to ANSWER_WITHIN.
 */
export const accepting = (database: Pick<Database, 'query'>, announce: Pick<Announce, 'soon'>) => {
  const write = async (webhooks: readonly ReceivedWebhook[]): Promise<Answer[]> => {
    let end = 1;
    const starts = webhooks.map(({ body }) => {
      end += body.length;
      return end - body.length;
    });
    const rows = await database.query<{ place: number }>(ACCEPT, [
      webhooks.map(({ id }) => id),
      webhooks.map(({ type }) => type),
      webhooks.map(({ receivedAt }) => receivedAt),
      // Concatenated: one bytea parameter is sent as it is, the elements of an array in hexadecimal, twice as long.
      Buffer.concat(webhooks.map(({ body }) => body)),
      starts,
      webhooks.map(({ body }) => body.length),
      webhooks.map(({ body }) => resourceNameIn(body)),
    ]);
    if (rows.length > 0) announce.soon('route');
    const stored = new Set(rows.map(({ place }) => place - 1));
    return webhooks.map((_, place) => (stored.has(place) ? 'stored' : 'duplicate'));
  };

  return inGroups<ReceivedWebhook, Answer>({
    underWay: MOST_UNDER_WAY,
    most: MOST_IN_A_GROUP,
    weight: { of: ({ body }) => body.length, most: MOST_BYTES },
    within: ANSWER_WITHIN,
    run: write,
    // A webhook that the database refuses must not fail the others of its group.
    ofOne: isRefusedValue,
  });
};
