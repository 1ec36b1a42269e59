import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type LoadResult, load, signedRequest } from './load.ts';
import { median, startServer } from './processes.ts';
import { nameOf, type Setting, type Stores, startBots } from './settings.ts';
import { aWebhook } from './webhooks.ts';

const SECRET = 'test-secret';
const CONNECTIONS = 64;

export type AcceptOptions = {
  readonly rounds: number;
  readonly seconds: number;
  readonly settings: readonly Setting[];
  readonly stores: Stores;
  readonly folder: string;
  readonly log: (line: string) => void;
};

/** Accepting, side by side: whole bots with the starter rules, and a bare server that appends to a synced file. */
export const benchAccept = async (options: AcceptOptions): Promise<void> => {
  const { rounds, seconds, settings, stores, folder, log } = options;
  const bare: LoadResult[] = [];
  const bots = new Map<Setting, LoadResult[]>(settings.map((setting) => [setting, []]));
  for (let round = 1; round <= rounds; round += 1) {
    bare.push(await measureBare(join(folder, `bare-${round}.log`), seconds));
    for (const [index, setting] of settings.entries()) {
      const running = await startBots(setting, join(folder, `accept-${round}-${index}`), stores);
      bots.get(setting)?.push(await measure(running.urls, seconds));
      await running.kill();
    }
    log(
      `  round ${round}: bare ${line(bare.slice(-1))} | ${settings.map((one) => line((bots.get(one) ?? []).slice(-1))).join(' | ')}`,
    );
  }
  log(`  medians of ${rounds}; wanted: a rate of at least 0.5 of the bare server's, its p99 3 times at the most`);
  log(`    ${'bare server'.padEnd(46)} ${line(bare)}`);
  for (const setting of settings) {
    const results = bots.get(setting) ?? [];
    const rate = of(results, 'perSecond') / of(bare, 'perSecond');
    const tail = of(results, 'p99') / of(bare, 'p99');
    log(`    ${nameOf(setting).padEnd(46)} ${line(results)}: ${rate.toFixed(2)}, p99 ${tail.toFixed(1)} x`);
  }
  tellFull(bots, log);
};

/** How much a full store costs, beside the same one empty. */
const tellFull = (bots: ReadonlyMap<Setting, LoadResult[]>, log: (line: string) => void): void => {
  for (const [setting, results] of bots) {
    const same = [...bots].find(
      ([{ store, processes, stored }]) => stored === 0 && store === setting.store && processes === setting.processes,
    );
    if (setting.stored === 0 || !same) continue;
    const share = of(results, 'perSecond') / of(same[1], 'perSecond');
    log(`    ${nameOf(setting)}: ${share.toFixed(2)} of the empty store (wanted: at least 0.85)`);
  }
};

const of = (results: readonly LoadResult[], field: keyof LoadResult): number =>
  median(results.map((result) => result[field]));

const line = (results: readonly LoadResult[]): string => {
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const [rate, p50, p99] = [of(results, 'perSecond'), of(results, 'p50'), of(results, 'p99')];
  return `${Math.round(rate)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${failed > 0 ? `, ${failed} FAILED` : ''}`;
};

const requests = (url: string, count: number): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(url, SECRET, aWebhook(randomBytes(9).toString('hex'))));

/** A second of warming up, then the measured seconds. */
const measure = async (urls: readonly string[], seconds: number): Promise<LoadResult> => {
  const [url = ''] = urls;
  await load(urls, requests(url, 20_000), { connections: CONNECTIONS, seconds: 1 });
  return load(urls, requests(url, 45_000 * seconds), { connections: CONNECTIONS, seconds });
};

const measureBare = async (file: string, seconds: number): Promise<LoadResult> => {
  const server = await startServer('bare', file, SECRET);
  const result = await measure([server.line], seconds);
  await server.stop();
  return result;
};
