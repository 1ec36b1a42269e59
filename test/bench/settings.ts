import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BotProcess, botEnv, startBot } from '../support/bot.ts';

/** What is measured: which store, how many webhooks it holds at the beginning, and how many whole bots work on it. */
export type Setting = {
  readonly store: 'SQLite' | 'PostgreSQL';
  readonly stored: number;
  readonly processes: number;
};

export const nameOf = ({ store, stored, processes }: Setting): string =>
  `${store}, ${stored === 0 ? 'empty' : `${stored.toLocaleString('en-US')} webhooks`}${store === 'SQLite' ? '' : `, ${processes} ${processes === 1 ? 'process' : 'processes'}`}`;

/** SQLite has one process that works on it. */
export const settingsOf = (stored: readonly number[], processes: readonly number[]): Setting[] =>
  stored.flatMap((count) => [
    { store: 'SQLite' as const, stored: count, processes: 1 },
    ...processes.map((number) => ({ store: 'PostgreSQL' as const, stored: count, processes: number })),
  ]);

/** Stores as they are at the beginning of a round. */
export type Stores = {
  /** A folder whose SQLite file holds so many webhooks. */
  readonly sqlite: (stored: number) => Promise<string>;
  /** A database that holds so many; what a round adds stays there. */
  readonly postgres: (stored: number) => Promise<string>;
};

export type Bots = {
  readonly urls: readonly string[];
  readonly processes: readonly BotProcess[];
  /** Milliseconds until the last of them listened. */
  readonly startedIn: number;
  kill(): Promise<void>;
};

/** Starts the bots of a setting in a folder of their own. */
export const startBots = async (
  setting: Setting,
  folder: string,
  stores: Stores,
  { rules, env = {} }: { readonly rules?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Bots> => {
  await mkdir(folder, { recursive: true });
  if (setting.store === 'SQLite' && setting.stored > 0) {
    // The copy lives on by itself, also where what it is made of was moved to PostgreSQL.
    const filter = (file: string): boolean => !file.endsWith('.moved');
    await cp(await stores.sqlite(setting.stored), folder, { recursive: true, filter });
  }
  const database: Record<string, string> =
    setting.store === 'SQLite' ? {} : { DATABASE_URL: await stores.postgres(setting.stored) };
  if (rules !== undefined) await writeFile(join(folder, 'rules.yaml'), rules);
  const processes: BotProcess[] = [];
  const begun = performance.now();
  for (let number = 0; number < setting.processes; number += 1) {
    processes.push(await startBot(botEnv(folder, { NODE_ENV: 'development', ...database, ...env })));
  }
  return {
    urls: processes.map(({ webhookUrl }) => webhookUrl),
    processes,
    startedIn: performance.now() - begun,
    kill: async () => {
      await Promise.all(processes.map((bot) => bot.end('SIGKILL')));
    },
  };
};
