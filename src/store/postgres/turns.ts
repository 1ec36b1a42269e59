import { hash } from 'node:crypto';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Turns } from '../process-ports.ts';
import { toFailure } from './failure.ts';
import type { Line } from './line.ts';

/** Milliseconds until it is looked again whether another process is done. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 250;

/** Milliseconds that a line which is broken gets to be whole again. */
const LONGEST_OUTAGE = 10_000;

const TRY = 'SELECT pg_try_advisory_lock($1::bigint) AS got';
const END = 'SELECT pg_advisory_unlock($1::bigint)';

/**
 * The Turns port: first among those in this process, then, by an advisory lock on the line, among all. Where the line
 * breaks, the locks on it end, and whoever works on works beside the next: a turn is no guarantee across an outage. Rejects
 * where the database does not answer for ten seconds.
 */
export const turns = (line: Line): Turns => {
  const inOrder = createOneAtATime();

  const begin = async (lock: string): Promise<void> => {
    let heard = performance.now();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        const [row] = await line.query<{ got: boolean }>(TRY, [lock]);
        if (row?.got) return;
        heard = performance.now();
      } catch (error) {
        // A lock whose answer was not heard is not held: the line gives up its connection then, and with it all locks.
        if (performance.now() - heard > LONGEST_OUTAGE) throw toFailure(error);
      }
      await createWake().rest(wait * (0.5 + Math.random()));
    }
  };

  return {
    inTurn: (name, work) =>
      inOrder(name, async () => {
        const lock = lockOf(name);
        await begin(lock);
        try {
          return await work();
        } finally {
          // Where the line broke meanwhile, the lock is gone already.
          await line.query(END, [lock]).catch(() => undefined);
        }
      }),
  };
};

const lockOf = (name: string): string => hash('sha256', `turn ${name}`, 'buffer').readBigInt64BE().toString();
