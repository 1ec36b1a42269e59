import type { Log } from '../../runtime/log.ts';
import type { Database } from './database.ts';
import { DatabaseFailure } from './failure.ts';
import { PATIENCE_MS, type Presence } from './workers.ts';

/*
 * A process that is frozen (stopped, swapping, on a machine that hangs) sends no heartbeat, but its connections stay open and
 * keep their locks. Without eviction nobody else could ever post to Slack or write sheets.
 */

const OTHERS = 'SELECT number, seen_at::text AS seen FROM worker WHERE number <> $1';

/** Unregisters the silent processes, except those that have sent a heartbeat since. */
const UNREGISTER = `DELETE FROM worker w USING unnest($1::integer[], $2::text[]) AS silent (number, seen)
  WHERE w.number = silent.number AND w.seen_at::text = silent.seen RETURNING w.name`;
/** Ends all their sessions too: any of them may hold locks, by a transaction it was in the middle of. */
const EVICT = `WITH silent AS (${UNREGISTER})
  SELECT silent.name, count(pg_terminate_backend(a.pid)) AS sessions
  FROM silent LEFT JOIN pg_stat_activity a ON a.datname = current_database() AND a.application_name = silent.name
  GROUP BY silent.name`;

const INSUFFICIENT_PRIVILEGE = '42501';

export type FrozenDeps = {
  readonly database: Database;
  readonly presence: Pick<Presence, 'number' | 'seesAll'>;
  readonly log: Log;
};

/**
 * Evicts processes that have sent no heartbeat for ten seconds: unregisters them and ends their sessions, which releases their
 * locks and turns. A process that wakes up again notices, and registers anew. To be called every few seconds. Silence is
 * measured on this process's own monotonic clock: if the database's clock were set forward, everybody would seem silent.
 */
export const createEviction = ({ database, presence, log }: FrozenDeps): (() => Promise<void>) => {
  /** By worker number: its last heartbeat, and when this process first saw that one, by performance.now(). */
  let heartbeats = new Map<number, { readonly seen: string; readonly since: number }>();

  const evict = async (numbers: readonly number[], seen: readonly string[]): Promise<void> => {
    const ended = await database
      .query<{ name: string; sessions: number }>(EVICT, [numbers, seen])
      .catch(async (error: unknown) => {
        if (!(error instanceof DatabaseFailure) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
        const left = await database.query<{ name: string }>(UNREGISTER, [numbers, seen]);
        log.error(
          { workers: left.map(({ name }) => name) },
          "a process shows nothing but keeps its turns at Slack and sheets, and this one's user may not end its sessions: stop that process, and let all connect as the same user or GRANT pg_signal_backend to this one's",
        );
        return [];
      });
    for (const { name, sessions } of ended) {
      log.warn({ worker: name, sessions }, 'a process has shown nothing for ten seconds: others take over its work');
    }
  };

  return async () => {
    const others = await database.query<{ number: number; seen: string }>(OTHERS, [presence.number()]);
    const now = performance.now();
    heartbeats = new Map(
      others.map(({ number, seen }) => {
        const known = heartbeats.get(number);
        return [number, known?.seen === seen ? known : { seen, since: now }];
      }),
    );
    const silent = [...heartbeats].filter(([, { since }]) => now - since >= PATIENCE_MS);
    if (silent.length === 0 || !presence.seesAll()) return;
    await evict(
      silent.map(([number]) => number),
      silent.map(([, { seen }]) => seen),
    );
  };
};
