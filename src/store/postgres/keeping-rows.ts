import type { KeepingStore, RowChange } from '../keeping-ports.ts';
import {
  columnsOf,
  KEPT_TABLE_NAMES,
  KEPT_TABLES,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
} from '../kept-tables.ts';
import { RESOURCE_COLUMNS, withoutSeq } from '../resource-row.ts';
import type { Database, Sql } from './database.ts';
import { type FoundResource, resourceNameIn, WRITTEN, writtenOf } from './resources.ts';

const TYPES = { integer: 'bigint', text: 'text', json: 'text', bytes: 'bytea', flag: 'boolean' } as const;
/** Milliseconds that reading a whole table may take. */
const LONG = 1_800_000;

const namesOf = (table: KeptTable): readonly string[] => columnsOf(table).map(([name]) => name);
const readList = (table: KeptTable): string =>
  columnsOf(table)
    .map(([name, type]) => (type === 'flag' ? `t.${name}::integer AS ${name}` : `t.${name}`))
    .join(', ');

/** Columns of text are indexed by their digest, since texts can be of any length; rows are found and ordered by that. */
const isText = (table: KeptTable, column: string): boolean =>
  columnsOf(table).some(([name, type]) => name === column && type === 'text');

/** A page of the rows that meet a condition. Its last parameters are the key to continue after, if any, and the limit. */
const pageOf = (table: KeptTable, condition: string, parameters: number, after: Kept | undefined): string => {
  const { key } = KEPT_TABLES[table];
  const text = isText(table, key);
  const at = text ? `digest_of(t.${key})` : `t.${key}`;
  const border = text ? `digest_of($${parameters + 1}::text)` : `$${parameters + 1}::bigint`;
  const behind = after === undefined ? '' : ` AND ${at} > ${border}`;
  const limit = parameters + (after === undefined ? 1 : 2);
  return `SELECT ${readList(table)} FROM ${table} t WHERE ${condition}${behind} ORDER BY ${at} LIMIT $${limit}`;
};

const behind = (after: Kept | undefined, limit: number): readonly Kept[] =>
  after === undefined ? [limit] : [after, limit];

type Reading = Pick<KeepingStore, 'rows' | 'rowsWith' | 'rowsHolding'>;

/** The part of the KeepingStore port that reads rows. */
export const keptReading = (sql: Pick<Database, 'query'>): Reading => ({
  rows: (table, after, limit) => sql.query<KeptRow>(pageOf(table, 'true', 0, after), behind(after, limit), LONG),

  async rowsWith(table, column, values) {
    if (!namesOf(table).includes(column)) throw new Error(`The table ${table} has no column ${column}.`);
    if (values.length === 0) return [];
    const { key } = KEPT_TABLES[table];
    const text = isText(table, column);
    const wanted = text ? 'SELECT digest_of(v) FROM unnest($1::text[]) v' : 'SELECT unnest($1::bigint[])';
    const at = text ? `digest_of(t.${column})` : `t.${column}`;
    return sql.query<KeptRow>(
      `SELECT ${readList(table)} FROM ${table} t WHERE ${at} IN (${wanted}) ORDER BY t.${key}`,
      [values],
    );
  },

  async rowsHolding(table, texts, after, limit) {
    const conditions = columnsOf(table).flatMap(([name, type]) => {
      if (type === 'integer' || type === 'flag') return [];
      const text = type === 'bytes' ? `convert_from(t.${name}, 'UTF8')` : `t.${name}`;
      // In other collations, lower() of an ASCII letter can depend on the language.
      const plain = texts.map((_, index) => `position($${index + 1}::text in lower(${text} COLLATE "C")) > 0`);
      const escapes = ['\\', '%', '&'].map((sign) => `position('${sign}' in ${text}) > 0`);
      return [...plain, `octet_length(t.${name}) <> length(${text})`, ...escapes];
    });
    if (conditions.length === 0) return [];
    const statement = pageOf(table, `(${conditions.join(' OR ')})`, texts.length, after);
    return sql.query<KeptRow>(statement, [...texts, ...behind(after, limit)], LONG);
  },
});

/** The number of rows in each table. */
export const keptCounts = async (sql: Pick<Database, 'query'>): Promise<Record<KeptTable, number>> => {
  const counts = KEPT_TABLE_NAMES.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ');
  const [row] = await sql.query<Record<KeptTable, number>>(`SELECT ${counts}`, [], LONG);
  if (!row) throw new Error('The database counted nothing.');
  return row;
};

/** The columns that this store derives from a row, with their values. */
const derived: Partial<Record<KeptTable, (row: KeptRow, more: Derivation) => Readonly<Record<string, unknown>>>> = {
  resource: (row) => {
    const values = writtenOf(withoutSeq(asResource(row)));
    return Object.fromEntries(WRITTEN.flatMap((name, index) => (name in row ? [] : [[name, values[index]]])));
  },
  delivery: ({ kind, action }) => ({ registration: kind === 'email' ? registrationIn(String(action)) : null }),
  unrouted: ({ webhook = null }, { bodies }) => {
    const body = bodies.get(webhook);
    return { resource: body ? resourceNameIn(body) : null };
  },
};

