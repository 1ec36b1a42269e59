import { OperatorError } from '../../core/errors.ts';
import { ALERTS_CARD, STORE_CARD } from '../card-name.ts';
import type { MoveTarget } from '../keeping-ports.ts';
import { KEPT_TABLE_NAMES, KEPT_TABLES, type Kept, type KeptTable } from '../kept-tables.ts';
import { type Database, openDatabase } from './database.ts';
import { insertRows, keptCounts, keptReading } from './keeping-rows.ts';

/** Milliseconds that one step may take: an index over millions of rows takes minutes. */
const LONG = 3_600_000;

/** Marks a half moved store: its source, and the indexes and references to create again once all rows are there. */
const MARK =
  'CREATE TABLE IF NOT EXISTS moving (source text NOT NULL, state text NOT NULL, afterwards text[] NOT NULL)';

const isNumbered = (table: KeptTable): boolean => {
  const { key, columns } = KEPT_TABLES[table];
  return (columns as Readonly<Record<string, string>>)[key] === 'integer';
};
/** The large tables, whose indexes are dropped. The others keep theirs, to tell which rows are there already. */
const NUMBERED = KEPT_TABLE_NAMES.filter(isNumbered);

/**
 * Indexes (except of primary keys) and references, which take a fraction of the time when they are created over all rows at the
 * end. Each with the statements that drop it and create it again; the latter can be repeated.
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

/** The tables whose triggers count rows. During a move these are disabled, and the rows counted once at the end. */
const COUNTED = ['webhook', 'delivery'] as const;

/** Cards that a bot writes by itself as soon as it is started on an empty database. */
const NOTES = [ALERTS_CARD, STORE_CARD];

/** Opens a database as the target of a move, creating its tables. */
export const openMoveTarget = async (url: string): Promise<MoveTarget> => {
  const database = await openDatabase(url, { connections: 2 });
  return {
    isBegun: (source) => isBegun(database, source),
    begin: (source, state) => begin(database, source, state),
    ...keptReading(database),
    last: (table) => lastOf(database, table),
    insert: (table, rows) =>
      database.transaction(async (sql) => {
        // Rows lost with the power are moved again. finish() commits durably, and with its commit all those before.
        await sql.query('SET LOCAL synchronous_commit = off');
        await insertRows(sql, table, rows);
      }, LONG),
    finish: (tell) => finish(database, tell),
    [Symbol.asyncDispose]: () => database.close(),
  };
};

/** Throws an OperatorError if a store is only half moved to the database: nothing may be delivered from half of it. */
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
    await sql.query(MARK);
    await sql.query('INSERT INTO moving VALUES ($1, $2, $3)', [source, state, dropped.map(({ make }) => make)]);
    await sql.query('DELETE FROM card WHERE key = ANY($1::text[])', [NOTES]);
    for (const { drop } of dropped) await sql.query(drop);
    for (const table of COUNTED) await sql.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  }, LONG);
  return 'begun';
};

/** Starts over: rows moved before may have changed since, and insert() would leave them alone. */
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

/** Can be interrupted anywhere, and repeated. */
const finish = async (database: Database, tell: (done: number, all: number) => void): Promise<void> => {
  const [move] = await database.query<{ afterwards: readonly string[] }>('SELECT afterwards FROM moving');
  const afterwards = Map.groupBy(move?.afterwards ?? [], (step) => (step.startsWith('CREATE') ? 'index' : 'reference'));
  const steps = [
    ...(afterwards.get('index') ?? []),
    // After the indexes: ANALYZE samples their expressions (digests) only if they exist. The check of references profits too.
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

/** Removes rows that were rewritten or deleted from the tables' files (VACUUM), so that their space is overwritten. */
export const scourDatabase = async (url: string): Promise<void> => {
  const database = await openDatabase(url, { connections: 1 });
  try {
    for (const table of KEPT_TABLE_NAMES) await database.query(`VACUUM ${table}`, [], LONG);
  } finally {
    await database.close();
  }
};
