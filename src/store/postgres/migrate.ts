import { readdirSync, readFileSync } from 'node:fs';
import { OperatorError } from '../../core/errors.ts';
import type { Database, Sql } from './database.ts';
import { DatabaseFailure } from './failure.ts';

const MIGRATIONS = new URL('./migrations/', import.meta.url);

/** The advisory lock of migrations; an arbitrary number that nothing else uses. */
const LOCK = 7_730_001;
/** Milliseconds that one step may take, and that other processes wait for the one that migrates. */
const LONGEST = 3_600_000;

/**
 * Runs the numbered files of migrations/ that the database lacks, in order and in one transaction. If several processes start
 * at once, one migrates and the others wait. Throws an OperatorError if the schema is newer than this version.
 */
export const migrate = async (database: Pick<Database, 'query' | 'transaction'>): Promise<void> => {
  const names = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const newest = Number(names.at(-1)?.slice(0, 4));
  if ((await versionOf(database)) === newest) return;
  await database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const current = await versionOf(sql);
    if (current > newest) {
      throw new OperatorError(
        `The database was written by a newer webkasa-bot (schema ${current}, this one knows ${newest}).`,
        { remedy: 'Start the newer version, or restore a backup made before the upgrade.' },
      );
    }
    if (current === newest) return;
    for (const name of names.filter((candidate) => Number(candidate.slice(0, 4)) > current)) {
      for (const statement of statementsOf(readFileSync(new URL(name, MIGRATIONS), 'utf8'))) {
        await sql.query(statement).catch((error: unknown) => refuse(statement, error));
      }
    }
    await sql.query('CREATE TABLE IF NOT EXISTS schema_version (single boolean PRIMARY KEY, version integer NOT NULL)');
    await sql.query(
      `INSERT INTO schema_version VALUES (true, $1) ON CONFLICT (single) DO UPDATE SET version = excluded.version`,
      [newest],
    );
  }, LONGEST);
};

/** Explains what an operator can mend: tables of another program, and an extension that only an administrator may create. */
const refuse = (statement: string, error: unknown): never => {
  // duplicate_table, see PostgreSQL's list of error codes.
  if (error instanceof DatabaseFailure && error.code === '42P07') {
    throw new OperatorError(`The database holds something that is not webkasa-bot's: ${error.message}`, {
      remedy: 'Name a database that nothing else uses.',
    });
  }
  const [, extension] = /CREATE EXTENSION IF NOT EXISTS (\w+)/.exec(statement) ?? [];
  if (extension === undefined || !(error instanceof DatabaseFailure) || error.code === undefined) throw error;
  throw new OperatorError(`The database has no extension ${extension}, and its user may not add it: ${error.message}`, {
    remedy: `Have an administrator run this in the database: CREATE EXTENSION ${extension}; then start again.`,
  });
};

const versionOf = async (sql: Sql): Promise<number> => {
  // From the catalog: to_regclass() may answer from a cache that is older than the wait for the lock.
  const tables = await sql.query(
    `SELECT FROM pg_tables WHERE tablename = 'schema_version' AND schemaname = current_schema()`,
  );
  if (tables.length === 0) return 0;
  const [row] = await sql.query<{ version: number }>('SELECT version FROM schema_version');
  return row?.version ?? 0;
};

/** Splits a file at semicolons that end a line, except within the body of a function. */
const statementsOf = (file: string): string[] => {
  const statements: string[] = [];
  let lines: string[] = [];
  let inBody = false;
  for (const line of file.split('\n')) {
    if (line.trim() === '' || line.startsWith('--')) continue;
    lines.push(line);
    if (line.split('$$').length % 2 === 0) inBody = !inBody;
    if (inBody || !line.trimEnd().endsWith(';')) continue;
    statements.push(lines.join('\n'));
    lines = [];
  }
  return statements;
};
