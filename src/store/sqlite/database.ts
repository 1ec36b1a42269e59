import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { messageOf, OperatorError } from '../../core/errors.ts';
import { fillIndex } from './resources.ts';

/**
 * A connection as the rest of the adapter uses it. Rows are taken to be of the type that the caller names, without a check: the
 * type stands beside its statement, and the schema is STRICT.
 */
export type Database = {
  exec(sql: string): void;
  /** Prepares a statement, whose values are positional. Use it either with `run`, or with `all` and `get`. */
  prepare<Row = Record<string, never>>(sql: string): Statement<Row>;
  readonly inTransaction: boolean;
  close(): void;
};

export type Statement<Row> = {
  all(...values: SQLInputValue[]): Row[];
  get(...values: SQLInputValue[]): Row | undefined;
  run(...values: SQLInputValue[]): { changes: number; lastRowid: number };
};

/** What to do where the store's files can't be opened or made. */
export const CHECK_DATA_DIR = 'Check that DATA_DIR is a folder this user may write to, on a disk with space left.';

/** SQLite's result code where another connection holds a lock (sqlite.org/rescode.html#busy). */
const BUSY = 5;

const MIGRATIONS = new URL('./migrations/', import.meta.url);

export type OpenOptions = {
  readonly readOnly?: boolean;
  /** Leaves the schema at whatever version the file has; the default brings it up to date. */
  readonly anySchema?: boolean;
};

/**
 * Opens the file and, unless told otherwise, brings its schema up to date. `synchronous = FULL` makes a commit in WAL mode
 * survive a loss of power (sqlite.org/pragma.html#pragma_synchronous).
 */
export const openDatabase = (file: string, { readOnly = false, anySchema = readOnly }: OpenOptions = {}): Database => {
  const raw = new DatabaseSync(file, { timeout: 5000, readOnly });
  try {
    if (!readOnly) {
      // auto_vacuum has to be set before anything else in a new file, and does nothing to an old one: it allows space that
      // becomes free to be given back in small steps. Deleted text is overwritten where that costs no extra write.
      // Setting it again writes to the file, even with the same value: opening would wait for the bot's commits, and fail on a
      // full disk.
      if (!givesSpaceBack(raw)) raw.exec('PRAGMA auto_vacuum = INCREMENTAL');
      raw.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      raw.exec('PRAGMA secure_delete = FAST; PRAGMA journal_size_limit = 67108864;');
    }
    raw.exec('PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;');
    const database = wrap(raw);
    if (!anySchema) migrate(database);
    return database;
  } catch (error) {
    // Left open, it would delete the log beside the file whenever it is collected, even the log of a file put there since.
    raw.close();
    throw error;
  }
};

/** 2 stands for INCREMENTAL (sqlite.org/pragma.html#pragma_auto_vacuum). */
const givesSpaceBack = (raw: DatabaseSync): boolean => raw.prepare('PRAGMA auto_vacuum').get()?.auto_vacuum === 2;

const wrap = (raw: DatabaseSync): Database => ({
  exec: (sql) => raw.exec(sql),
  prepare: <Row>(sql: string) => wrapStatement<Row>(raw.prepare(sql)),
  get inTransaction() {
    return raw.isTransaction;
  },
  close: () => raw.close(),
});

const wrapStatement = <Row>(statement: StatementSync): Statement<Row> => ({
  all: (...values) => statement.all(...values) as Row[],
  get: (...values) => statement.get(...values) as Row | undefined,
  run: (...values) => {
    // Every run reports the connection's last row id, which may be one of the full-text index above 2^53. Read as a number,
    // that would make the next statement throw, even a COMMIT.
    statement.setReadBigInts(true);
    const result = statement.run(...values);
    return { changes: Number(result.changes), lastRowid: Number(result.lastInsertRowid) };
  },
});

/** Runs the numbered files that are newer than the schema (`user_version`), in order and in one transaction. */
const migrate = (database: Database): void => {
  const names = readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const newest = Number(names.at(-1)?.slice(0, 4));
  const version = (): number =>
    database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;
  if (version() === newest) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    const current = version();
    if (current > newest) {
      throw new OperatorError(`it was written by a newer webkasa-bot (schema ${current}, this one knows ${newest}).`, {
        remedy: 'Start the newer version, or restore a backup made before the upgrade.',
      });
    }
    for (const name of names.filter((candidate) => Number(candidate.slice(0, 4)) > current)) {
      database.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
    }
    fillIndex(database);
    database.exec(`PRAGMA user_version = ${newest}; COMMIT`);
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/**
 * Takes an exclusive lock that ends with this process, however it ends; undefined where it is already held. Throws an
 * OperatorError where there can be no such file.
 */
export const lockFile = (file: string): { release(): void } | undefined => {
  let raw: DatabaseSync | undefined;
  try {
    raw = new DatabaseSync(file, { timeout: 0 });
    raw.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    raw?.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw new OperatorError(`${file} can't be locked: ${messageOf(error)}.`, { remedy: CHECK_DATA_DIR, cause: error });
  }
  const held = raw;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
};
