import type { DeliveryStore, Pause } from '../ports.ts';
import type { Database } from './database.ts';

const PAUSE = `INSERT INTO pause (kind, since, until, code, message) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (kind) DO UPDATE SET since = excluded.since, until = excluded.until, code = excluded.code,
    message = excluded.message`;

/** The part of the DeliveryStore port about channels that are paused as a whole. */
export const pausing = (database: Database): Pick<DeliveryStore, 'setPause' | 'getPause'> => ({
  async setPause(kind, pause) {
    if (pause) await database.query(PAUSE, [kind, pause.since, pause.until, pause.code, pause.message]);
    else await database.query('DELETE FROM pause WHERE kind = $1', [kind]);
  },

  async getPause(kind) {
    const [row] = await database.query<Pause>('SELECT since, until, code, message FROM pause WHERE kind = $1', [kind]);
    return row;
  },
});
