import { OperatorError } from '../../core/errors.ts';
import { ALERTS_CARD, STORE_CARD } from '../card-name.ts';
import type { MoveTarget } from '../keeping-ports.ts';
import { KEPT_TABLE_NAMES, KEPT_TABLES, type Kept, type KeptTable } from '../kept-tables.ts';
import { type Database, openDatabase } from './database.ts';
import { insertRows, keptCounts, keptReading } from './keeping-rows.ts';

/** Milliseconds that one step may take: an index over millions of rows takes minutes. */
const LONG = 3_600_000;

/** Says that a store is half moved, from where, and what is to be made anew when all of it is there. */
const BEGIN =
  'CREATE TABLE IF NOT EXISTS moving (source text NOT NULL, state text NOT NULL, afterwards text[] NOT NULL)';

const isNumbered = (table: KeptTable): boolean => {
  const { key, columns } = KEPT_TABLES[table];
  return (columns as Readonly<Record<string, string>>)[key] === 'integer';
};
/** The large ones. Of the others, an index says which rows are there already. */
const NUMBERED = KEPT_TABLE_NAMES.filter(isNumbered);

/**
 * What is looked after row by row, and takes a fraction of the time when it is made at the end over all rows at once: indexes
 * but for the primary key's, and references. Each with how it is taken away, and how it is made again where it is missing.
 */
const DROPPED = `
  SELECT format('DROP INDEX %I', c.relname) AS drop,
    regexp_replace(pg_get_indexdef(c.oid), ' INDEX ', ' INDEX IF NOT EXISTS ') AS make
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
  WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1::text[]) AND NOT i.indisprimary
  UNION ALL
  SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, c.conname),
    format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I, ADD CONSTRAINT %I %s', t.relname, c.conname, c.conname,
      pg_get_constraintdef(c.oid))
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
  WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1::text[]) AND c.contype = 'f'`;

/** The tables whose rows are counted as they come and go; here they are counted once. */
const COUNTED = ['webhook', 'delivery'] as const;

/** What a bot that was only started on an empty database has noted for itself. */
const NOTES = [ALERTS_CARD, STORE_CARD];

/** Opens a database that a store is to be moved to, its tables made; see MoveTarget. */
export const openMoveTarget = async (url: string): Promise<MoveTarget> => {
  const database = await openDatabase(url, { connections: 2 });
  return {
    isBegun: (source) => isBegun(database, source),
    begin: (source, state) => begin(database, source, state),
    ...keptReading(database),
    last: (table) => lastOf(database, table),
    insert: (table, rows) =>
      database.transaction(async (sql) => {
        // What a loss of power takes is read again; finish() makes sure of all of it.
        await sql.query('SET LOCAL synchronous_commit = off');
        await insertRows(sql, table, rows);
      }, LONG),
    finish: (tell) => finish(database, tell),
    [Symbol.asyncDispose]: () => database.close(),
  };
};

/** Throws an OperatorError where a store is only half moved to the database: nothing may be told out of half of it. */
export const refuseHalfMoved = async (database: Database): Promise<void> => {
  if (await isThere(database)) throw halfMoved();
};

export const halfMoved = (): OperatorError =>
  new OperatorError('A store is half moved to this database.', {
    remedy: 'Call store migrate --to with it again: it goes on where it was broken off.',
  });

const isThere = async (database: Database): Promise<boolean> =>
  (await database.query(`SELECT FROM pg_tables WHERE tablename = 'moving' AND schemaname = current_schema()`)).length >
  0;

const isBegun = async (database: Database, source: string): Promise<boolean> => {
  if (!(await isThere(database))) return false;
  const [move] = await database.query<{ source: string }>('SELECT source FROM moving');
  return move?.source === source;
};

