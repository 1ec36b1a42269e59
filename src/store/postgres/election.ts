import { createWake } from '../../runtime/wake.ts';
import type { Work } from '../process-ports.ts';
import type { Line } from './line.ts';

/** Which process performs the kinds of work that only one at a time may perform. */
export type Election = {
  /** Whether this process may perform work of that kind now; always true for kinds that are not subject to election. */
  mine(work: Work): boolean;
  /** Calls `begun` whenever this process is elected for that kind, at once if it already is. */
  onTurn(work: Work, begun: () => void): void;
  /** Steps down at once. Others can be elected once the line is closed, which holds the locks. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** How often the others try to take over. */
const LOOK_MS = 500;

/**
 * Elects one process for each of these kinds, for as long as it lives and stays connected: the one whose line holds the kind's
 * advisory lock. The others keep trying. Work of any other kind is open to all.
 */
export const startElection = (line: Line, works: readonly Work[]): Election => {
  const held = new Set<Work>();
  const begunBy = new Map<Work, () => void>();
  const alarm = createWake();
  let stopping = false;
  // Counts lost connections: a lock granted on one that has been lost meanwhile is gone.
  let lost = 0;
  line.onLost(() => {
    lost += 1;
    held.clear();
  });

  const tryAll = async (): Promise<void> => {
    const wanted = works.filter((work) => !held.has(work));
    if (wanted.length === 0) return;
    const before = lost;
    const rows = await line.query<{ work: Work; got: boolean }>(
      "SELECT work, pg_try_advisory_lock(hashtextextended('webkasa turn ' || work, 0)) AS got FROM unnest($1::text[]) AS work",
      [wanted],
    );
    if (before !== lost || stopping) return;
    for (const { work, got } of rows) {
      if (!got) continue;
      held.add(work);
      begunBy.get(work)?.();
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      // The line logs its own failures.
      await tryAll().catch(() => {});
      if (!stopping) await alarm.sleep(LOOK_MS);
    }
  };
  const running = run();

  return {
    mine: (work) => !works.includes(work) || held.has(work),
    onTurn(work, begun) {
      begunBy.set(work, begun);
      if (held.has(work)) begun();
    },
    async [Symbol.asyncDispose]() {
      stopping = true;
      held.clear();
      alarm.stop();
      await running;
    },
  };
};
