import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { botEnv, NODE } from '../support/bot.ts';
import { type Question, questions } from './bookings.ts';
import { fillStore } from './full-store.ts';
import { startSteady } from './steady.ts';
import { aWebhook } from './webhooks.ts';

const SECRET = 'test-secret';
const PER_SECOND = 500;
/** Milliseconds. Under load it is Slack that sets the limit: it wants to hear within three seconds. */
const AT_REST = 50;
const UNDER_LOAD = 3_000;
/** Of each kind; the slowest hundredth of a thousand is ten. */
const EACH = 1_000;

export type SearchOptions = { readonly bookings: number; readonly log: (line: string) => void };

/** Searching and `why` over a store full of bookings: at rest, and while webhooks are being accepted. */
export const benchSearch = async ({ bookings, log }: SearchOptions): Promise<void> => {
  const folder = await mkdtemp(join(process.cwd(), '.bench-'));
  const begun = performance.now();
  await fillStore(join(folder, 'webkasa-bot.db'), bookings);
  log(`  ${bookings} bookings stored in ${Math.round((performance.now() - begun) / 1000)} s`);
  const bot = await startAskedBot(folder);
  const asked = questions(EACH, bookings);

  await bot.ask(asked.slice(0, 200));
  log('  at rest');
  tell(asked, await bot.ask(asked), AT_REST, log);

  const steady = startSteady(bot.webhookUrl, SECRET, PER_SECOND, (n) => aWebhook(`steady_${n}`));
  const times = await bot.ask(asked);
  const { perSecond, failed, p99 } = await steady.stop();
  log(`  while ${Math.round(perSecond)} webhooks a second were accepted (${failed} failed, p99 ${p99.toFixed(1)} ms)`);
  tell(asked, times, UNDER_LOAD, log);
  await bot.kill();
  await rm(folder, { recursive: true, force: true });
};

const KINDS = ['words', 'filters', 'words and filters', 'why'] as const;

const tell = (
  asked: readonly Question[],
  times: readonly number[],
  most: number,
  log: (line: string) => void,
): void => {
  for (const kind of KINDS) {
    const own = times.filter((_, index) => asked[index]?.kind === kind).toSorted((a, b) => a - b);
    const at = (share: number): string => (own[Math.floor((own.length - 1) * share)] ?? Number.NaN).toFixed(1);
    log(`    ${kind.padEnd(18)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (wanted: under ${most}), slowest ${at(1)} ms`);
  }
};

type AskedBot = {
  readonly webhookUrl: string;
  /** Asks one after the other; resolves with the milliseconds of each. */
  ask(questions: readonly Question[]): Promise<readonly number[]>;
  kill(): Promise<void>;
};

const startAskedBot = async (dataDir: string): Promise<AskedBot> => {
  const child = spawn(NODE, [join(import.meta.dirname, 'servers/asked-bot.ts')], {
    env: botEnv(dataDir, { NODE_ENV: 'development' }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const webhookUrl = String(await messageOf(child));
  return {
    webhookUrl,
    ask: async (asked) => {
      const answer = messageOf(child);
      child.send(asked);
      return (await answer) as readonly number[];
    },
    kill: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
};

const messageOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the bot ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
