import { silentLog } from '../../../src/runtime/log.ts';
import { openQueue, type Queue } from '../../../src/store/postgres/boss.ts';
import { type Database, openDatabase } from '../../../src/store/postgres/database.ts';
import { type Election, startElection } from '../../../src/store/postgres/election.ts';
import { type Line, openLine } from '../../../src/store/postgres/line.ts';
import { createNews } from '../../../src/store/postgres/news.ts';
import type { Signals, Work } from '../../../src/store/process-ports.ts';
import { openTestDatabase } from '../../support/postgres.ts';

/** What a process of the bot has to hear of the others. */
export type TestProcess = {
  readonly line: Line;
  readonly queue: Queue;
  readonly elected: Election;
  readonly signals: Signals;
  close(): Promise<void>;
};

export const ALONE: readonly Work[] = ['slack', 'sheet'];

export const openProcess = async (url: string): Promise<TestProcess> => {
  const log = silentLog();
  const line = await openLine(url, 'test', log);
  const news = createNews(line);
  const elected = startElection(line, ALONE);
  const queue = await openQueue(url, { log, news, working: true });
  return {
    line,
    queue,
    elected,
    signals: queue.listen({ news, mine: elected.mine }),
    close: async () => {
      news.close();
      await queue[Symbol.asyncDispose]();
      await elected[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    },
  };
};

/** So many of them on a database of their own. */
export const openProcesses = async (
  count: number,
): Promise<{ url: string; all: readonly TestProcess[]; database: Database; close(): Promise<void> }> => {
  const { url, close } = await openTestDatabase();
  const database = await openDatabase(url);
  const all = await Promise.all(Array.from({ length: count }, () => openProcess(url)));
  return {
    url,
    all,
    database,
    close: async () => {
      await Promise.all(all.map((each) => each.close()));
      await database.close();
      await close();
    },
  };
};
