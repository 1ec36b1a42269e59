import { expect, test } from 'vitest';
import { readerCalls, writerCalls } from '../../../src/store/sqlite/calls.ts';
import { type Database, openDatabase } from '../../../src/store/sqlite/database.ts';
import { knownIds } from '../../../src/store/sqlite/known-ids.ts';
import { storeFile } from './process.ts';

/** The statements that are prepared, and how SQLite would go about each. */
const plansOf = async (prepareAll: (database: Database) => void): Promise<Map<string, string[]>> => {
  const database = openDatabase(await storeFile());
  const plans = new Map<string, string[]>();
  prepareAll({
    ...database,
    prepare: <Row>(sql: string) => {
      const steps = database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all();
      plans.set(
        sql.replace(/\s+/g, ' '),
        steps.map(({ detail }) => detail),
      );
      return database.prepare<Row>(sql);
    },
  });
  database.close();
  return plans;
};

/** Tables that grow for ever, by the names they go by in statements. */
const GROWING = /^SCAN (webhook|webhook_id|w|resource|r|routing|g|delivery|d|o|attempt|a|card)\b/;
/** Indexes of what is under way only. */
const UNDER_WAY = /USING (COVERING )?INDEX (delivery_due|attempt_running)$/;
/** What is listed from the newest on, a page of it. */
const A_PAGE = /ORDER BY \w\.seq DESC LIMIT \? OFFSET \?$/;

test.each([
  ['writing', (database: Database) => void writerCalls(database, knownIds(database))],
  ['reading', (database: Database) => void readerCalls(database)],
])('no statement for %s goes through all of a table that grows for ever', async (_, prepareAll) => {
  const plans = await plansOf(prepareAll);

  const slow = [...plans].filter(
    ([sql, steps]) => !A_PAGE.test(sql) && steps.some((step) => GROWING.test(step) && !UNDER_WAY.test(step)),
  );

  expect(plans.size).toBeGreaterThan(10);
  expect(slow).toEqual([]);
});
