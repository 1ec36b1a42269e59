import { onTestFinished } from 'vitest';
import type { Resource } from '../../../src/core/resource.ts';
import { type Database, openDatabase, type Sql } from '../../../src/store/postgres/database.ts';
import { WRITTEN, writtenOf } from '../../../src/store/postgres/resources.ts';
import { T0 } from '../../support/builders.ts';
import { openTestStore } from '../../support/postgres.ts';

/** A database with the store's tables, closed and removed after the test. */
export const openFresh = async (): Promise<Database> => {
  const { url, close } = await openTestStore();
  const database = await openDatabase(url);
  onTestFinished(async () => {
    await database.close();
    await close();
  });
  return database;
};

/** The same, and all statements that go through it. */
export const listening = (database: Database) => {
  const statements: { readonly text: string; readonly values: readonly unknown[] }[] = [];
  const heard = (sql: Sql): Sql => ({
    query(text, values = []) {
      statements.push({ text, values });
      return sql.query(text, values);
    },
  });
  const listened: Database = {
    ...database,
    query: (text, values) => heard(database).query(text, values),
    transaction: (work) => database.transaction((sql) => work(heard(sql))),
  };
  return { database: listened, statements };
};

export const aResource = (number: number, overrides: Partial<Resource> = {}): Resource => ({
  kind: 'booking',
  id: `bk_${number}`,
  status: 'CONFIRMED',
  title: null,
  attendeeName: 'Anna Kowalska',
  attendeeEmail: `user${number}@gmail.com`,
  scheduleId: 'sch_1',
  eventId: null,
  start: null,
  startsAt: null,
  previousStart: null,
  previousStartVersion: 0,
  lastType: 'booking.created',
  lastWebhookId: `wh_${number}`,
  version: T0 * 10,
  data: { id: `bk_${number}` },
  ...overrides,
});

const TYPES: Readonly<Record<string, string>> = {
  starts_at: 'bigint',
  previous_start_version: 'bigint',
  version: 'bigint',
  gone: 'boolean',
  guests: 'integer',
};

/** Writes them in one statement, the first of them first. */
export const writeAll = async (database: Database, resources: readonly Resource[]): Promise<void> => {
  const rows = resources.map(writtenOf);
  await database.query(
    `INSERT INTO resource (${WRITTEN.join(', ')})
     SELECT * FROM unnest(${WRITTEN.map((column, index) => `$${index + 1}::${TYPES[column] ?? 'text'}[]`).join(', ')})`,
    WRITTEN.map((_, column) => rows.map((row) => row[column])),
  );
  await database.query('ANALYZE resource');
};
