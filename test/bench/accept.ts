import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { botEnv, startBot } from '../support/bot.ts';
import { type LoadResult, load, signedRequest } from './load.ts';
import { median, startServer } from './processes.ts';
import { aWebhook } from './webhooks.ts';

const SECRET = 'test-secret';
const CONNECTIONS = 64;

export type AcceptOptions = { readonly rounds: number; readonly seconds: number; readonly log: (line: string) => void };

/** Accepting, side by side: the whole bot with its starter rules, and a bare server that appends to a synced file. */
export const benchAccept = async ({ rounds, seconds, log }: AcceptOptions): Promise<void> => {
  const folder = await mkdtemp(join(process.cwd(), '.bench-'));
  const results: { bare: LoadResult; bot: LoadResult }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const bare = await measureBare(join(folder, `bare-${round}.log`), seconds);
    const bot = await measureBot(join(folder, `bot-${round}`), seconds);
    results.push({ bare, bot });
    log(`  round ${round}: bare ${line(bare)} | bot ${line(bot)}`);
  }
  await rm(folder, { recursive: true, force: true });
  const of = (side: 'bare' | 'bot', field: keyof LoadResult): number =>
    median(results.map((result) => result[side][field]));
  const rate = of('bot', 'perSecond') / of('bare', 'perSecond');
  const tail = of('bot', 'p99') / of('bare', 'p99');
  log(
    `  medians of ${rounds}: bare ${Math.round(of('bare', 'perSecond'))}/s, p50 ${of('bare', 'p50').toFixed(1)} ms, p99 ${of('bare', 'p99').toFixed(1)} ms`,
  );
  log(
    `                bot ${Math.round(of('bot', 'perSecond'))}/s, p50 ${of('bot', 'p50').toFixed(1)} ms, p99 ${of('bot', 'p99').toFixed(1)} ms`,
  );
  log(`  rate ${rate.toFixed(2)} × the reference (wanted: at least 0.5), p99 ${tail.toFixed(1)} × (wanted: at most 3)`);
};

const line = ({ perSecond, p99, failed }: LoadResult): string =>
  `${Math.round(perSecond)}/s, p99 ${p99.toFixed(1)} ms${failed > 0 ? `, ${failed} FAILED` : ''}`;

const requests = (url: string, count: number): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(url, SECRET, aWebhook(randomBytes(9).toString('hex'))));

/** A second of warming up, then the measured seconds. */
const measure = async (url: string, seconds: number): Promise<LoadResult> => {
  await load(url, requests(url, 20_000), { connections: CONNECTIONS, seconds: 1 });
  return load(url, requests(url, 45_000 * seconds), { connections: CONNECTIONS, seconds });
};

const measureBare = async (file: string, seconds: number): Promise<LoadResult> => {
  const server = await startServer('bare', file, SECRET);
  const result = await measure(server.line, seconds);
  await server.stop();
  return result;
};

const measureBot = async (dataDir: string, seconds: number): Promise<LoadResult> => {
  const bot = await startBot(botEnv(dataDir, { NODE_ENV: 'development' }));
  const result = await measure(bot.webhookUrl, seconds);
  await bot.end('SIGKILL');
  return result;
};
