import { type ClientBase, Pool, type PoolClient } from 'pg';
import { messageOf } from '../../core/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { connectionTo, runOn } from './connection.ts';
import { DatabaseFailure, isBroken, isTransient, toFailure } from './failure.ts';
import { migrate } from './migrate.ts';

/** A connection or a transaction, as the rest of the adapter uses it. */
export type Sql = {
  /**
   * Runs one statement with parameters `$1` … and returns its rows; each connection prepares it once. The row type is asserted,
   * not checked: write it beside the statement. bigint is returned as a number. Texts may hold any character, even NUL, see
   * text.ts. Rejects with a DatabaseFailure.
   */
  query<Row = Record<string, never>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
};

export type Database = {
  /** As Sql.query(). `timeout`, in milliseconds, replaces the usual limit for this statement. */
  query<Row = Record<string, never>>(text: string, values?: readonly unknown[], timeout?: number): Promise<Row[]>;
  /**
   * Runs `work` in a transaction: commits when it resolves, rolls back when it rejects. After a deadlock or serialization
   * failure the whole of `work` runs again (as does a single statement), so it must have no other effects that a repetition
   * would harm. `timeout`, in milliseconds, replaces the usual limit for each of its statements.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>, timeout?: number): Promise<Result>;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  readonly log?: Log;
  /** Upper limit of connections; 8 if absent. */
  readonly connections?: number;
  /** Milliseconds that a statement may take, unless it is given a limit of its own; 30 seconds if absent. */
  readonly longest?: number;
  /** The `application_name` of its sessions. */
  readonly name?: string;
};

/** Tries of a transaction that lost to others. The winners finish soon, so few are enough. */
const MOST_TRIES = 6;

/** Connects as connectDatabase() does, and brings the schema up to date. */
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
 * Connects to the database of this address, whose schema is expected to be up to date. Connections are opened as needed and
 * replaced when they break, so that after an outage everything continues by itself.
 */
export const connectDatabase = (
  url: string,
  { log, connections = 8, longest, name }: DatabaseOptions = {},
): Database => {
  const session = { ...connectionTo(url, longest), ...(name && { application_name: name }) };
  const pool = new Pool({ ...session, max: connections, idleTimeoutMillis: 30_000 });
  // Without a listener, an idle connection that breaks would end the process.
  pool.on('error', (error) => log?.warn({ error: messageOf(error) }, 'a connection to the database broke'));
  let closed: Promise<void> | undefined;

  const withClient = async <Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    if (closed) throw new DatabaseFailure('The store is closed.');
    const client = await pool.connect().catch((error: unknown) => {
      throw toFailure(error);
    });
    // The pool does not listen to a connection in use. The query that is under way reports why it broke.
    client.on('error', ignore);
    let broken = false;
    try {
      return await use(client);
    } catch (error) {
      broken = isBroken(error);
      throw error;
    } finally {
      // The pool discards a broken connection, which may still emit an error. Nobody else listens for that.
      if (!broken) client.off('error', ignore);
      client.release(broken);
    }
  };

  return {
    query: <Row>(text: string, values?: readonly unknown[], timeout?: number) =>
      withRetries(() =>
        withClient((client) => withTimeout(timeout, sqlOf(client, timeout), (sql) => sql.query<Row>(text, values))),
      ),

    transaction: (work, timeout) =>
      withRetries(() => withClient((client) => inTransaction(sqlOf(client, timeout), work, timeout))),

    close() {
      closed ??= pool.end();
      return closed;
    },
  };
};

/** A transaction that lost to others was rolled back, and succeeds once they are done. */
const withRetries = async <Result>(run: () => Promise<Result>): Promise<Result> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!isTransient(error) || tries === MOST_TRIES) throw error;
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
 * Runs a statement with a timeout of its own, which is set for the session and reset afterwards: statements like VACUUM can't
 * run in a transaction, so a setting for one would not do.
 */
const withTimeout = async <Result>(
  timeout: number | undefined,
  sql: Sql,
  run: (sql: Sql) => Promise<Result>,
): Promise<Result> => {
  if (timeout === undefined) return run(sql);
  await sql.query("SELECT set_config('statement_timeout', $1, false)", [String(timeout)]);
  const asUsual = (): Promise<unknown> => sql.query('RESET statement_timeout');
  const result = await run(sql).catch(async (error: unknown) => {
    // A broken connection is discarded, and its settings with it.
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
    // If `work` ignored the failure of a statement, PostgreSQL would answer COMMIT with a ROLLBACK, and no error.
    if (failed !== undefined) throw failed;
    await sql.query('COMMIT');
    return result;
  } catch (error) {
    // If the connection is broken it is discarded, and the server rolls back by itself.
    if (!isBroken(error)) await sql.query('ROLLBACK');
    throw error;
  }
};