const begin = async (database: Database, source: string, state: string): Promise<'begun' | 'resumed' | 'anew'> => {
  if (await isThere(database)) {
    if (await isBegun(database, source))
      return (await isUnchanged(database, state)) ? 'resumed' : beginAnew(database, state);
    throw new OperatorError('The database holds another store that is half moved.', {
      remedy: 'Move that one to its end, or name an empty database.',
    });
  }
  const counts = await keptCounts(database);
  const [noted] = await database.query<{ cards: number }>(
    'SELECT count(*)::int AS cards FROM card WHERE key = ANY($1::text[])',
    [NOTES],
  );
  counts.card -= noted?.cards ?? 0;
  const filled = KEPT_TABLE_NAMES.filter((table) => counts[table] > 0);
  if (filled.length > 0) {
    throw new OperatorError(`The database holds a store already: there are rows in ${filled.join(', ')}.`, {
      remedy: 'Name an empty database: a store is never mixed with another.',
    });
  }
  await database.transaction(async (sql) => {
    const dropped = await sql.query<{ drop: string; make: string }>(DROPPED, [NUMBERED]);
    await sql.query(BEGIN);
    await sql.query('INSERT INTO moving VALUES ($1, $2, $3)', [source, state, dropped.map(({ make }) => make)]);
    await sql.query('DELETE FROM card WHERE key = ANY($1::text[])', [NOTES]);
    for (const { drop } of dropped) await sql.query(drop);
    for (const table of COUNTED) await sql.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  }, LONG);
  return 'begun';
};

/** Rows that were moved may have changed since, and would be left alone. */
const beginAnew = async (database: Database, state: string): Promise<'anew'> => {
  await database.transaction(async (sql) => {
    await sql.query(`TRUNCATE ${KEPT_TABLE_NAMES.join(', ')} CASCADE`);
    await sql.query('UPDATE moving SET state = $1', [state]);
  }, LONG);
  return 'anew';
};

const isUnchanged = async (database: Database, state: string): Promise<boolean> => {
  const [move] = await database.query<{ state: string }>('SELECT state FROM moving');
  return move?.state === state;
};

const lastOf = async (database: Database, table: KeptTable): Promise<Kept | undefined> => {
  if (!isNumbered(table)) return undefined;
  const { key } = KEPT_TABLES[table];
  const [found] = await database.query<{ last: number | null }>(`SELECT max(${key}) AS last FROM ${table}`);
  return found?.last ?? undefined;
};

/** Can be broken off anywhere, and done again. */
const finish = async (database: Database, tell: (done: number, all: number) => void): Promise<void> => {
  const [move] = await database.query<{ afterwards: readonly string[] }>('SELECT afterwards FROM moving');
  const afterwards = Map.groupBy(move?.afterwards ?? [], (step) => (step.startsWith('CREATE') ? 'index' : 'reference'));
  const steps = [
    ...(afterwards.get('index') ?? []),
    // What an index makes of a row (its digest) is sampled only where there is the index; checking references profits too.
    ...NUMBERED.map((table) => `ANALYZE ${table}`),
    ...(afterwards.get('reference') ?? []),
    ...NUMBERED.filter((table) => KEPT_TABLES[table].key === 'seq').map(
      (table) =>
        `SELECT setval(pg_get_serial_sequence('${table}', 'seq'), greatest(max(seq), 1), max(seq) IS NOT NULL) FROM ${table}`,
    ),
  ];
  for (const [done, step] of steps.entries()) {
    tell(done, steps.length);
    await database.transaction(async (sql) => {
      await sql.query(`SET LOCAL maintenance_work_mem = '256MB'`);
      await sql.query(step);
    }, LONG);
  }
  await database.transaction(async (sql) => {
    await sql.query('DELETE FROM tally_change');
    for (const table of COUNTED) {
      await sql.query(`INSERT INTO tally AS t (name, rows) SELECT '${table}', count(*) FROM ${table}
        ON CONFLICT (name) DO UPDATE SET rows = excluded.rows`);
      await sql.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
    }
    await sql.query('DROP TABLE moving');
  }, LONG);
  tell(steps.length, steps.length);
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
