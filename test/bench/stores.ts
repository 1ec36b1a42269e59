import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { botEnv, NODE } from '../support/bot.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { fillStore } from './full-store.ts';
import type { Stores } from './settings.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');
/** As somebody would set it up who has read a page about it: what is not named is as PostgreSQL comes. */
const SERVER = { fsync: true, settings: ['shared_buffers=1GB', 'max_wal_size=4GB'] } as const;

/** Makes each store when it is first asked for: SQLite's is filled, and moved to PostgreSQL as a team would move it. */
export const openStores = ({
  folder,
  log,
}: {
  readonly folder: string;
  readonly log: (line: string) => void;
}): Stores & { close(): Promise<void> } => {
  const files = new Map<number, Promise<string>>();
  const databases = new Map<number, Promise<string>>();
  let server: Promise<PostgresServer> | undefined;
  let made = 0;

  const fill = async (stored: number): Promise<string> => {
    const begun = performance.now();
    const place = join(folder, `sqlite-${stored}`);
    await fillStore(join(place, 'webkasa-bot.db'), stored);
    log(`  ${stored} bookings stored in ${seconds(begun)} s`);
    return place;
  };
  const sqlite = (stored: number): Promise<string> => {
    const known = files.get(stored) ?? fill(stored);
    files.set(stored, known);
    return known;
  };

  const empty = async (): Promise<string> => {
    server ??= startPostgres(SERVER);
    made += 1;
    return (await server).createDatabase(`bench_${made}`);
  };
  const move = async (stored: number): Promise<string> => {
    const [place, url] = [await sqlite(stored), await empty()];
    const begun = performance.now();
    await command(place, ['store', 'migrate', '--to', url]);
    log(`  ${stored} bookings moved to PostgreSQL in ${seconds(begun)} s`);
    return url;
  };
  return {
    sqlite,
    postgres: (stored) => {
      if (stored === 0) return empty();
      const known = databases.get(stored) ?? move(stored);
      databases.set(stored, known);
      return known;
    },
    close: async () => {
      await (await server)?.stop();
    },
  };
};

const seconds = (begun: number): number => Math.round((performance.now() - begun) / 1000);

const command = async (dataDir: string, args: readonly string[]): Promise<void> => {
  const child = spawn(NODE, [CLI, ...args], { env: botEnv(dataDir), stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`\`${args[0]} ${args[1]}\` ended with ${code}`);
};
