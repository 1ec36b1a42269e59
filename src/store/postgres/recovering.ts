import type { DeliveryStore } from '../ports.ts';
import type { Database } from './database.ts';
import { ALIVE, type Presence } from './workers.ts';

/**
 * Ends the attempts of workers that are not alive, and releases the webhooks they had claimed for routing. `$2` is a worker
 * whose attempts end though it is alive, or null. `$3` is whether silent workers count as dead; those that are no longer
 * registered do in any case. Deliveries keep their due time, and so come before newer ones.
 */
const RECOVER = `WITH alive AS MATERIALIZED (SELECT number FROM worker WHERE NOT $3 UNION ${ALIVE}),
  lost AS (
    UPDATE attempt SET ended_at = $1, outcome = 'unclear', unclear = true, code = 'interrupted',
      message = 'The bot stopped in the middle of this attempt.'
    WHERE outcome = 'running' AND (worker IS NULL OR worker = $2 OR worker NOT IN (SELECT number FROM alive))
    RETURNING delivery),
  freed AS (
    UPDATE unrouted SET worker = NULL WHERE worker IS NOT NULL AND worker NOT IN (SELECT number FROM alive)),
  forgotten AS (DELETE FROM worker WHERE number NOT IN (SELECT number FROM alive))
  UPDATE delivery SET status = 'pending' FROM lost WHERE seq = lost.delivery AND status = 'running' RETURNING seq`;

/** The part of the DeliveryStore port that recovers what dead processes had begun. */
export const recovering = (
  database: Database,
  presence: Pick<Presence, 'number' | 'seesAll'>,
  evictSilent: () => Promise<void>,
): Pick<DeliveryStore, 'recoverRunning' | 'recoverLost'> => {
  const recover = async (now: number, own: number | null): Promise<number> =>
    (await database.query(RECOVER, [now, own, presence.seesAll()])).length;
  return {
    recoverRunning: (now) => recover(now, presence.number()),
    async recoverLost(now) {
      await evictSilent();
      return recover(now, null);
    },
  };
};
