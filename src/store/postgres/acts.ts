import type { Act } from '../../core/actor.ts';
import type { Page } from '../ports.ts';
import type { Database, Sql } from './database.ts';

type ActRow = Omit<Act, 'by'> & { readonly actor: string };

const ACT = 'SELECT a.at, a.actor, a.kind, a.subject, a.summary FROM act a';

const toAct = ({ actor, ...row }: ActRow): Act => ({ ...row, by: JSON.parse(actor) });

/**
 * Records an act, to be called in the transaction of what was done. Returns its row number; undefined, with nothing written,
 * if an act with this token was recorded before.
 */
export const keepAct = async (
  sql: Sql,
  { at, by, kind, subject, summary }: Act,
  token: string | null = null,
): Promise<number | undefined> => {
  const [kept] = await sql.query<{ seq: number }>(
    `INSERT INTO act (at, actor, kind, subject, summary, token) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (digest_of(token)) DO NOTHING RETURNING seq`,
    [at, JSON.stringify(by), kind, subject, summary, token],
  );
  return kept?.seq;
};

/** The digests of the ids of resources, of their webhooks, and of the deliveries of these. */
const OF_RESOURCES = `SELECT digest_of(id) FROM resource WHERE seq = ANY($1::bigint[])
  UNION SELECT digest_of(w.id) FROM routing g JOIN webhook w ON w.seq = g.webhook WHERE g.resource = ANY($1::bigint[])
  UNION SELECT digest_of(d.id) FROM routing g JOIN delivery d ON d.webhook = g.webhook WHERE g.resource = ANY($1::bigint[])`;

const OF_WEBHOOKS = `SELECT digest_of(id) FROM webhook WHERE seq = ANY($1::bigint[])
  UNION SELECT digest_of(id) FROM delivery WHERE webhook = ANY($1::bigint[])`;

const about = (subjects: string): string =>
  `${ACT} WHERE digest_of(a.subject) = ANY (ARRAY(${subjects})) ORDER BY a.seq`;

/** Reads what people have done. */
export const actTelling = (database: Database) => ({
  async acts({ limit, offset }: Page, subject?: string): Promise<readonly Act[]> {
    const rows =
      subject === undefined
        ? await database.query<ActRow>(`${ACT} ORDER BY a.seq DESC LIMIT $1 OFFSET $2`, [limit, offset])
        : await database.query<ActRow>(
            `${ACT} WHERE digest_of(a.subject) = digest_of($3) ORDER BY a.seq DESC LIMIT $1 OFFSET $2`,
            [limit, offset, subject],
          );
    return rows.map(toAct);
  },

  /** What was done to resources or webhooks (given by `seq`), and to their webhooks and deliveries; oldest first. */
  async about(what: { readonly resources: readonly number[] } | { readonly webhooks: readonly number[] }) {
    const [statement, seqs] =
      'resources' in what ? [about(OF_RESOURCES), what.resources] : [about(OF_WEBHOOKS), what.webhooks];
    const rows = seqs.length === 0 ? [] : await database.query<ActRow>(statement, [seqs]);
    return rows.map(toAct);
  },
});
