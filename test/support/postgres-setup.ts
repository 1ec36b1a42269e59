import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

/** One server for a whole test run, started by the first test that asks for it, and ended with the run. */
export const setup = async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  let postgres: Promise<PostgresServer> | undefined;
  const door = createServer((_, response) => {
    postgres ??= startPostgres();
    postgres.then(
      (server) => response.end(server.url()),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  door.unref();
  provide('postgres', `http://127.0.0.1:${(door.address() as AddressInfo).port}/`);
  return async () => {
    door.close();
    await (await postgres?.catch(() => undefined))?.stop();
  };
};
