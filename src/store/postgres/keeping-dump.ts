import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import { Client } from 'pg';
import { OperatorError } from '../../core/errors.ts';
import { connectionTo } from './connection.ts';
import { createRowCount } from './dump-rows.ts';

/*
 * Copies of a whole database, made by PostgreSQL's own tools. They are given the address in their environment, since everybody
 * on the machine can see their arguments.
 */

/** Upper limit of the characters kept of a tool's complaints. */
const MOST_SAID = 10_000;

/** Writes a snapshot of the database to `file`, in pg_dump's custom format, synced to disk. */
export const dumpDatabase = async (url: string, file: string): Promise<void> => {
  const draft = `${file}.writing`;
  await run('pg_dump', ['--format=custom', '--no-owner', '--no-privileges', `--file=${draft}`], url);
  await using handle = await open(draft, 'r');
  await handle.sync();
  await rename(draft, file);
};

/** Puts a dump in the place of all that the database holds, in one transaction. */
export const restoreDump = (url: string, file: string): Promise<void> =>
  run(
    'pg_restore',
    [
      '--clean',
      '--if-exists',
      '--no-owner',
      '--no-privileges',
      '--single-transaction',
      '--exit-on-error',
      `--dbname=${libpqEnvironment(url).PGDATABASE}`,
      file,
    ],
    url,
  );

/** The number of rows in a dump, by table. Throws an OperatorError if it can't be read to its end. */
export const checkDump = async (url: string, file: string): Promise<Readonly<Record<string, number>>> => {
  const { add, rows } = createRowCount();
  await run('pg_restore', ['--file=-', file], url, add);
  return rows();
};

/** Whether a bot is connected to the database. */
export const isDatabaseUsed = (url: string): Promise<boolean> =>
  asking(url, (ask) =>
    ask(`FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'webkasa-bot%'`),
  );

/** The tables that all other rows derive from. */
const ROOTS = ['webhook', 'act', 'rejection', 'team_document'];

/** Whether the database holds any of a bot's data. Empty tables, as of a bot that was only started, do not count. */
export const isDatabaseFilled = (url: string): Promise<boolean> =>
  asking(url, async (ask) => {
    for (const table of ROOTS) {
      const made = await ask(`FROM pg_tables WHERE tablename = '${table}' AND schemaname = current_schema()`);
      if (made && (await ask(`FROM ${table} LIMIT 1`))) return true;
    }
    return false;
  });

/** Asks the database whether there are rows, without expecting a bot's tables. */
const asking = async <Answer>(
  url: string,
  work: (ask: (from: string) => Promise<boolean>) => Promise<Answer>,
): Promise<Answer> => {
  const client = new Client({ ...connectionTo(url), application_name: 'restore' });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(async (from) => (await client.query(`SELECT ${from}`)).rowCount !== 0);
  } finally {
    await client.end().catch(() => {});
  }
};

/** Parameters of an address that libpq takes under names of its own. */
const LIBPQ_NAMES = {
  PGSSLMODE: 'sslmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGOPTIONS: 'options',
} as const;

/**
 * The variables that lead PostgreSQL's own tools to the same database as our driver
 * (postgresql.org/docs/current/libpq-envars.html). The driver itself says where it goes: a copy of another database would be
 * worse than none.
 */
export const libpqEnvironment = (url: string): Readonly<Record<string, string>> => {
  const { host, port, user, password, database } = new Client(connectionTo(url));
  const { searchParams } = new URL(url);
  const named = Object.entries(LIBPQ_NAMES).map(([name, parameter]) => [name, searchParams.get(parameter)] as const);
  const all = {
    ...Object.fromEntries(named),
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
    // The driver's word for a server whose certificate is not looked at.
    ...(searchParams.get('sslmode') === 'no-verify' && { PGSSLMODE: 'require' }),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])));
};

/** Runs a tool to its end; `read` is given its output. Throws an OperatorError if it fails. */
const run = async (
  tool: 'pg_dump' | 'pg_restore',
  args: readonly string[],
  url: string,
  read?: (piece: Buffer) => void,
): Promise<void> => {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, LC_ALL: 'C', PGCONNECT_TIMEOUT: '10', ...libpqEnvironment(url) };
  const child = spawn(tool, args, { env, stdio: ['ignore', read ? 'pipe' : 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => {
    if (said.length < MOST_SAID) said += piece.toString();
  });
  if (read) child.stdout?.on('data', read);
  const [code] = await once(child, 'close').catch((error: unknown) => {
    throw failure(tool, said, error);
  });
  if (code !== 0) throw failure(tool, said);
};

const failure = (tool: string, said: string, error?: unknown): OperatorError => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return new OperatorError(`${tool} is not installed here, and backups of a PostgreSQL database are made with it.`, {
      remedy:
        'Install the client programs of your PostgreSQL version (postgresql-client), or back up on the server itself.',
    });
  }
  const mismatch = /version mismatch|unsupported version/.test(said);
  const lines = said.trim().split('\n').slice(0, 3).join(' ');
  return new OperatorError(`${tool} failed: ${lines}`, {
    remedy: mismatch
      ? `Put the ${tool} of the server's version, or a newer one, first in PATH.`
      : 'Mend that, and call the command again.',
    cause: error,
  });
};
