import { resourceKey } from '../../core/resource.ts';
import { parseWebhook } from '../../core/webhook.ts';
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
import { type FoundResource, WRITTEN, writtenOf } from './resources.ts';

const TYPES = { integer: 'bigint', text: 'text', json: 'text', bytes: 'bytea', flag: 'boolean' } as const;
/** Milliseconds that looking through all of a table may take. */
const LONG = 1_800_000;

const namesOf = (table: KeptTable): readonly string[] => columnsOf(table).map(([name]) => name);
const readList = (table: KeptTable): string =>
  columnsOf(table)
    .map(([name, type]) => (type === 'flag' ? `t.${name}::integer AS ${name}` : `t.${name}`))
    .join(', ');

/** Texts of any length are found, and put in order, by their digest. */
const isText = (table: KeptTable, column: string): boolean =>
  columnsOf(table).some(([name, type]) => name === column && type === 'text');

/** A page of the rows that fulfil a condition; the last parameters are the key to go on behind, where there is one, and the limit. */
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

/** Rows as they are, for what has to see all of them. */
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
      // What lower() makes of ASCII differs between languages but for this collation.
      const plain = texts.map((_, index) => `position($${index + 1}::text in lower(${text} COLLATE "C")) > 0`);
      const escapes = ['\\', '%', '&'].map((sign) => `position('${sign}' in ${text}) > 0`);
      return [...plain, `octet_length(t.${name}) <> length(${text})`, ...escapes];
    });
    if (conditions.length === 0) return [];
    const statement = pageOf(table, `(${conditions.join(' OR ')})`, texts.length, after);
    return sql.query<KeptRow>(statement, [...texts, ...behind(after, limit)], LONG);
  },
});

/** Counts the rows of each table. */
export const keptCounts = async (sql: Pick<Database, 'query'>): Promise<Record<KeptTable, number>> => {
  const counts = KEPT_TABLE_NAMES.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ');
  const [row] = await sql.query<Record<KeptTable, number>>(`SELECT ${counts}`, [], LONG);
  if (!row) throw new Error('The database counted nothing.');
  return row;
};

/** What a store makes of a row for itself, by column. */
const derived: Partial<Record<KeptTable, (row: KeptRow, more: Derivation) => Readonly<Record<string, unknown>>>> = {
  resource: (row) => {
    const values = writtenOf(withoutSeq(asResource(row)));
    return Object.fromEntries(WRITTEN.flatMap((name, index) => (name in row ? [] : [[name, values[index]]])));
  },
  delivery: ({ kind, action }) => ({ registration: kind === 'email' ? registrationIn(String(action)) : null }),
  unrouted: ({ webhook = null }, { bodies }) => ({ resource: resourceNamed(bodies.get(webhook)) }),
};

/** What else is needed to know for that. */
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

/** As `booking:bk_1`; null for what names no resource. */
const resourceNamed = (body: Uint8Array | undefined): string | null => {
  const parsed = body && parseWebhook(body);
  const key = parsed && 'webhook' in parsed ? resourceKey(parsed.webhook) : undefined;
  return key ? `${key.kind}:${key.id}` : null;
};

const DERIVED_TYPES: Readonly<Record<string, string>> = { gone: 'boolean', guests: 'integer' };

/** Writes rows; those whose key is there already are left alone. */
export const insertRows = async (sql: Sql, table: KeptTable, rows: readonly KeptRow[]): Promise<void> => {
  if (rows.length === 0) return;
  const more: Derivation = {
    bodies:
      table === 'unrouted'
        ? new Map(
            (
              await keptReading(sql).rowsWith(
                'webhook',
                'seq',
                rows.map(({ webhook = null }) => webhook),
              )
            ).map(({ seq = null, body }) => [seq, body as Uint8Array]),
          )
        : new Map(),
  };
  const made = rows.map((row) => derived[table]?.(row, more) ?? {});
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

const same = (one: Kept, other: Kept): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array ? Buffer.compare(one, other) === 0 : one === other;

const place = (table: KeptTable, parameter: number): string => {
  const { key } = KEPT_TABLES[table];
  return isText(table, key)
    ? `digest_of(t.${key}) = digest_of($${parameter}::text)`
    : `t.${key} = $${parameter}::bigint`;
};

const isAsRead = async (sql: Sql, { table, before, after }: RowChange): Promise<boolean> => {
  const key = keyOf(table, before ?? after ?? {});
  const [row] = await sql.query<KeptRow>(
    `SELECT ${readList(table)} FROM ${table} t WHERE ${place(table, 1)} FOR UPDATE`,
    [key],
  );
  if (!before || !row) return before === row;
  return namesOf(table).every((name) => same(row[name] ?? null, before[name] ?? null));
};

const update = async (sql: Sql, table: KeptTable, before: KeptRow, after: KeptRow): Promise<void> => {
  const own = columnsOf(table).map(
    ([name, type]) => [name, type === 'flag' ? after[name] === 1 : (after[name] ?? null)] as const,
  );
  const more = table === 'unrouted' ? [] : Object.entries(derived[table]?.(after, { bodies: new Map() }) ?? {});
  const all = [...own, ...more];
  await sql.query(
    `UPDATE ${table} AS t SET ${all.map(([name], index) => `${name} = $${index + 2}`).join(', ')} WHERE ${place(table, 1)}`,
    [keyOf(table, before), ...all.map(([, value]) => value)],
  );
};

/** Writes rows anew, all of them or none. */
export const keptWriting = (database: Database): Pick<KeepingStore, 'rewrite'> => ({
  rewrite: (changes) =>
    database.transaction(async (sql) => {
      for (const change of changes) if (!(await isAsRead(sql, change))) return 'conflict';
      for (const { table, before, after } of changes) {
        if (!before) await insertRows(sql, table, after ? [after] : []);
        else if (!after) await sql.query(`DELETE FROM ${table} AS t WHERE ${place(table, 1)}`, [keyOf(table, before)]);
        else await update(sql, table, before, after);
      }
      return 'written';
    }),
});
