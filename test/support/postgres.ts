import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

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

/**
 * Makes an empty database. The first one of a test run starts the server, which takes about a second. `template` is the
 * name of a database to copy, see makeTemplate().
 */
export const openTestDatabase = async (options: { readonly template?: string } = {}): Promise<TestDatabase> => {
  const server = await serverUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = options.template === undefined ? '' : ` TEMPLATE ${options.template} STRATEGY FILE_COPY`;
  await administer(server, `CREATE DATABASE ${name}${template}`);
  return {
    url: withDatabase(server, name),
    close: () => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
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

const administer = async (server: string, statement: string): Promise<void> => {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
