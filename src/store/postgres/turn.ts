import { createWake } from '../../runtime/wake.ts';
import type { Work } from '../process-ports.ts';
import type { Line } from './line.ts';

/** Whose turn it is where only one process at a time does work of a kind. */
export type Elected = {
  /** Whether this process does work of that kind now. */
  mine(work: Work): boolean;
  /** Calls `begun` whenever its turn begins. */
  onTurn(work: Work, begun: () => void): void;
  /** Its turns are over at once; others begin theirs when the line is closed. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** How soon another process takes over from one that died. */
const LOOK_MS = 500;

/**
 * One process at a time for each of these kinds, as long as it lives and stays connected: who holds the kind's advisory
 * lock on its line. The others try again and again. Work of any other kind is everybody's.
 */
export const startElection = (line: Line, works: readonly Work[]): Elected => {
  const held = new Set<Work>();
  const begunBy = new Map<Work, () => void>();
  const alarm = createWake();
  let stopping = false;
  // Counts the connections: a lock that was given on one that broke meanwhile is none.
  let broken = 0;
  line.onLost(() => {
    broken += 1;
    held.clear();
  });

  const tryAll = async (): Promise<void> => {
    const wanted = works.filter((work) => !held.has(work));
    if (wanted.length === 0) return;
    const before = broken;
    const rows = await line.query<{ work: Work; got: boolean }>(
      "SELECT work, pg_try_advisory_lock(hashtextextended('webkasa turn ' || work, 0)) AS got FROM unnest($1::text[]) AS work",
      [wanted],
    );
    if (before !== broken || stopping) return;
    for (const { work, got } of rows) {
      if (!got) continue;
      held.add(work);
      begunBy.get(work)?.();
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      // The line says by itself what is wrong with it.
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
