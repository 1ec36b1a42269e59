import type { RowChange } from '../keeping-ports.ts';
import {
  columnsOf,
  KEPT_TABLE_NAMES,
  KEPT_TABLES,
  type Kept,
  type KeptRow,
  type KeptTable,
  keyOf,
} from '../kept-tables.ts';
import { RESOURCE_COLUMNS, type ResourceRow, toResource } from '../resource-row.ts';
import type { Database, Statement } from './database.ts';
import { resources } from './resources.ts';

const namesOf = (table: KeptTable): readonly string[] => columnsOf(table).map(([name]) => name);
const listOf = (table: KeptTable): string => namesOf(table).join(', ');

/** Reads raw rows of any table. */
export const keptReading = (database: Database) => {
  const statements = new Map<string, Statement<KeptRow>>();
  const prepared = (sql: string): Statement<KeptRow> => {
    const known = statements.get(sql) ?? database.prepare<KeptRow>(sql);
    statements.set(sql, known);
    return known;
  };

  const page = (
    table: KeptTable,
    condition: string,
    values: readonly Kept[],
    after: Kept | undefined,
    limit: number,
  ): KeptRow[] => {
    const { key } = KEPT_TABLES[table];
    const behind = after === undefined ? '' : ` AND ${key} > ?`;
    const select = prepared(
      `SELECT ${listOf(table)} FROM ${table} WHERE ${condition}${behind} ORDER BY ${key} LIMIT ?`,
    );
    return select.all(...values, ...(after === undefined ? [] : [after]), limit).map((row) => ({ ...row }));
  };

  return {
    rows: (table: KeptTable, after: Kept | undefined, limit: number): KeptRow[] =>
      page(table, 'true', [], after, limit),

    rowsWith(table: KeptTable, column: string, values: readonly Kept[]): KeptRow[] {
      if (!namesOf(table).includes(column)) throw new Error(`The table ${table} has no column ${column}.`);
      const select = prepared(
        `SELECT ${listOf(table)} FROM ${table} WHERE ${column} = ? ORDER BY ${KEPT_TABLES[table].key}`,
      );
      return values.flatMap((value) => select.all(value).map((row) => ({ ...row })));
    },

    rowsHolding(table: KeptTable, texts: readonly string[], after: Kept | undefined, limit: number): KeptRow[] {
      const conditions = columnsOf(table).flatMap(([name, type]) => {
        if (type === 'integer' || type === 'flag') return [];
        const text = type === 'bytes' ? `CAST(${name} AS TEXT)` : name;
        const plain = texts.map((_, index) => `instr(lower(${text}), ?${index + 1}) > 0`);
        const escapes = ['\\', '%', '&'].map((sign) => `instr(${text}, '${sign}') > 0`);
        return [...plain, `octet_length(${name}) <> length(${text})`, ...escapes];
      });
      if (conditions.length === 0) return [];
      return page(table, `(${conditions.join(' OR ')})`, texts, after, limit);
    },
  };
};

/** Counts the rows of each table. */
export const keptCounts = (database: Database): Record<KeptTable, number> =>
  Object.fromEntries(
    KEPT_TABLE_NAMES.map((table) => [
      table,
      database.prepare<{ count: number }>(`SELECT count(*) AS count FROM ${table}`).get()?.count ?? 0,
    ]),
  ) as Record<KeptTable, number>;

const same = (one: Kept, other: Kept): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array ? Buffer.compare(one, other) === 0 : one === other;

/** The rewrite() of the KeepingStore port, within the writer's transaction. */
export const keptWriting = (database: Database) => {
  const { rowsWith } = keptReading(database);
  const known = resources(database);
  const resourceBySeq = database.prepare<ResourceRow>(`SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.seq = ?`);

  const isAsRead = ({ table, before, after }: RowChange): boolean => {
    const [row] = rowsWith(table, KEPT_TABLES[table].key, [keyOf(table, before ?? after ?? {})]);
    if (!before || !row) return before === row;
    return namesOf(table).every((name) => same(row[name] ?? null, before[name] ?? null));
  };

  const remember = database.prepare(
    'INSERT INTO webhook_id (id, webhook) SELECT id, seq FROM webhook WHERE seq = ? ON CONFLICT (id) DO NOTHING',
  );

  const insert = (table: KeptTable, row: KeptRow): void => {
    const names = namesOf(table);
    const places = names.map(() => '?').join(', ');
    database
      .prepare(`INSERT INTO ${table} (${listOf(table)}) VALUES (${places})`)
      .run(...names.map((name) => row[name] ?? null));
    // A routed webhook is known by its id in the index, no longer by waiting to be routed: see known-ids.ts.
    if (table === 'routing') remember.run(row.webhook ?? null);
  };

  const update = (table: KeptTable, before: KeptRow, after: KeptRow): void => {
    const names = namesOf(table);
    const indexed = table === 'resource' ? resourceBySeq.get(keyOf(table, before)) : undefined;
    database
      .prepare(
        `UPDATE ${table} SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE ${KEPT_TABLES[table].key} = ?`,
      )
      .run(...names.map((name) => after[name] ?? null), keyOf(table, before));
    const written = indexed && resourceBySeq.get(keyOf(table, after));
    // Brings the search index in step.
    if (written) known.save(toResource(written), indexed);
  };

  const remove = (table: KeptTable, row: KeptRow): void => {
    database.prepare(`DELETE FROM ${table} WHERE ${KEPT_TABLES[table].key} = ?`).run(keyOf(table, row));
  };

  return {
    rewrite(changes: readonly RowChange[]): 'written' | 'conflict' {
      if (!changes.every(isAsRead)) return 'conflict';
      for (const { table, before, after } of changes) {
        if (!before) insert(table, after ?? {});
        else if (!after) remove(table, before);
        else update(table, before, after);
      }
      return 'written';
    },
  };
};
