import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { openTestDatabase } from './postgres.ts';
import { startPostgres } from './postgres-server.ts';

const connected = async (url: string): Promise<Client> => {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
};

it('gives each test an empty database of its own', async () => {
  const databases = [await openTestDatabase(), await openTestDatabase()];
  for (const database of databases) {
    const client = await connected(database.url);
    await client.query('CREATE TABLE mine (a int)');
    await client.end();
    await database.close();
  }
});

it('is killed and started again with what was committed', async () => {
  const server = await startPostgres({ fsync: true });
  onTestFinished(() => server.stop());
  const url = await server.createDatabase('bot');
  const client = await connected(url);
  await client.query('CREATE TABLE kept AS SELECT 7 AS a');

  await server.kill();
  await expect(client.query('SELECT 1')).rejects.toThrow();
  await server.start();

  expect((await (await connected(url)).query('SELECT a FROM kept')).rows).toEqual([{ a: 7 }]);
});
