import type { JobInsert, PgBoss } from 'pg-boss';
import { messageOf } from '../../core/errors.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake, type Wake } from '../../runtime/wake.ts';
import type { Signals, Work } from '../process-ports.ts';
import type { Announce } from './announce.ts';
import { createChores } from './chores.ts';
import { addressOf } from './connection.ts';
import type { Sql } from './database.ts';
import { JOBS, type News } from './news.ts';

/** What those who do work listen with. */
export type Hearing = {
  readonly news: News;
  /** Whether this process does work of that kind now: jobs are left to those that do. */
  readonly mine: (work: Work) => boolean;
};

export type BossOptions = {
  readonly log: Log;
  /** Tells others beside the jobs; undefined for one call of the command line. */
  readonly news?: News | undefined;
  readonly now?: () => number;
};

export type Queue = {
  readonly announce: Announce;
  /** Work and chores, for the processes that do them. */
  listen(hearing: Hearing): Signals;
  [Symbol.asyncDispose](): Promise<void>;
};

/** pg-boss keeps its tables apart from ours. */
const SCHEMA = 'webkasa_jobs';
const NAME = 'webkasa-work';
const CONNECTIONS = 2;
const AT_ONCE = 1_000;
/** Where no news came, jobs are looked for so often: those that fall due later come this way. */
const LOOK_MS = 500;
/** Jobs of a moment are fetched together. */
const GATHER_MS = 20;
const STOP_MS = 3_000;
/** So that a connection which answers nothing any more is noticed: pg-boss hands these to its pool. */
const CONNECTION = { connectionTimeoutMillis: 10_000, query_timeout: 30_000, keepAlive: true };

/** An hour late, news of work is none: the work itself stands in the delivery table. */
const QUEUE = { retentionSeconds: 3_600, expireInSeconds: 30, deleteAfterSeconds: 60, retryLimit: 2 };

/**
 * pg-boss between the processes of a bot. What is due, in which order, and what was told stands in the delivery table; a
 * job only carries the news that there is something to do, to one process, once the transaction that made the work is
 * committed and when the work falls due. `working`: whether this process does work, and so looks after the queues.
 */
export const openQueue = async (
  url: string,
  { log, news, now = Date.now, working }: BossOptions & { readonly working: boolean },
): Promise<Queue> => {
  // As large as all else together, and of no use to a bot on SQLite.
  const { PgBoss: Boss } = await import('pg-boss');
  const boss: PgBoss = new Boss({
    ...CONNECTION,
    connectionString: addressOf(url),
    schema: SCHEMA,
    application_name: 'webkasa-bot jobs',
    max: CONNECTIONS,
    supervise: working,
    schedule: working,
    registerInstance: false,
    monitorVacuum: false,
    cronMonitorIntervalSeconds: 5,
    cronWorkerIntervalSeconds: 1,
  });
  const trouble = createTrouble(log);
  boss.on('error', (error) => trouble.failed(error));
  boss.on('warning', ({ message }) => log.debug({ pgBoss: message }, 'the job queue warns'));
  try {
    await boss.start();
    await boss.createQueue(NAME, QUEUE);
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  }

  const stops: (() => Promise<void>)[] = [];

  const listen = ({ news: heard, mine }: Hearing): Signals => {
    const wakes = new Map<Work, () => void>();
    const alarm = createWake();
    heard.onNews((told) => {
      // Whatever else was missed is found by those who work, who look every second.
      if (told === undefined || told === JOBS) alarm.wake();
      else if (mine(told)) wakes.get(told)?.();
    });
    const onWork = (work: Work): void => {
      // Whoever fetched the job is not the one to do it: he who is hears of it at once.
      if (mine(work)) wakes.get(work)?.();
      else heard.work(work);
    };
    const chores = createChores(boss, log);
    const looking = startLooking({ boss, onWork, alarm, trouble });
    stops.push(chores.stop, looking.stop);
    return { onWork: (work, wake) => void wakes.set(work, wake), every: chores.every };
  };

  return {
    announce: {
      async within(sql, works) {
        const time = now();
        // Whatever is due already is one job, and what falls due at the same time later.
        const byTime = Map.groupBy(works, ({ at }) => Math.max(at, time));
        const jobs = [...byTime].map(([at, due]) => toJob([...new Set(due.map(({ work }) => work))], at - time));
        await boss.insert(NAME, jobs, { db: asBossDb(sql) });
        if (works.some(({ at }) => at <= time)) news?.jobs();
      },
      soon: (work) => news?.work(work),
    },
    listen,
    async [Symbol.asyncDispose]() {
      const stop = async (): Promise<void> => {
        await Promise.all(stops.map((each) => each()));
        await boss.stop({ timeout: STOP_MS }).catch((error: unknown) => trouble.failed(error));
      };
      // Where the database answers nothing there is nobody to take leave of.
      await atMost(STOP_MS + 1_000, stop());
    },
  };
};

type Told = { readonly works: readonly Work[] };

/** One for all kinds of work, since each costs. Due by how far it is away: the database's clock need not be ours. */
const toJob = (works: readonly Work[], inMs: number): JobInsert<Told> => ({
  data: { works },
  startAfter: Math.max(0, inMs) / 1000,
});

const asBossDb = (sql: Sql) => ({
  executeSql: async (text: string, values: unknown[] = []) => ({ rows: await sql.query<object>(text, values) }),
});

/**
 * Fetches jobs again and again. Many jobs of a moment are one wake, and none of them is kept, which is why they are fetched
 * here rather than worked on by pg-boss one by one. A job that a dying process took comes again.
 */
const startLooking = (deps: {
  readonly boss: PgBoss;
  readonly onWork: (work: Work) => void;
  readonly alarm: Wake;
  readonly trouble: Trouble;
}): { stop(): Promise<void> } => {
  const { boss, onWork, alarm, trouble } = deps;
  let stopping = false;

  const look = async (): Promise<number> => {
    const jobs = await boss.fetch<Told>(NAME, { batchSize: AT_ONCE });
    if (jobs.length > 0) {
      for (const work of new Set(jobs.flatMap(({ data }) => data.works))) onWork(work);
      await boss.deleteJob(
        NAME,
        jobs.map(({ id }) => id),
      );
    }
    trouble.over();
    return jobs.length === AT_ONCE ? 0 : LOOK_MS;
  };

  const run = async (): Promise<void> => {
    while (!stopping) {
      const rest = await look().catch((error: unknown) => {
        trouble.failed(error);
        return LOOK_MS;
      });
      if (!stopping) await alarm.rest(GATHER_MS);
      if (rest > 0 && !stopping) await alarm.sleep(rest);
    }
  };
  const running = run();

  return {
    async stop() {
      stopping = true;
      alarm.stop();
      await running;
    },
  };
};

/** Says once that the queue fails, and once that it works again: work goes on meanwhile, found a little later. */
type Trouble = { failed(error: unknown): void; over(): void };

const createTrouble = (log: Log): Trouble => {
  let said = false;
  return {
    failed(error) {
      if (!said)
        log.warn({ error: messageOf(error) }, 'the job queue fails: work is found by looking, within a second');
      said = true;
    },
    over() {
      if (said) log.info('the job queue works again');
      said = false;
    },
  };
};
