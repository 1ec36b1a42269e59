import type { Note } from '../../core/delivery.ts';
import type { DeliveryStore, Settlement } from '../ports.ts';
import type { Announce } from './announce.ts';
import type { Database, Sql } from './database.ts';
import { plan } from './planning.ts';

// An attempt that has ended is left as it is: an earlier try was committed though its answer was lost, or another process
// declared this one dead and recovered the attempt.
const END = `UPDATE attempt SET ended_at = $2, outcome = $3, unclear = $4, code = $5, message = $6, detail = $7
  WHERE seq = $1 AND outcome = 'running' RETURNING delivery`;
const DONE = `WITH ended AS (${END})
  UPDATE delivery d SET status = 'done', fingerprint = $8, together = $9 FROM ended WHERE d.seq = ended.delivery
  RETURNING d.seq, d.webhook, d.rerun`;
const NOT_DONE = `WITH ended AS (${END})
  UPDATE delivery d SET status = $8, due_at = $9, tries = tries - $10 FROM ended WHERE d.seq = ended.delivery
  RETURNING d.kind`;
const NOTE = 'UPDATE attempt SET note = $2 WHERE seq = $1';

type Origin = { readonly seq: number; readonly webhook: number; readonly rerun: number | null };
type Done = Extract<Settlement['outcome'], { status: 'done' }>;

/** The part of the DeliveryStore port that records the outcomes of attempts. */
export const settling = (
  database: Database,
  announce: Pick<Announce, 'within'>,
): Pick<DeliveryStore, 'note' | 'settle'> => {
  const settleDone = async (sql: Sql, { attempt, at }: Settlement, { receipt, planned = [] }: Done): Promise<void> => {
    const { summary, detail, fingerprint = null, together = null } = receipt;
    const [origin] = await sql.query<Origin>(DONE, [
      attempt,
      at,
      'done',
      false,
      null,
      summary,
      detail ? JSON.stringify(detail) : null,
      fingerprint,
      together,
    ]);
    if (!origin || planned.length === 0) return;
    // Children belong to the same webhook and rerun as their parent.
    const { seq: parent, webhook, rerun } = origin;
    await announce.within(sql, await plan(sql, planned, { webhook, dueAt: at, rerun, parent }));
  };

  return {
    async note(attempt: number, note: Note): Promise<void> {
      await database.query(NOTE, [attempt, JSON.stringify(note)]);
    },

    async settle(settlement: Settlement): Promise<void> {
      const { attempt, at, outcome } = settlement;
      if (outcome.status === 'done') {
        if (outcome.planned?.length) await database.transaction((sql) => settleDone(sql, settlement, outcome));
        else await settleDone(database, settlement, outcome);
        return;
      }
      const { verdict, unclear, code, message, status, dueAt, counts } = outcome;
      const values = [attempt, at, verdict, unclear, code, message, null, status, dueAt, counts ? 0 : 1];
      await database.query(NOT_DONE, values);
    },
  };
};
