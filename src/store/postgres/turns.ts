import { hash } from 'node:crypto';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Turns } from '../process-ports.ts';
import { toFailure } from './failure.ts';
import type { Line } from './line.ts';

/** Backoff between tries to get the lock, in milliseconds. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 250;

/** Milliseconds that a broken line has to reconnect. */
const LONGEST_OUTAGE = 10_000;

const TRY = 'SELECT pg_try_advisory_lock($1::bigint) AS got';
const END = 'SELECT pg_advisory_unlock($1::bigint)';

/**
 * The Turns port: turns are taken first within this process and then, by an advisory lock on the line, among all. When the
 * line breaks its locks are released while work may go on beside that of the next process: mutual exclusion does not hold
 * across an outage. Rejects if the database does not answer for ten seconds.
 */
export const turns = (line: Line): Turns => {
  const inOrder = createOneAtATime();

  const begin = async (lock: string): Promise<void> => {
    let answeredAt = performance.now();
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        const [row] = await line.query<{ got: boolean }>(TRY, [lock]);
        if (row?.got) return;
        answeredAt = performance.now();
      } catch (error) {
        // A lock granted in a lost answer is not held: the line then closes its connection, which releases all locks.
        if (performance.now() - answeredAt > LONGEST_OUTAGE) throw toFailure(error);
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
          // If the line broke meanwhile, the lock is gone already.
          await line.query(END, [lock]).catch(() => undefined);
        }
      }),
  };
};

const lockOf = (name: string): string => hash('sha256', `turn ${name}`, 'buffer').readBigInt64BE().toString();
