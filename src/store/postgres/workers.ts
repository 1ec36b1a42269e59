import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { DatabaseClock } from './clock.ts';
import type { Database } from './database.ts';
import type { Line } from './line.ts';

/** This process among those that work on the store. */
export type Presence = {
  /** By which the others know what it has taken. Another one after it was taken for dead. */
  number(): number;
  /**
   * Whether it has seen the database for so long without a break that whoever lives has shown it meanwhile. Before that,
   * whoever seems dead may have been cut off as long as this process was.
   */
  seesAll(): boolean;
  /** Whether what it claimed then (by `performance.now()`) is its own still: others can't have taken it for dead since. */
  holds(claimedAt: number): boolean;
  /** Frees what it had taken to route, and is gone. What it was performing is found by those that stay. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** First half of the advisory locks that stand for processes; the second is their number. */
const LOCK = 77_301;
const LOOK_MS = 1_000;
const LEAVING_MS = 2_000;
/** For so long nobody is taken for dead who has shown nothing, and nobody judges who has not seen the database for as long. */
export const PATIENCE_MS = 10_000;
/** A process that could not show itself for so long counts on nothing it has claimed: it is to notice before others do. */
const UNSEEN_MS = 7_000;

/**
 * Those that are alive. A lock ends with its connection; for a while after that, a process may be about to connect again.
 * What was seen in time to come is from before the clock was set back.
 */
export const ALIVE = `SELECT w.number FROM worker w
  WHERE w.seen_at BETWEEN now() - interval '${PATIENCE_MS} ms' AND now() + interval '${PATIENCE_MS} ms' OR EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${LOCK} AND l.objid = w.number::oid
      AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

const REGISTER = 'INSERT INTO worker (name) VALUES ($1) RETURNING number';
/** Takes the lock where it is not held yet; no row where the process was taken for dead. */
const SHOW = `UPDATE worker SET seen_at = now() WHERE number = $1
  RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS time, CASE WHEN NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${LOCK} AND objid = $1::integer::oid AND objsubid = 2
      AND pid = pg_backend_pid()) THEN pg_try_advisory_lock(${LOCK}, $1::integer) END AS got`;

export type PresenceDeps = {
  readonly database: Database;
  readonly line: Line;
  readonly clock: Pick<DatabaseClock, 'heard'>;
  /** For people who look. */
  readonly name: string;
  /** In milliseconds, before seesAll(). */
  readonly patience: number;
  readonly log: Log;
};

/** Registers this process and shows every second that it lives, by a lock on its line. */
export const register = async ({ database, line, clock, name, patience, log }: PresenceDeps): Promise<Presence> => {
  const alarm = createWake();
  let stopping = false;
  // By performance.now(): when it was last shown, since when again and again, and since when on one connection.
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownSince = 0;
  let connectedSince = Number.POSITIVE_INFINITY;

  /** Whether others know of this number. */
  const showAs = async (shown: number): Promise<boolean> => {
    // What is asked is done later than it is asked, never sooner.
    const askedAt = performance.now();
    const [row] = await line.query<{ time: number }>(SHOW, [shown]);
    if (!row) return false;
    clock.heard(row.time, askedAt, performance.now());
    if (askedAt - shownAt > UNSEEN_MS) {
      shownSince = askedAt;
      connectedSince = askedAt;
    }
    shownAt = askedAt;
    connectedSince = Math.min(connectedSince, askedAt);
    return true;
  };
  const enter = async (): Promise<number> => {
    const [row] = await database.query<{ number: number }>(REGISTER, [name]);
    if (!row) throw new Error('The database gave this process no number.');
    shownAt = Number.NEGATIVE_INFINITY;
    await showAs(row.number);
    return row.number;
  };
  let number = await enter();

  const show = async (): Promise<void> => {
    if ((await showAs(number)) || stopping) return;
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
  line.onLost(() => {
    connectedSince = Number.POSITIVE_INFINITY;
    alarm.wake();
  });
  const keeping = keep();

  return {
    number: () => number,
    seesAll: () => performance.now() - shownAt < UNSEEN_MS && performance.now() - connectedSince >= patience,
    holds: (claimedAt) => performance.now() - shownAt < UNSEEN_MS && claimedAt >= shownSince,
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
