import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/store/sqlite/database.ts';
import { inbox } from '../../../src/store/sqlite/inbox.ts';
import { knownIds } from '../../../src/store/sqlite/known-ids.ts';
import { tempFolder } from '../../support/temp.ts';

const open = async (): Promise<{ file: string; database: Database }> => {
  const file = join(await tempFolder(), 'test.db');
  const database = openDatabase(file);
  onTestFinished(() => database.close());
  return { file, database };
};

const index = (database: Database, seq: number): void => {
  database.exec(
    `INSERT INTO webhook_id SELECT id, seq FROM webhook WHERE seq = ${seq}; DELETE FROM unrouted WHERE webhook = ${seq}`,
  );
};

test('an id whose transaction was rolled back is new, also when another took its row', async () => {
  const { database } = await open();
  const { accept } = inbox(database, knownIds(database));
  database.exec('BEGIN');
  expect(accept('wh_lost', 'a.b', 1, '{}')).toBe('stored');
  database.exec('ROLLBACK');
  expect(accept('wh_other', 'a.b', 2, '{}')).toBe('stored');
  expect(accept('wh_lost', 'a.b', 3, '{}')).toBe('stored');
  expect(accept('wh_lost', 'a.b', 4, '{}')).toBe('duplicate');
});

test('an id stays known when it is routed, tidied and the store opened again', async () => {
  const { file, database } = await open();
  const known = knownIds(database);
  const { accept } = inbox(database, known);
  database.exec('BEGIN');
  for (let n = 1; n <= 5_000; n += 1) accept(`wh_${n}`, 'a.b', n, '{}');
  for (let seq = 1; seq <= 4_000; seq += 1) index(database, seq);
  database.exec('COMMIT');
  known.tidy();
  for (const id of ['wh_1', 'wh_4000', 'wh_4001', 'wh_5000']) expect(accept(id, 'a.b', 1, '{}')).toBe('duplicate');

  const again = openDatabase(file);
  onTestFinished(() => again.close());
  const later = inbox(again, knownIds(again));
  for (const id of ['wh_1', 'wh_4000', 'wh_4001', 'wh_5000'])
    expect(later.accept(id, 'a.b', 1, '{}')).toBe('duplicate');
});

test('an id whose routing was rolled back stays known', async () => {
  const { database } = await open();
  const known = knownIds(database);
  const { accept } = inbox(database, known);
  database.exec('BEGIN');
  for (let n = 1; n <= 5_000; n += 1) accept(`wh_${n}`, 'a.b', n, '{}');
  database.exec('COMMIT');
  database.exec('BEGIN');
  index(database, 7);
  database.exec('ROLLBACK');
  known.tidy();
  expect(accept('wh_7', 'a.b', 1, '{}')).toBe('duplicate');
});

test('an id that was rolled back and never came again does not keep the others remembered', async () => {
  const { database } = await open();
  const known = knownIds(database);
  const { accept } = inbox(database, known);
  database.exec('BEGIN');
  accept('wh_lost', 'a.b', 1, '{}');
  database.exec('ROLLBACK');
  accept('wh_1', 'a.b', 2, '{}');
  index(database, 1);
  known.tidy();
  // Nothing but the memory is left to know it by.
  database.exec(`DELETE FROM webhook_id`);
  expect(known.has('wh_1')).toBe(false);
});
