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
import { createPuttingAside } from './frozen.ts';
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
import { type Elected, startElection } from './turn.ts';
import { turns } from './turns.ts';
import { PATIENCE_MS, type Presence, register } from './workers.ts';

export type PostgresStoreOptions = {
  readonly announce: Announce;
  readonly log: Log;
  /** What people who look into the database see of this process; its machine and process id where absent. */
  readonly name?: string;
  /** How many connections it makes at the most, beside one that holds its locks and those for accepting; 8 where absent. */
  readonly connections?: number;
  /** For how many milliseconds it looks on before it takes anybody for dead; ten seconds where absent. */
  readonly patience?: number;
};

export type PostgresStore = Store &
  Pick<Presence, 'holds'> & {
    /** The time that all processes on the database have in common, in Unix milliseconds. */
    clock(): number;
    /** Has this process take part in whose turn it is to do work of these kinds. */
    elect(works: readonly Work[]): Elected;
  };

/** How often it is looked whether something was claimed whose answer got lost. */
const LOOK_MS = 1_000;
/** PostgreSQL shows 63 bytes of a session's name. */
const LONGEST_NAME = 40;

/** What the database shows of the sessions of one store, which are found by it: two of one name are two. */
const sessionName = (name: string): string =>
  `webkasa-bot ${name.slice(0, LONGEST_NAME)} ${randomBytes(4).toString('hex')}`;

/**
 * Opens the store in a PostgreSQL database, whose tables are made or brought up to date. Any number of processes work on
 * one; each is known to the others while it is connected. Throws an OperatorError where the address is none or the
 * database was written by a newer version, a DatabaseFailure where it does not answer.
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
  // Of its own: whatever else is stuck or slow, webhooks are accepted.
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
    ...recovering(database, presence, createPuttingAside({ database, presence, log })),
    holds: presence.holds,
    clock: clock.now,
    // On the line that shows it alive: whoever is put aside loses its turns with it.
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

/** Does it again and again until it is disposed of; what fails is tried the next time. */
const repeat = (work: () => Promise<void>): AsyncDisposable =>
  inBackground(async ({ alarm, stopping }) => {
    while (!stopping()) {
      await alarm.sleep(LOOK_MS);
      if (!stopping()) await work().catch(() => undefined);
    }
  });
