import { OperatorError } from '../../core/errors.ts';
import type { MoveTarget } from '../keeping-ports.ts';
import { KEPT_TABLE_NAMES, KEPT_TABLES, type Kept, type KeptTable } from '../kept-tables.ts';
import { type Database, openDatabase } from './database.ts';
import { insertRows, keptCounts, keptReading } from './keeping-rows.ts';

/** Milliseconds that one step may take: an index over millions of rows takes minutes. */
const LONG = 3_600_000;

/** Says that a store is half moved, from where, and which indexes are made when all of it is there. */
const BEGIN = 'CREATE TABLE IF NOT EXISTS moving (source text NOT NULL, indexes text[] NOT NULL)';
const INDEXES = `SELECT indexname AS name, indexdef AS made FROM pg_indexes WHERE schemaname = current_schema()
  AND tablename = ANY($1::text[]) AND indexdef NOT LIKE 'CREATE UNIQUE%'`;

/** Opens a database that a store is to be moved to, its tables made; see MoveTarget. */
export const openMoveTarget = async (url: string): Promise<MoveTarget> => {
  const database = await openDatabase(url, { connections: 2 });
  return {
    begin: (source) => begin(database, source),
    ...keptReading(database),
    count: async (table) => (await countOf(database, table)).rows,
    last: async (table) => (await countOf(database, table)).last,
    insert: (table, rows) => insertRows({ query: (text, values) => database.query(text, values, LONG) }, table, rows),
    finish: () => finish(database),
    [Symbol.asyncDispose]: () => database.close(),
  };
};

/** Throws an OperatorError where a store is only half moved to the database: nothing may be told out of half of it. */
export const refuseHalfMoved = async (database: Database): Promise<void> => {
  if (!(await isThere(database))) return;
  throw new OperatorError('A store is half moved to this database.', {
    remedy: 'Call store migrate --to with it again: it goes on where it was broken off.',
  });
};

const isThere = async (database: Database): Promise<boolean> =>
  (await database.query(`SELECT FROM pg_tables WHERE tablename = 'moving' AND schemaname = current_schema()`)).length >
  0;

const begin = async (database: Database, source: string): Promise<'begun' | 'resumed'> => {
  if (await isThere(database)) {
    const [move] = await database.query<{ source: string }>('SELECT source FROM moving');
    if (move?.source === source) return 'resumed';
    throw new OperatorError('The database holds another store that is half moved.', {
      remedy: 'Move that one to its end, or name an empty database.',
    });
  }
  const counts = await keptCounts(database);
  const filled = KEPT_TABLE_NAMES.filter((table) => counts[table] > 0);
  if (filled.length > 0) {
    throw new OperatorError(`The database holds a store already: there are rows in ${filled.join(', ')}.`, {
      remedy: 'Name an empty database: a store is never mixed with another.',
    });
  }
  await database.transaction(async (sql) => {
    const indexes = await sql.query<{ name: string; made: string }>(INDEXES, [KEPT_TABLE_NAMES]);
    await sql.query(BEGIN);
    await sql.query('INSERT INTO moving VALUES ($1, $2)', [source, indexes.map(({ made }) => made)]);
    // Made at the end, over all rows at once, they take a fraction of the time.
    for (const { name } of indexes) await sql.query(`DROP INDEX "${name}"`);
  }, LONG);
  return 'begun';
};

const countOf = async (database: Database, table: KeptTable): Promise<{ rows: number; last: Kept | undefined }> => {
  const { key, columns } = KEPT_TABLES[table];
  const numbered = (columns as Readonly<Record<string, string>>)[key] === 'integer';
  const [found] = await database.query<{ rows: number; last: number | null }>(
    `SELECT count(*) AS rows, ${numbered ? `max(${key})` : 'NULL::bigint'} AS last FROM ${table}`,
    [],
    LONG,
  );
  return { rows: found?.rows ?? 0, last: found?.last ?? undefined };
};

const finish = async (database: Database): Promise<void> => {
  const [move] = await database.query<{ indexes: readonly string[] }>('SELECT indexes FROM moving');
  for (const index of move?.indexes ?? []) {
    const made = index.replace(/^CREATE INDEX /, 'CREATE INDEX IF NOT EXISTS ');
    // Within a transaction the server's own limit gives way too.
    await database.transaction((sql) => sql.query(made), LONG);
  }
  for (const table of KEPT_TABLE_NAMES.filter((name) => KEPT_TABLES[name].key === 'seq')) {
    await database.query(
      `SELECT setval(pg_get_serial_sequence('${table}', 'seq'), greatest(max(seq), 1), max(seq) IS NOT NULL) FROM ${table}`,
    );
    await database.transaction((sql) => sql.query(`ANALYZE ${table}`), LONG);
  }
  await database.query('DROP TABLE moving');
};

/** Takes rows that were written anew or deleted out of the tables' files, so that their space is written over. */
export const scourDatabase = async (url: string): Promise<void> => {
  const database = await openDatabase(url, { connections: 1 });
  try {
    for (const table of KEPT_TABLE_NAMES) await database.query(`VACUUM ${table}`, [], LONG);
  } finally {
    await database.close();
  }
};
