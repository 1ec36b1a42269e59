import type { JobInsert, PgBoss } from 'pg-boss';
import { messageOf } from '../../core/errors.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { createWake, type Wake } from '../../runtime/wake.ts';
import type { Signals, Work } from '../process-ports.ts';
import type { Announce } from './announce.ts';
import { addressOf } from './connection.ts';
import type { Sql } from './database.ts';
import { JOBS, type News } from './news.ts';

/** What a working process needs to listen for work. */
export type Hearing = {
  readonly news: News;
  /** Whether this process performs work of that kind at present. */
  readonly mine: (work: Work) => boolean;
};

export type BossOptions = {
  readonly log: Log;
  /** Immediate notifications beside the jobs; undefined for a single call of the command line. */
  readonly news?: News | undefined;
  readonly now?: () => number;
};

export type Queue = {
  readonly announce: Announce;
  /** For processes that perform work; to be called once. */
  listen(hearing: Hearing): Signals;
  [Symbol.asyncDispose](): Promise<void>;
};

/** pg-boss has its tables in a schema of their own. */
const SCHEMA = 'webkasa_jobs';
const NAME = 'webkasa-work';
const CONNECTIONS = 2;
const AT_ONCE = 1_000;
/** How often jobs are polled for without a notification: those with a later due time are found this way. */
const LOOK_MS = 500;
/** Pause before each fetch, so that jobs created at about the same time are fetched together. */
const GATHER_MS = 20;
const STOP_MS = 3_000;
/** Passed on by pg-boss to its pool, so that a connection whose server no longer answers is noticed. */
const CONNECTION = { connectionTimeoutMillis: 10_000, query_timeout: 30_000, keepAlive: true };

/** Jobs are kept for an hour only: they are hints, and the work itself is in the delivery table. */
const QUEUE = { retentionSeconds: 3_600, expireInSeconds: 30, deleteAfterSeconds: 60, retryLimit: 2 };

/**
 * The job queue between the processes of a bot. The delivery table alone says what is due, in which order, and what was done.
 * A job only wakes one process, once the transaction that created the work is committed and the work is due. `working` says
 * whether this process performs work, and so maintains the queues. Rejects if the database can't be reached.
 */
export const openQueue = async (
  url: string,
  { log, news, now = Date.now, working }: BossOptions & { readonly working: boolean },
): Promise<Queue> => {
  // Imported on demand: it takes as much memory as everything else, and a bot on SQLite has no use for it.
  const { PgBoss: Boss } = await import('pg-boss');
  const boss: PgBoss = new Boss({
    ...CONNECTION,
    connectionString: addressOf(url),
    schema: SCHEMA,
    application_name: 'webkasa-bot jobs',
    max: CONNECTIONS,
    supervise: working,
    schedule: false,
    registerInstance: false,
    monitorVacuum: false,
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
      // Notifications of work that were missed need nothing here: workers poll every second.
      if (told === undefined || told === JOBS) alarm.wake();
      else if (mine(told)) wakes.get(told)?.();
    });
    const onWork = (work: Work): void => {
      // Another process performs work of this kind, and is notified in place of this one.
      if (mine(work)) wakes.get(work)?.();
      else heard.work(work);
    };
    const looking = startLooking({ boss, onWork, alarm, trouble });
    stops.push(looking.stop);
    return { onWork: (work, wake) => void wakes.set(work, wake) };
  };

  return {
    announce: {
      async within(sql, works) {
        const time = now();
        // One job for everything due already, and one for each later time.
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
      // A database that no longer answers must not hold up the stop.
      await atMost(STOP_MS + 1_000, stop());
    },
  };
};

type Told = { readonly works: readonly Work[] };

/** One job for several kinds of work, since each job costs. Its delay is relative: the database's clock may differ from ours. */
const toJob = (works: readonly Work[], inMs: number): JobInsert<Told> => ({
  data: { works },
  startAfter: Math.max(0, inMs) / 1000,
});

const asBossDb = (sql: Sql) => ({
  executeSql: async (text: string, values: unknown[] = []) => ({ rows: await sql.query<object>(text, values) }),
});

/**
 * Fetches jobs in a loop, rather than with pg-boss's own workers, since many jobs are one wake-up and then deleted unread. A
 * job that was fetched by a process that died expires and is fetched again.
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

/** Logs once that the queue fails and once that it works again. Meanwhile work is found by polling, a little later. */
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
