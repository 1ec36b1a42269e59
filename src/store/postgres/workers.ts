import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { DatabaseClock } from './clock.ts';
import type { Database } from './database.ts';
import type { Line } from './line.ts';

/** This process's registration among those that share the store. */
export type Presence = {
  /** The worker number that marks what this process has claimed. It changes if the process was declared dead meanwhile. */
  number(): number;
  /**
   * Whether this process has been connected for so long without a break that every live process has sent a heartbeat meanwhile.
   * Before that, processes that seem dead may just have been cut off in the same outage.
   */
  seesAll(): boolean;
  /** Whether what it claimed then (by `performance.now()`) is still its own: nobody can have declared it dead since. */
  holds(claimedAt: number): boolean;
  /** Unregisters, and releases the webhooks claimed for routing. Attempts under way are recovered by the other processes. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** The first key of the advisory locks that prove processes alive; the second is the worker number. */
const LOCK = 77_301;
const LOOK_MS = 1_000;
const LEAVING_MS = 2_000;
/** How long a process may send no heartbeat before it is declared dead, and has to be connected before it declares others so. */
export const PATIENCE_MS = 10_000;
/** A process without a successful heartbeat for so long distrusts its own claims. Shorter, so that it is the first to notice. */
const UNSEEN_MS = 7_000;

/**
 * The workers that are alive: those with a recent heartbeat, which may be reconnecting, and those that hold their lock, which
 * ends with the connection. A heartbeat in the future does not count: the database's clock was set back since.
 */
export const ALIVE = `SELECT w.number FROM worker w
  WHERE w.seen_at BETWEEN now() - interval '${PATIENCE_MS} ms' AND now() + interval '${PATIENCE_MS} ms' OR EXISTS (
    SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${LOCK} AND l.objid = w.number::oid
      AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

const REGISTER = 'INSERT INTO worker (name) VALUES ($1) RETURNING number';
/** Takes the lock if this session does not hold it yet. Returns no row if the process was declared dead. */
const HEARTBEAT = `UPDATE worker SET seen_at = now() WHERE number = $1
  RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS time, CASE WHEN NOT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${LOCK} AND objid = $1::integer::oid AND objsubid = 2
      AND pid = pg_backend_pid()) THEN pg_try_advisory_lock(${LOCK}, $1::integer) END AS got`;

export type PresenceDeps = {
  readonly database: Database;
  readonly line: Line;
  readonly clock: Pick<DatabaseClock, 'heard'>;
  /** Shown to people, and the `application_name` of its sessions. */
  readonly name: string;
  /** Milliseconds of connection before seesAll(). */
  readonly patience: number;
  readonly log: Log;
};

/** Registers this process and sends a heartbeat every second, on the line that holds its lock. */
export const register = async ({ database, line, clock, name, patience, log }: PresenceDeps): Promise<Presence> => {
  const alarm = createWake();
  let stopping = false;
  // By performance.now(): the last heartbeat, the first of an unbroken series, and the first on the current connection.
  let lastBeat = Number.NEGATIVE_INFINITY;
  let beatingSince = 0;
  let connectedSince = Number.POSITIVE_INFINITY;

  /** Whether that number is still registered. */
  const beatAs = async (worker: number): Promise<boolean> => {
    // The time of asking: the server sets `seen_at` later than that, never earlier.
    const askedAt = performance.now();
    const [row] = await line.query<{ time: number }>(HEARTBEAT, [worker]);
    if (!row) return false;
    clock.heard(row.time, askedAt, performance.now());
    if (askedAt - lastBeat > UNSEEN_MS) {
      beatingSince = askedAt;
      connectedSince = askedAt;
    }
    lastBeat = askedAt;
    connectedSince = Math.min(connectedSince, askedAt);
    return true;
  };
  const enter = async (): Promise<number> => {
    const [row] = await database.query<{ number: number }>(REGISTER, [name]);
    if (!row) throw new Error('The database gave this process no number.');
    lastBeat = Number.NEGATIVE_INFINITY;
    await beatAs(row.number);
    return row.number;
  };
  let number = await enter();

  const beat = async (): Promise<void> => {
    if ((await beatAs(number)) || stopping) return;
    log.warn({ worker: number }, 'this process was away for so long that others took over its work; it joins again');
    number = await enter();
  };
  const keep = async (): Promise<void> => {
    while (!stopping) {
      await alarm.sleep(LOOK_MS);
      // The line logs by itself when it breaks and when it has reconnected.
      if (!stopping)
        await beat().catch((error: unknown) => log.debug({ error: messageOf(error) }, 'no heartbeat sent'));
    }
  };
  line.onLost(() => {
    connectedSince = Number.POSITIVE_INFINITY;
    alarm.wake();
  });
  const keeping = keep();

  return {
    number: () => number,
    seesAll: () => performance.now() - lastBeat < UNSEEN_MS && performance.now() - connectedSince >= patience,
    holds: (claimedAt) => performance.now() - lastBeat < UNSEEN_MS && claimedAt >= beatingSince,
    async [Symbol.asyncDispose]() {
      stopping = true;
      alarm.stop();
      await keeping;
      // If this fails, the others find out by themselves.
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
