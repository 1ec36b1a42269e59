/*
 * What looking after a full store costs those who send webhooks: `node test/bench/keeping.ts [webhooks]`. Accepts 200
 * webhooks a second, first alone, then while the bot forgets what is over, then while it is backed up; prints how long each
 * took to be answered, and how busy the machine was.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sign } from '../../src/receive/signature.ts';
import { botEnv, NODE, startBot } from '../support/bot.ts';
import { fillStore } from './full-store.ts';
import { aWebhook } from './webhooks.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');
const SECONDS = 20;
const A_SECOND = 200;
/** The bot begins to forget a minute after its start. */
const UNTIL_IT_FORGETS = 62_000;

const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** Milliseconds until the answer; NaN where it was not 200. */
const post = (url: string): Promise<number> => {
  const body = Buffer.from(JSON.stringify(aWebhook(randomBytes(9).toString('hex'))));
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'X-WebKasa-Signature': sign(body, 'test-secret'),
  };
  const begun = performance.now();
  return new Promise((answered) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => answered(response.statusCode === 200 ? performance.now() - begun : Number.NaN));
    });
    sent.on('error', () => answered(Number.NaN));
    sent.end(body);
  });
};

/** Sends at an even pace, whether or not answers come, for as long as `going` says. */
const measure = async (name: string, url: string, going: (seconds: number) => boolean): Promise<void> => {
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const under: Promise<number>[] = [];
  while (going(seconds())) {
    while (under.length < seconds() * A_SECOND) under.push(post(url));
    await rest(2);
  }
  const times = await Promise.all(under);
  const good = times.filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
  const at = (share: number): string => (good[Math.floor(good.length * share)] ?? Number.NaN).toFixed(1);
  const failed = times.length - good.length;
  process.stdout.write(
    `${name.padEnd(24)} ${times.length} webhooks, ${failed} failed, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1 - 1e-9)} ms, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
};

const count = Number(process.argv[2] ?? 1_000_000);
const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-bench-'));
try {
  await fillStore(join(folder, 'webkasa-bot.db'), count);
  // Two gigabytes that are on their way to the disk yet would be what is measured.
  await promisify(execFile)('sync');
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
  const env = botEnv(folder, { RETENTION_DAYS: '30' });
  const begun = performance.now();
  const bot = await startBot(env);
  process.stdout.write(`${count} webhooks stored: started in ${Math.round(performance.now() - begun)} ms\n`);
  const url = bot.webhookUrl;
  const forAWhile = (seconds: number): boolean => seconds < SECONDS;
  await measure('alone', url, forAWhile);
  await rest(Math.max(0, UNTIL_IT_FORGETS - (performance.now() - begun)));
  await measure('while it forgets', url, forAWhile);
  let backedUp = false;
  const backup = promisify(execFile)(NODE, [CLI, 'backup'], { cwd: tmpdir(), env }).finally(() => {
    backedUp = true;
  });
  await measure('and is backed up', url, () => !backedUp);
  process.stdout.write((await backup).stdout);
  await bot.end('SIGTERM');
} finally {
  agent.destroy();
  await rm(folder, { recursive: true, force: true });
}
