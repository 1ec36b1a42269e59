import { resourceKey } from '../../core/resource.ts';
import { parseWebhook, type ReceivedWebhook } from '../../core/webhook.ts';
import type { Announce } from './announce.ts';
import type { Database } from './database.ts';
import { DatabaseFailure, isRefusedValue } from './failure.ts';

type Answer = 'stored' | 'duplicate';
type Waiting = { readonly webhook: ReceivedWebhook; resolve(answer: Answer): void; reject(error: unknown): void };

/** Groups that are committed at the same time: while one waits for the disk, the next is on its way. */
export const MOST_UNDER_WAY = 2;
/** Keep one commit short enough that nobody waits long behind it; bytes are those of the bodies. */
const MOST_IN_A_GROUP = 512;
const MOST_BYTES = 8_000_000;
/** Milliseconds after which whoever waits is told that it failed: WebKasa itself gives up not much later. */
export const ANSWER_WITHIN = 5_000;

/*
 * Numbered in the order they came, written in the order of their ids: two processes that are sent the same webhooks at the
 * same time wait for each other in one order, not in a circle. Of several copies the first is kept.
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
 * Accepts webhooks in groups: what comes while a commit is under way shares the next one. Answers when it is committed;
 * where that can't be done, or takes longer than five seconds, rejects, and it may have been kept all the same.
 * Of `database` it takes MOST_UNDER_WAY connections, whose statements may take ANSWER_WITHIN.
 */
export const accepting = (database: Pick<Database, 'query'>, announce: Pick<Announce, 'soon'>) => {
  let waiting: Waiting[] = [];
  let underWay = 0;
  let _soon: NodeJS.Immediate | undefined;

  /** The places within the group of those that were new. */
  const write = async (group: readonly Waiting[]): Promise<Set<number>> => {
    const webhooks = group.map(({ webhook }) => webhook);
    let end = 1;
    const starts = webhooks.map(({ body }) => {
      end += body.length;
      return end - body.length;
    });
    const rows = await database.query<{ place: number }>(ACCEPT, [
      webhooks.map(({ id }) => id),
      webhooks.map(({ type }) => type),
      webhooks.map(({ receivedAt }) => receivedAt),
      // As one, since bytes cross as they are, and in a list each as two hexadecimal digits.
      Buffer.concat(webhooks.map(({ body }) => body)),
      starts,
      webhooks.map(({ body }) => body.length),
      webhooks.map(resourceNameOf),
    ]);
    return new Set(rows.map(({ place }) => place - 1));
  };

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const stored = await write(group);
      for (const [place, one] of group.entries()) one.resolve(stored.has(place) ? 'stored' : 'duplicate');
      if (stored.size > 0) announce.soon('route');
    } catch (error) {
      // One that the database can't take must not take its neighbours along.
      if (group.length > 1 && isRefusedValue(error)) for (const one of group) await commit([one]);
      else for (const one of group) one.reject(error);
    }
  };

  const take = (): Waiting[] => {
    let bytes = 0;
    const end = waiting.findIndex(({ webhook }, index) => {
      bytes += webhook.body.length;
      return index === MOST_IN_A_GROUP || (index > 0 && bytes > MOST_BYTES);
    });
    return waiting.splice(0, end === -1 ? waiting.length : end);
  };

  const send = (): void => {
    _soon = undefined;
    while (waiting.length > 0 && underWay < MOST_UNDER_WAY) {
      underWay += 1;
      void commit(take()).finally(() => {
        underWay -= 1;
        send();
      });
    }
  };

  return (webhook: ReceivedWebhook): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const one = { webhook, resolve, reject };
    waiting.push(one);
    const late = setTimeout(() => {
      waiting = waiting.filter((other) => other !== one);
      reject(new DatabaseFailure('The database did not answer in time.'));
    }, ANSWER_WITHIN);
    // What comes in the same turn of the event loop goes together.
    _soon ??= setImmediate(send);
    return promise.finally(() => clearTimeout(late));
  };
};

/** As `booking:bk_1`; null for what names no resource, which waits for nothing else. */
const resourceNameOf = ({ body }: ReceivedWebhook): string | null => {
  const parsed = parseWebhook(body);
  const key = 'webhook' in parsed ? resourceKey(parsed.webhook) : undefined;
  return key ? `${key.kind}:${key.id}` : null;
};
