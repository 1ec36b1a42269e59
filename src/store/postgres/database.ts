import { type ClientBase, Pool, type PoolClient } from 'pg';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { connectionTo, runOn } from './connection.ts';
import { DatabaseFailure, isBroken, isPassing, toFailure } from './failure.ts';
import { migrate } from './migrate.ts';

/** One connection, or one transaction, as the rest of the adapter uses it. */
export type Sql = {
  /**
   * Runs one statement with `$1` … and returns its rows; prepared once a connection. Rows are asserted to be of the type
   * the caller names: the statement and the type stand side by side. bigint comes as a number. Texts may be any: see
   * text.ts for how a NUL is kept, which needs nothing of the caller. Rejects with a DatabaseFailure.
   */
  query<Row = Record<string, never>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

export type Database = {
  /** As Sql says, within `timeout` milliseconds where it is not the usual limit; rejects where it takes longer. */
  query<Row = Record<string, never>>(text: string, values?: readonly unknown[], timeout?: number): Promise<Row[]>;
  /**
   * Commits what `work` did, or rolls it back where that rejects. A deadlock or serialization failure is tried again, as it
   * is of a single statement.
   * `timeout`, in milliseconds, is for each statement.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>, timeout?: number): Promise<Result>;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  readonly log?: Log;
  /** How many connections there are at the most; 8 where absent. */
  readonly connections?: number;
  /** Milliseconds a statement may take, where no other limit is named for it; 30 seconds where absent. */
  readonly longest?: number;
  /** What the database shows of its sessions. */
  readonly name?: string;
};

/** How often anything is tried: those in its way come to an end, so there is no need for many. */
const MOST_TRIES = 6;

/** Connects to the database of this address and brings its schema up to date. */
export const openDatabase = async (url: string, options: DatabaseOptions = {}): Promise<Database> => {
  const database = connectDatabase(url, options);
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
};

/**
 * The same with a schema that is up to date. Connections are made as they are needed, and anew where they broke: after an
 * outage everything goes on by itself.
 */
export const connectDatabase = (
  url: string,
  { log, connections = 8, longest, name }: DatabaseOptions = {},
): Database => {
  const session = { ...connectionTo(url, longest), ...(name && { application_name: name }) };
  const pool = new Pool({ ...session, max: connections, idleTimeoutMillis: 30_000 });
  // Without a listener, a connection that breaks while nobody uses it would end the process.
  pool.on('error', (error) => log?.warn({ error: messageOf(error) }, 'a connection to the database broke'));
  let closed: Promise<void> | undefined;

  const withClient = async <Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    if (closed) throw new DatabaseFailure('The store is closed.');
    const client = await pool.connect().catch((error: unknown) => {
      throw toFailure(error);
    });
    // While it is ours the pool does not listen; what broke it is told by the query it broke.
    client.on('error', ignore);
    let broken = false;
    try {
      return await use(client);
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      // One that is broken is thrown away, and may yet hear from its server why: nobody listens then but we.
      if (!broken) client.off('error', ignore);
      client.release(broken);
    }
  };

  return {
    query: <Row>(text: string, values?: readonly unknown[], timeout?: number) =>
      again(() =>
        withClient((client) => within(timeout, sqlOf(client, timeout), (sql) => sql.query<Row>(text, values))),
      ),

    transaction: (work, timeout) =>
      again(() => withClient((client) => inTransaction(sqlOf(client, timeout), work, timeout))),

    close() {
      closed ??= pool.end();
      return closed;
    },
  };
};

/** What lost to others has done nothing, and goes well once they are done. */
const again = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isPassing(error) || tries === MOST_TRIES) throw error;
    }
  }
};

const ignore = (): void => undefined;

const sqlOf = (client: ClientBase, timeout?: number): Sql => ({
  query: <Row>(text: string, values?: readonly unknown[]) =>
    runOn<Row>(client, text, values, timeout).catch((error: unknown) => {
      throw toFailure(error);
    }),
});

/**
 * Runs a statement for which the server has another limit. For the session, not for a transaction: there are statements
 * that take no transaction around them, as VACUUM.
 */
const within = async <Result>(
  timeout: number | undefined,
  sql: Sql,
  run: (sql: Sql) => Promise<Result>,
): Promise<Result> => {
  if (timeout === undefined) return run(sql);
  await sql.query("SELECT set_config('statement_timeout', $1, false)", [String(timeout)]);
  const asUsual = (): Promise<unknown> => sql.query('RESET statement_timeout');
  const result = await run(sql).catch(async (error: unknown) => {
    // A connection that is given up takes its settings with it.
    if (!isBroken(error)) await asUsual();
    throw error;
  });
  await asUsual();
  return result;
};

const inTransaction = async <Result>(
  sql: Sql,
  work: (sql: Sql) => Promise<Result>,
  timeout?: number,
): Promise<Result> => {
  let failed: unknown;
  const watched: Sql = {
    query: <Row>(text: string, values?: readonly unknown[]) =>
      sql.query<Row>(text, values).catch((error: unknown) => {
        failed = error;
        throw error;
      }),
  };
  await sql.query('BEGIN');
  try {
    if (timeout !== undefined) await sql.query("SELECT set_config('statement_timeout', $1, true)", [String(timeout)]);
    const result = await work(watched);
    // After a failure that nobody minded, PostgreSQL takes a COMMIT for a ROLLBACK, and says nothing.
    if (failed !== undefined) throw failed;
    await sql.query('COMMIT');
    return result;
  } catch (error) {
    // Otherwise the connection is given up, and the server rolls back by itself.
    if (!isBroken(error)) await sql.query('ROLLBACK');
    throw error;
  }
};