/** What derived() needs beside the row: bodies of webhooks, by `seq`. */
type Derivation = { readonly bodies: ReadonlyMap<Kept, Uint8Array> };

const asResource = (row: KeptRow): FoundResource =>
  Object.fromEntries(
    [...RESOURCE_COLUMNS.matchAll(/r\.(\w+)(?: AS "(\w+)")?/g)].map(([, column = '', name]) => [
      name ?? column,
      row[column],
    ]),
  ) as FoundResource;

const registrationIn = (action: string): string | null => {
  const { email } = JSON.parse(action) as { email?: { registration?: { id?: unknown } } };
  return typeof email?.registration?.id === 'string' ? email.registration.id : null;
};

const DERIVED_TYPES: Readonly<Record<string, string>> = { gone: 'boolean', guests: 'integer' };

/** Inserts rows, except those whose key is present already. */
export const insertRows = async (sql: Sql, table: KeptTable, rows: readonly KeptRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const bodies = table === 'unrouted' ? await bodiesOf(sql, rows) : NO_BODIES;
  const made = rows.map((row) => derived[table]?.(row, { bodies }) ?? {});
  const own = columnsOf(table).map(([name, type]) => {
    const values = rows.map((row) => (type === 'flag' ? row[name] === 1 : (row[name] ?? null)));
    return { name, type: TYPES[type], values };
  });
  const others = Object.keys(made[0] ?? {}).map((name) => ({
    name,
    type: DERIVED_TYPES[name] ?? 'text',
    values: made.map((each) => each[name] ?? null),
  }));
  const all = [...own, ...others];
  const names = all.map(({ name }) => name).join(', ');
  const lists = all.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  await sql.query(
    `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${lists}) ON CONFLICT DO NOTHING`,
    all.map(({ values }) => values),
  );
};

const NO_BODIES: Derivation['bodies'] = new Map();

const bodiesOf = async (sql: Sql, unrouted: readonly KeptRow[]): Promise<Derivation['bodies']> => {
  const seqs = unrouted.map(({ webhook = null }) => webhook);
  const webhooks = await keptReading(sql).rowsWith('webhook', 'seq', seqs);
  return new Map(webhooks.map(({ seq = null, body }) => [seq, body as Uint8Array]));
};

const same = (one: Kept, other: Kept): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array ? Buffer.compare(one, other) === 0 : one === other;

/** The condition that row `t` has the key in this parameter. */
const hasKey = (table: KeptTable, parameter: number): string => {
  const { key } = KEPT_TABLES[table];
  return isText(table, key)
    ? `digest_of(t.${key}) = digest_of($${parameter}::text)`
    : `t.${key} = $${parameter}::bigint`;
};

const isAsRead = async (sql: Sql, { table, before, after }: RowChange): Promise<boolean> => {
  const key = keyOf(table, before ?? after ?? {});
  const [row] = await sql.query<KeptRow>(
    `SELECT ${readList(table)} FROM ${table} t WHERE ${hasKey(table, 1)} FOR UPDATE`,
    [key],
  );
  if (!before || !row) return before === row;
  return namesOf(table).every((name) => same(row[name] ?? null, before[name] ?? null));
};

const update = async (sql: Sql, table: KeptTable, before: KeptRow, after: KeptRow): Promise<void> => {
  const own = columnsOf(table).map(
    ([name, type]) => [name, type === 'flag' ? after[name] === 1 : (after[name] ?? null)] as const,
  );
  const more = table === 'unrouted' ? [] : Object.entries(derived[table]?.(after, { bodies: NO_BODIES }) ?? {});
  const all = [...own, ...more];
  await sql.query(
    `UPDATE ${table} AS t SET ${all.map(([name], index) => `${name} = $${index + 2}`).join(', ')} WHERE ${hasKey(table, 1)}`,
    [keyOf(table, before), ...all.map(([, value]) => value)],
  );
};

/** The part of the KeepingStore port that writes rows. */
export const keptWriting = (database: Database): Pick<KeepingStore, 'rewrite'> => ({
  rewrite: (changes) =>
    database.transaction(async (sql) => {
      for (const change of changes) if (!(await isAsRead(sql, change))) return 'conflict';
      for (const { table, before, after } of changes) {
        if (!before) await insertRows(sql, table, after ? [after] : []);
        else if (!after) await sql.query(`DELETE FROM ${table} AS t WHERE ${hasKey(table, 1)}`, [keyOf(table, before)]);
        else await update(sql, table, before, after);
      }
      return 'written';
    }),
});
