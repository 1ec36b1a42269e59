import type { Config } from '../config.ts';
import { OperatorError } from '../core/errors.ts';
import type { Log } from '../runtime/log.ts';
import { silentLog } from '../runtime/log.ts';
import type { Signals, Store, Work } from '../store/ports.ts';
import type { Queue } from '../store/postgres/boss.ts';
import type { TeamRows } from '../store/postgres/team-document.ts';
import { openSqliteStore } from '../store/sqlite/store.ts';
import { refuseMoved } from './moved.ts';
import { pathsOf } from './paths.ts';
import { type Role, works } from './role.ts';

/** The store of a running bot, and its link to the other processes on the same store. */
export type Storage = AsyncDisposable & {
  /** For messages. */
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly store: Store;
  /** The time that all processes on the store share, in Unix milliseconds. */
  clock(): number;
  /** How routing and delivering learn of work; undefined for a receiver, which would take the news from the workers. */
  readonly signals: Signals | undefined;
  /** undefined where this process has the store to itself. */
  readonly shared: Sharing | undefined;
};

/** What processes on one store share besides the store. */
export type Sharing = {
  /** Whether this process currently does work of that kind, see LaneDeps. */
  mine(work: Work): boolean;
  /** Whether this process still owns what it claimed at that time, see LaneDeps. */
  holds(claimedAt: number): boolean;
  /** Calls `begun` whenever this process is elected to do work of that kind. */
  onTurn(work: Work, begun: () => void): void;
  /** Tells other processes that there may be work. */
  tell(work: Work): void;
  readonly team: TeamRows;
};

/**
 * Work that one elected process does at a time: Slack and Google limit requests per second and minute, and rows are appended
 * to the end of one file. Mails, which take the most work to render, are sent by every worker.
 */
const ONE_AT_A_TIME: readonly Work[] = ['slack', 'sheet'];

/** Opens the store for a process of that role; throws an OperatorError that says what to do where it can't be. */
export const openStorage = async (config: Config, role: Role, log: Log): Promise<Storage> => {
  if (config.databaseUrl !== undefined) return openShared(config.databaseUrl, role, log);
  if (role === 'all') return openAlone(config);
  throw new OperatorError(`A ${role} alone needs a store that processes can share, and SQLite is none.`, {
    remedy: 'Set DATABASE_URL to a PostgreSQL database; or start without --role, and one process does everything.',
  });
};

const openAlone = async (config: Config): Promise<Storage> => {
  await refuseMoved(config);
  // Uncaught on purpose: a bot that can't write would refuse every webhook, so the process ends and is started afresh.
  const onFault = (error: Error): never => {
    throw error;
  };
  const store = await openSqliteStore(pathsOf(config).database, { alone: true, onFault });
  return {
    name: 'SQLite',
    store,
    clock: Date.now,
    // There are no other processes, and what the command line plans is found by polling.
    signals: { onWork: () => {} },
    shared: undefined,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
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

/** The store with the time that all processes on it share. */
export type TimedStore = Store & Pick<Storage, 'clock'>;

/**
 * Opens only the store, for the queries and acts of the command line. Throws an OperatorError where the store was moved, since
 * its data is stale, and where the database is empty: only a start creates tables. `now` is this machine's clock, which a
 * SQLite store goes by.
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
  // Opened on demand: most commands make no work for others.
  let queue: Promise<Queue> | undefined;
  const store = await openPostgresStore(url, {
    announce: {
      async within(sql, work) {
        queue ??= openQueue(url, { log, now: () => store.clock(), working: false });
        await (await queue).announce.within(sql, work);
      },
      // Workers poll every second anyway.
      soon: () => {},
    },
    log,
    connections: 4,
  });
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      // If it could not be opened, the call that needed it has rejected with the reason.
      await (await queue?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
};
