import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { inBackground } from '../../runtime/background.ts';
import type { Log } from '../../runtime/log.ts';
import type { Store, Work } from '../ports.ts';
import { ANSWER_WITHIN, MOST_UNDER_WAY } from './accepting.ts';
import type { Announce } from './announce.ts';
import { cards } from './cards.ts';
import { claiming } from './claiming.ts';
import { createDatabaseClock } from './clock.ts';
import { connectDatabase, openDatabase } from './database.ts';
import { doing } from './doing.ts';
import { due } from './due.ts';
import { type Election, startElection } from './election.ts';
import { createEviction } from './frozen.ts';
import { inbox } from './inbox.ts';
import { keeping } from './keeping.ts';
import { refuseHalfMoved } from './keeping-move.ts';
import { openLine } from './line.ts';
import { mails } from './mails.ts';
import { pausing } from './pausing.ts';
import { queries } from './queries.ts';
import { recovering } from './recovering.ts';
import { routing } from './routing.ts';
import { settling } from './settling.ts';
import { turns } from './turns.ts';
import { PATIENCE_MS, type Presence, register } from './workers.ts';

export type PostgresStoreOptions = {
  readonly announce: Announce;
  readonly log: Log;
  /** How this process is named in the database, for people; its machine and process id if absent. */
  readonly name?: string;
  /** Upper limit of connections, beside those for accepting and the one that holds its locks; 8 if absent. */
  readonly connections?: number;
  /** Milliseconds that it watches others before it declares any of them dead; ten seconds if absent. */
  readonly patience?: number;
};

export type PostgresStore = Store &
  Pick<Presence, 'holds'> & {
    /** The time, in Unix milliseconds, that all processes on the database share. */
    clock(): number;
    /** Lets this process stand for election to perform these kinds of work. */
    elect(works: readonly Work[]): Election;
  };

/** How often claims whose answer was lost are looked for. */
const LOOK_MS = 1_000;
/** PostgreSQL keeps 63 bytes of an application name. */
const LONGEST_NAME = 40;

/** The application name of one store's sessions, which are found by it. The random part tells stores of one name apart. */
const sessionName = (name: string): string =>
  `webkasa-bot ${name.slice(0, LONGEST_NAME)} ${randomBytes(4).toString('hex')}`;

/**
 * Opens the store in a PostgreSQL database, whose tables are created or brought up to date. Any number of processes can share
 * it; each is registered while it is connected. Throws an OperatorError if the address is not valid or the database was
 * written by a newer version, a DatabaseFailure if it does not answer.
 */
export const openPostgresStore = async (
  url: string,
  { announce, log, name = `${hostname()} ${process.pid}`, connections, patience = PATIENCE_MS }: PostgresStoreOptions,
): Promise<PostgresStore> => {
  await using opening = new AsyncDisposableStack();
  const session = sessionName(name);
  const database = await openDatabase(url, { log, name: session, ...(connections && { connections }) });
  opening.defer(() => database.close());
  await refuseHalfMoved(database);
  // A pool of its own, so that webhooks are accepted whatever else is stuck or slow.
  const entrance = connectDatabase(url, { log, name: session, connections: MOST_UNDER_WAY, longest: ANSWER_WITHIN });
  opening.defer(() => entrance.close());
  const line = opening.use(await openLine(url, session, log));
  const clock = createDatabaseClock();
  const presence = opening.use(await register({ database, line, clock, name: session, patience, log }));
  const { claim, handBack } = claiming(database, presence.number);
  opening.use(repeat(handBack));
  const open = opening.move();
  return {
    ...inbox({ database, entrance, announce }),
    ...routing({ database, announce, worker: presence.number }),
    ...due(database),
    ...settling(database, announce),
    ...recovering(database, presence, createEviction({ database, presence, log })),
    holds: presence.holds,
    clock: clock.now,
    // On the connection that proves it alive: a process that is evicted loses its turns with that.
    elect: (works) => startElection(line, works),
    ...pausing(database),
    ...turns(line),
    claim,
    ...queries(database),
    ...cards(database),
    ...mails(database),
    ...doing(database, announce),
    ...keeping(database),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** Runs `work` periodically until disposed. A failure is left to the next run. */
const repeat = (work: () => Promise<void>): AsyncDisposable =>
  inBackground(async ({ alarm, stopping }) => {
    while (!stopping()) {
      await alarm.sleep(LOOK_MS);
      if (!stopping()) await work().catch(() => undefined);
    }
  });
