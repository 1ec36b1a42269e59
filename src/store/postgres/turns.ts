import { hash } from 'node:crypto';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Turns } from '../process-ports.ts';
import type { Line } from './line.ts';

/** Milliseconds until it is looked again whether another process is done. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 250;

const TRY = 'SELECT pg_try_advisory_lock($1::bigint) AS got';
const END = 'SELECT pg_advisory_unlock($1::bigint)';

/**
 * The Turns port: first among those in this process, then, by an advisory lock on the line, among all. Where the line
 * breaks, the locks on it end, and whoever works on works beside the next: a turn is no guarantee across an outage.
 */
export const turns = (line: Line): Turns => {
  const inOrder = createOneAtATime();

  const begin = async (lock: string): Promise<void> => {
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const [row] = await line.query<{ got: boolean }>(TRY, [lock]);
      if (row?.got) return;
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
