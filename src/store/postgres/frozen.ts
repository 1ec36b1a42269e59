import type { Log } from '../../runtime/log.ts';
import type { Database } from './database.ts';
import { DatabaseFailure } from './failure.ts';
import { PATIENCE_MS, type Presence } from './workers.ts';

/*
 * A process that stands still (stopped, swapping, on a machine that hangs) shows nothing, but its connections live, and with
 * them its locks: nobody else would post to Slack or write sheets without end.
 */

const OTHERS = 'SELECT number, seen_at::text AS seen FROM worker WHERE number <> $1';

/** Whoever showed itself since is left alone. */
const LEAVE = `DELETE FROM worker w USING unnest($1::integer[], $2::text[]) AS silent (number, seen)
  WHERE w.number = silent.number AND w.seen_at::text = silent.seen RETURNING w.name`;
/** All its sessions: one may be in the middle of a transaction, whose locks stand in the way too. */
const LEAVE_AND_END = `WITH silent AS (${LEAVE})
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
 * Puts aside who has shown nothing for ten seconds: its number and its sessions end, and so its locks and turns. When it goes
 * on, it finds that out and joins anew. To be called every few seconds. Silence is timed by this process's own clock that
 * nobody sets: were the database's clock set forward, all others would seem silent.
 */
export const createPuttingAside = ({ database, presence, log }: FrozenDeps): (() => Promise<void>) => {
  /** By number: what it showed last, and when that was first found, by performance.now(). */
  let shown = new Map<number, { readonly seen: string; readonly since: number }>();

  const end = async (numbers: readonly number[], seen: readonly string[]): Promise<void> => {
    const ended = await database
      .query<{ name: string; sessions: number }>(LEAVE_AND_END, [numbers, seen])
      .catch(async (error: unknown) => {
        if (!(error instanceof DatabaseFailure) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
        const left = await database.query<{ name: string }>(LEAVE, [numbers, seen]);
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
    shown = new Map(
      others.map(({ number, seen }) => {
        const known = shown.get(number);
        return [number, known?.seen === seen ? known : { seen, since: now }];
      }),
    );
    const silent = [...shown].filter(([, { since }]) => now - since >= PATIENCE_MS);
    if (silent.length === 0 || !presence.seesAll()) return;
    await end(
      silent.map(([number]) => number),
      silent.map(([, { seen }]) => seen),
    );
  };
};
