import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { OperatorError } from '../../../src/core/errors.ts';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { openTestDatabase } from '../../support/postgres.ts';

test('a start whose user may not create the extension says who has to, and succeeds once that is done', async () => {
  const { url, close } = await openTestDatabase();
  const administrator = new Client({ connectionString: url });
  await administrator.connect();
  const user = `bot_${randomUUID().replaceAll('-', '')}`;
  onTestFinished(async () => {
    await administrator.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
    await administrator.end();
    await close();
  });
  await administrator.query(`CREATE ROLE ${user} LOGIN; GRANT CREATE ON SCHEMA public TO ${user}`);
  const own = new URL(url);
  own.username = user;

  const refused = await openDatabase(own.href).catch((error: unknown) => error);

  expect(refused).toBeInstanceOf(OperatorError);
  expect(refused).toMatchObject({
    message: expect.stringContaining('no extension pg_trgm, and its user may not add it'),
    remedy: expect.stringContaining('CREATE EXTENSION pg_trgm;'),
  });
  await administrator.query('CREATE EXTENSION pg_trgm');
  const database = await openDatabase(own.href);
  expect(await database.query('SELECT FROM resource')).toEqual([]);
  await database.close();
});
