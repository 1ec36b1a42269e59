import { Client } from 'pg';
import { messageOf } from '../../core/errors.ts';
import { atMost } from '../../runtime/at-most.ts';
import type { Log } from '../../runtime/log.ts';
import { createOneAtATime } from '../../runtime/one-at-a-time.ts';
import { createWake } from '../../runtime/wake.ts';
import { connectionTo, runOn } from './connection.ts';
import { DatabaseFailure, isBroken, toFailure } from './failure.ts';

/**
 * One long-lived connection beside the pool, for what is bound to a session: notifications (LISTEN) and advisory locks. It
 * reconnects whenever it breaks.
 */
export type Line = {
  /**
   * Calls `heard` with each notification on a channel; without a text after each connect, when notifications may have been
   * missed. One listener a channel.
   */
  listen(channel: string, heard: (text: string | undefined) => void): void;
  /** Notifies all listeners of a channel. Lost while the connection is broken. */
  tell(channel: string, text: string): void;
  /** Runs one statement on this connection. Rejects with a DatabaseFailure, at once while the connection is broken. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Calls `lost` whenever the connection breaks, which releases all its locks. */
  onLost(lost: () => void): void;
  [Symbol.asyncDispose](): Promise<void>;
};

const ANSWER_MS = 10_000;
/** How often the connection is checked. */
const LOOK_MS = 5_000;
const CLOSED_WITHIN = 1_000;
const AGAIN_MS = { first: 100, most: 2_000 };

/**
 * Opens a line; rejects if the first connection fails. `name` is its session's `application_name`; `answerWithin` is the
 * time limit of each statement, in milliseconds.
 */
export const openLine = async (url: string, name: string, log: Log, answerWithin = ANSWER_MS): Promise<Line> => {
  const heardBy = new Map<string, (text: string | undefined) => void>();
  const lostBy: (() => void)[] = [];
  const alarm = createWake();
  let client: Client | undefined;
  let closing = false;
  const inTurn = createOneAtATime();

  /** Uses the connection exclusively. */
  const withClient = <Answer>(use: (client: Client) => Promise<Answer>): Promise<Answer> =>
    inTurn('', async () => {
      const current = client;
      if (!current) throw new DatabaseFailure('The connection to the database is broken; it is being made anew.');
      return use(current).catch(async (error: unknown) => {
        // After a lost answer it is unknown whether the session holds a lock: closing it releases everything.
        if (isBroken(toFailure(error))) await end(current);
        throw error;
      });
    });
  const send = (statement: string): void => {
    withClient((current) => current.query(statement)).catch(() => {});
  };

  const connect = async (): Promise<Client> => {
    const next = new Client({ ...connectionTo(url), application_name: name, query_timeout: answerWithin });
    const broken = (): void => {
      if (client !== next) return;
      client = undefined;
      for (const lost of lostBy) lost();
      alarm.wake();
    };
    next.on('error', broken);
    next.on('end', broken);
    next.on('notification', ({ channel, payload }) => heardBy.get(channel)?.(payload ?? ''));
    try {
      await next.connect();
      for (const channel of heardBy.keys()) await next.query(`LISTEN ${channel}`);
    } catch (error) {
      await end(next);
      throw error;
    }
    client = next;
    return next;
  };

  const keep = async (): Promise<void> => {
    let wait = AGAIN_MS.first;
    while (!closing) {
      if (client) {
        // A half-open connection does not answer, which closes it.
        await withClient((current) => current.query('SELECT 1')).catch(() => {});
        await alarm.sleep(LOOK_MS);
        continue;
      }
      try {
        await connect();
        wait = AGAIN_MS.first;
        log.info('the database answers again');
        for (const heard of heardBy.values()) heard(undefined);
      } catch (error) {
        if (wait === AGAIN_MS.first)
          log.warn({ error: messageOf(error) }, 'the database does not answer: trying again');
        await alarm.rest(wait);
        wait = Math.min(wait * 2, AGAIN_MS.most);
      }
    }
  };

  await connect();
  const keeping = keep();

  return {
    listen(channel, heard) {
      heardBy.set(channel, heard);
      // Earlier notifications were missed.
      withClient((current) => current.query(`LISTEN ${channel}`)).then(
        () => heard(undefined),
        () => {},
      );
    },
    tell(channel, text) {
      // A notification need not survive a crash of the database, so its commit waits for no disk. Both statements are one
      // message and so one implicit transaction, which a failure ends: an explicit one would stay open, aborted.
      const quoted = `'${text.replaceAll("'", "''")}'`;
      send(`SET LOCAL synchronous_commit = off; NOTIFY ${channel}, ${quoted}`);
    },
    query: <Row>(text: string, values: readonly unknown[] = []) =>
      withClient((current) => runOn<Row>(current, text, values)).catch((error: unknown) => {
        throw toFailure(error);
      }),
    onLost: (lost) => {
      lostBy.push(lost);
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      alarm.stop();
      await keeping;
      const last = client;
      client = undefined;
      // A server that no longer answers does not confirm the end either.
      if (last) await atMost(CLOSED_WITHIN, end(last));
    },
  };
};

const end = (client: Client): Promise<void> => client.end().catch(() => {});
