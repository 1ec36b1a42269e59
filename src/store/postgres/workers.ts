import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Database } from './database.ts';
import type { Line } from './line.ts';

/** This process among those that work on the store. */
export type Presence = {
  /** By which the others know what it has taken. Another one after it was taken for dead. */
  number(): number;
  /** Frees what it had taken to route, and is gone. What it was performing is found by those that stay. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** First half of the advisory locks that stand for processes; the second is their number. */
const LOCK = 77_301;
const LOOK_MS = 1_000;
const LEAVING_MS = 2_000;

/** Within the last ten seconds; what lies ahead is from before the clock was set back. */
const justNow = (time: string): string =>
  `${time} BETWEEN now() - interval '10 seconds' AND now() + interval '10 seconds'`;

/**
 * Those that are alive. A lock ends with its connection; for a while after that, a process may be about to connect again,
 * and while PostgreSQL was down nobody could show that they live.
 */
export const ALIVE = `SELECT w.number FROM worker w
  WHERE ${justNow('w.seen_at')} OR ${justNow('pg_postmaster_start_time()')} OR EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${LOCK} AND l.objid = w.number::oid
      AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

const REGISTER = 'INSERT INTO worker (name) VALUES ($1) RETURNING number';
/** Takes the lock where it is not held yet; no row where the process was taken for dead. */
const SHOW = `UPDATE worker SET seen_at = now() WHERE number = $1 RETURNING CASE WHEN NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${LOCK} AND objid = $1::integer::oid AND objsubid = 2
      AND pid = pg_backend_pid()) THEN pg_try_advisory_lock(${LOCK}, $1::integer) END AS got`;

/** Registers this process and shows every second that it lives, by a lock on its line. `name` is for people who look. */
export const register = async (database: Database, line: Line, name: string, log: Log): Promise<Presence> => {
  const alarm = createWake();
  let stopping = false;

  const enter = async (): Promise<number> => {
    const [row] = await database.query<{ number: number }>(REGISTER, [name]);
    if (!row) throw new Error('The database gave this process no number.');
    await line.query(SHOW, [row.number]);
    return row.number;
  };
  let number = await enter();

  const show = async (): Promise<void> => {
    const rows = await line.query(SHOW, [number]);
    if (rows.length > 0 || stopping) return;
    log.warn({ worker: number }, 'this process was away for so long that others took over its work; it joins again');
    number = await enter();
  };
  const keep = async (): Promise<void> => {
    while (!stopping) {
      await alarm.sleep(LOOK_MS);
      // The line says by itself when it is broken and when it is whole again.
      if (!stopping) await show().catch((error: unknown) => log.debug({ error: messageOf(error) }, 'not shown alive'));
    }
  };
  line.onLost(() => alarm.wake());
  const keeping = keep();

  return {
    number: () => number,
    async [Symbol.asyncDispose]() {
      stopping = true;
      alarm.stop();
      await keeping;
      // Where the database is gone, the others find out by themselves.
      await database
        .query(
          'WITH freed AS (UPDATE unrouted SET worker = NULL WHERE worker = $1) DELETE FROM worker WHERE number = $1',
          [number],
          LEAVING_MS,
        )
        .catch(() => undefined);
    },
  };
};
