import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';
import type { Log } from '../runtime/log.ts';
import { silentLog } from '../runtime/log.ts';
import { createSchedule } from '../runtime/schedule.ts';
import type { Signals, Store, Work } from '../store/ports.ts';
import type { Queue } from '../store/postgres/boss.ts';
import type { TeamRows } from '../store/postgres/team-document.ts';
import { openSqliteStore } from '../store/sqlite/store.ts';
import { refuseMoved } from './moved.ts';
import { pathsOf } from './paths.ts';
import { type Role, works } from './role.ts';

/** Where a running bot keeps everything, and how it hears of other processes that keep theirs there. */
export type Storage = AsyncDisposable & {
  /** For people. */
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly store: Store;
  /** The time, in Unix milliseconds, that all who work on the store have in common. */
  clock(): number;
  /** How whoever decides and delivers hears of work; undefined for a receiver, which must take no news from those who do. */
  readonly signals: Signals | undefined;
  /** undefined where this process has the store for itself. */
  readonly shared: Sharing | undefined;
};

/** What processes on one store share besides it. */
export type Sharing = {
  /** Whether this process does work of that kind now, see LaneDeps. */
  mine(work: Work): boolean;
  /** Whether what was claimed then is this process's own still, see LaneDeps. */
  holds(claimedAt: number): boolean;
  /** Calls `begun` when it is this process's turn to do work of that kind. */
  onTurn(work: Work, begun: () => void): void;
  /** Tells other processes that there may be work. */
  tell(work: Work): void;
  readonly team: TeamRows;
};

/**
 * Slack and spreadsheets count requests by the second and the minute, and files have one end: one process at a time tells
 * each of them. Mails, which take the most work to make, are everybody's.
 */
const ONE_AT_A_TIME: readonly Work[] = ['slack', 'sheet'];

/** Opens the store for a process of that role; throws an OperatorError that says what to do where it can't be. */
export const openStorage = async (config: Config, role: Role, log: Log): Promise<Storage> => {
  if (config.databaseUrl !== undefined) return openShared(config.databaseUrl, role, log);
  if (role === 'all') return openAlone(config, log);
  throw new OperatorError(`A ${role} alone needs a store that processes can share, and SQLite is none.`, {
    remedy: 'Set DATABASE_URL to a PostgreSQL database; or start without --role, and one process does everything.',
  });
};

const openAlone = async (config: Config, log: Log): Promise<Storage> => {
  await refuseMoved(config);
  await using opening = new AsyncDisposableStack();
  // Handled by nobody on purpose: a bot that can't write would refuse every webhook, so the process ends and starts afresh.
  const onFault = (error: Error): never => {
    throw error;
  };
  const store = opening.use(await openSqliteStore(pathsOf(config).database, { alone: true, onFault }));
  const signals = opening.use(createSchedule(log));
  const open = opening.move();
  return {
    name: 'SQLite',
    store,
    clock: Date.now,
    signals,
    shared: undefined,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

const openShared = async (url: string, role: Role, log: Log): Promise<Storage> => {
  const { createNews, createTeamRows, openLine, openPostgresStore, openQueue, reachDatabase } = await import(
    './postgres.ts'
  );
  await using opening = new AsyncDisposableStack();
  await reachDatabase(url);
  const line = opening.use(await openLine(url, 'webkasa-bot news', log));
  const news = createNews(line);
  opening.defer(news.close);
  let now = Date.now;
  const queue = opening.use(await openQueue(url, { log, news, now: () => now(), working: works(role) }));
  const store = opening.use(await openPostgresStore(url, { announce: queue.announce, log }));
  now = store.clock;
  const elected = opening.use(store.elect(works(role) ? ONE_AT_A_TIME : []));
  const open = opening.move();
  return {
    name: 'PostgreSQL',
    store,
    clock: store.clock,
    signals: works(role) ? queue.listen({ news, mine: elected.mine }) : undefined,
    shared: {
      mine: elected.mine,
      holds: store.holds,
      onTurn: elected.onTurn,
      tell: news.work,
      team: createTeamRows(line),
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** The store with the time, in Unix milliseconds, that all who work on it have in common. */
export type TimedStore = Store & Pick<Storage, 'clock'>;

/**
 * Opens the store alone, for the questions and acts of the command line. Throws an OperatorError where it was moved, since
 * what it holds is old, and where the database is empty: only a start makes tables. `now` is this machine's clock, which is that of a store on it.
 */
export const openStore = async (config: Config, now = Date.now): Promise<TimedStore> => {
  const url = config.databaseUrl;
  if (url === undefined) {
    await refuseMoved(config);
    return { ...(await openSqliteStore(pathsOf(config).database)), clock: now };
  }
  const { openPostgresStore, openQueue, reachDatabase } = await import('./postgres.ts');
  const { empty } = await reachDatabase(url);
  if (empty) {
    throw new OperatorError('There is no data in the database yet.', {
      remedy: 'Start the bot first: npm start. Where it keeps its data in another database, mend DATABASE_URL.',
    });
  }
  const log = silentLog();
  // Most questions make no work: then nothing of the queue is opened.
  let queue: Promise<Queue> | undefined;
  const store = await openPostgresStore(url, {
    announce: {
      async within(sql, work) {
        queue ??= openQueue(url, { log, now: () => store.clock(), working: false });
        await (await queue).announce.within(sql, work);
      },
      // Those who work look by themselves within a second.
      soon: () => {},
    },
    log,
    connections: 4,
  });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      // Where it could not be opened, that has been said by what needed it.
      await (await queue?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
};
