import type { PgBoss } from 'pg-boss';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake } from '../../runtime/wake.ts';
import type { Signals } from '../process-ports.ts';

/** One run at a time among all processes, however long it takes; that of a process that died fails within a minute. */
const QUEUE = {
  policy: 'exclusive',
  heartbeatSeconds: 30,
  expireInSeconds: 6 * 3_600,
  retryLimit: 0,
  deleteAfterSeconds: 3_600,
} as const;

const AGAIN_MS = 5_000;

/** Periodic tasks on pg-boss's schedule, which gives each run to one of the processes that registered the task. */
export const createChores = (boss: PgBoss, log: Log): Pick<Signals, 'every'> & { stop(): Promise<void> } => {
  const alarm = createWake();
  const offers: Promise<void>[] = [];
  let stopping = false;

  const offer = async (cron: string, chore: string, run: () => Promise<void>): Promise<void> => {
    const queue = `webkasa-chore-${chore}`;
    await boss.createQueue(queue, QUEUE);
    await boss.schedule(queue, cron);
    await boss.work(queue, { pollingIntervalSeconds: 2 }, () =>
      run().catch((error: unknown) =>
        log.error({ chore, error: messageOf(error) }, 'a chore failed; it is done again at its next time'),
      ),
    );
  };

  return {
    every(minutes, chore, run) {
      const cron = cronOf(minutes);
      const offering = async (): Promise<void> => {
        while (!stopping) {
          try {
            return await offer(cron, chore, run);
          } catch (error) {
            log.warn({ chore, error: messageOf(error) }, 'a chore could not be scheduled; trying again');
            await alarm.rest(AGAIN_MS);
          }
        }
      };
      offers.push(offering());
    },
    async stop() {
      stopping = true;
      alarm.stop();
      await Promise.all(offers);
    },
  };
};

const cronOf = (minutes: number): string => {
  if (!Number.isInteger(minutes) || minutes < 1 || 60 % minutes !== 0)
    throw new RangeError(`A chore runs every so many minutes, a divisor of 60, not ${minutes}`);
  return minutes === 60 ? '0 * * * *' : `*/${minutes} * * * *`;
};
