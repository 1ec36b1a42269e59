import type { Act } from '../../core/actor.ts';
import type { Page } from '../ports.ts';
import type { Database } from './database.ts';

type ActRow = Omit<Act, 'by'> & { readonly seq: number; readonly actor: string };

const ACT = 'SELECT a.seq, a.at, a.actor, a.kind, a.subject, a.summary FROM act a';

const toAct = ({ seq: _, actor, ...row }: ActRow): Act => ({ ...row, by: JSON.parse(actor) });

/** Records acts of people, in the transaction that carries them out. */
export const actKeeping = (database: Database) => {
  const insert = database.prepare(
    'INSERT INTO act (at, actor, kind, subject, summary, token) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return {
    /** Returns its row number. */
    keep: ({ at, by, kind, subject, summary }: Act, token: string | null = null): number =>
      insert.run(at, JSON.stringify(by), kind, subject, summary, token).lastRowid,
  };
};

/** Reads the acts of people. */
export const actTelling = (database: Database) => {
  const newest = database.prepare<ActRow>(`${ACT} ORDER BY a.seq DESC LIMIT ? OFFSET ?`);
  const newestAbout = database.prepare<ActRow>(`${ACT} WHERE a.subject = ? ORDER BY a.seq DESC LIMIT ? OFFSET ?`);
  const ofResource = database.prepare<ActRow>(
    `${ACT} WHERE a.subject IN (
       SELECT id FROM resource WHERE seq = ?1
       UNION SELECT w.id FROM routing g CROSS JOIN webhook w ON w.seq = g.webhook WHERE g.resource = ?1
       UNION SELECT d.id FROM routing g CROSS JOIN delivery d ON d.webhook = g.webhook WHERE g.resource = ?1)`,
  );
  const ofWebhook = database.prepare<ActRow>(
    `${ACT} WHERE a.subject IN (
       SELECT id FROM webhook WHERE seq = ?1 UNION SELECT id FROM delivery WHERE webhook = ?1)`,
  );
  return {
    acts: ({ limit, offset }: Page, subject?: string): Act[] =>
      (subject === undefined ? newest.all(limit, offset) : newestAbout.all(subject, limit, offset)).map(toAct),

    /** Acts on resources with all their webhooks and deliveries, and on webhooks with their deliveries; oldest first. */
    about(resources: readonly number[], webhooks: readonly number[]): Act[] {
      const rows = [
        ...resources.flatMap((seq) => ofResource.all(seq)),
        ...webhooks.flatMap((seq) => ofWebhook.all(seq)),
      ];
      const bySeq = new Map(rows.map((row) => [row.seq, row]));
      return [...bySeq.values()].sort((a, b) => a.seq - b.seq).map(toAct);
    },
  };
};
