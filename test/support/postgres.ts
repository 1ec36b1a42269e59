import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { openDatabase } from '../../src/store/postgres/database.ts';

/** Where the test run's own server is asked for; see postgres-setup.ts. */
declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: string;
  }
}

/** A database of its own on the server that all tests of a run share. */
export type TestDatabase = {
  readonly url: string;
  /** Removes it, whoever is connected. */
  close(): Promise<void>;
};

/** Makes an empty database. The first one of a test run starts the server, which takes about a second. */
export const openTestDatabase = async (): Promise<TestDatabase> => createDatabase(await serverUrl(), '');

/** Makes a database that has the store's tables already, which is several times as quick as making them in it. */
export const openTestStore = async (): Promise<TestDatabase> => {
  const server = await serverUrl();
  template ??= makeTemplate(server);
  return createDatabase(server, ` TEMPLATE ${await template}`);
};

/** Takes everything out of the store's tables again. Nobody may be connected to it. */
export const emptyStore = ({ url }: TestDatabase): Promise<void> =>
  administer(url, (client) =>
    client.query(`DO $$ DECLARE name text; BEGIN
      PERFORM set_config('session_replication_role', 'replica', true);
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
      END LOOP; END $$`),
  );

const createDatabase = async (server: string, template: string): Promise<TestDatabase> => {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, (client) => client.query(`CREATE DATABASE ${name}${template}`));
  return {
    url: withDatabase(server, name),
    close: () => administer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
};

let template: Promise<string> | undefined;

/** Whichever test file comes first makes it, the others wait. */
const makeTemplate = async (server: string): Promise<string> => {
  await administer(server, async (client) => {
    await client.query('SELECT pg_advisory_lock(1)');
    const { rowCount } = await client.query(`SELECT FROM pg_database WHERE datname = 'template_store'`);
    if (rowCount) return;
    await client.query('CREATE DATABASE making_template');
    const database = await openDatabase(withDatabase(server, 'making_template'));
    await database.close();
    await client.query('ALTER DATABASE making_template RENAME TO template_store');
  });
  return 'template_store';
};

const withDatabase = (server: string, name: string): string => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};

let known: Promise<string> | undefined;

const serverUrl = (): Promise<string> => {
  known ??= fetch(inject('postgres')).then(async (response) => {
    const said = await response.text();
    if (!response.ok) throw new Error(said);
    return said;
  });
  return known;
};

const administer = async (server: string, work: (client: Client) => Promise<unknown>): Promise<void> => {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};
