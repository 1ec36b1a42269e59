import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BotProcess } from '../support/bot.ts';
import { median } from './processes.ts';
import { type Bots, nameOf, type Setting, type Stores, startBots } from './settings.ts';
import { startSteady } from './steady.ts';
import { aWebhook } from './webhooks.ts';

const PER_SECOND = 500;
/** Seconds that a bot has to come to rest after its start, and those that it is under load. */
const REST = 10;
const LOAD = 20;

export type MemoryOptions = {
  readonly rounds: number;
  readonly settings: readonly Setting[];
  readonly stores: Stores;
  readonly folder: string;
  readonly log: (line: string) => void;
};

/** Milliseconds until it listened, and megabytes. */
type Idle = { readonly start: number; readonly memory: number };

/** How long a bot takes to listen, and what memory it takes at rest and while webhooks come in. */
export const benchMemory = async ({ rounds, settings, stores, folder, log }: MemoryOptions): Promise<void> => {
  log('  wanted: listening within 2,000 ms; under 150 MB at rest, under 400 MB under load');
  for (const [index, setting] of settings.entries()) {
    // What fills or copies a store is no part of the start.
    await stores[setting.store === 'SQLite' ? 'sqlite' : 'postgres'](setting.stored);
    const idle: Idle[] = [];
    const loaded: number[] = [];
    // First all that rest: a database keeps what is accepted, and then there is no rest.
    for (let round = 1; round <= rounds; round += 1) {
      idle.push(await atRest(setting, join(folder, `idle-${index}-${round}`), stores));
    }
    for (let round = 1; round <= rounds; round += 1) {
      loaded.push(await underLoad(setting, join(folder, `loaded-${index}-${round}`), stores));
    }
    const [start, rest] = [median(idle.map((one) => one.start)), median(idle.map((one) => one.memory))].map(Math.round);
    log(
      `    ${nameOf(setting).padEnd(46)} listens after ${start} ms, ${rest} MB at rest, ${Math.round(median(loaded))} MB at the most at ${PER_SECOND} webhooks a second`,
    );
  }
};

const atRest = async (setting: Setting, folder: string, stores: Stores): Promise<Idle> => {
  const bots = await startBots(setting, folder, stores);
  await pause(REST * 1000);
  const { now } = await memoryOf(theBot(bots).child.pid);
  await bots.kill();
  return { start: bots.startedIn, memory: now };
};

/** The most it took, in megabytes. */
const underLoad = async (setting: Setting, folder: string, stores: Stores): Promise<number> => {
  const bots = await startBots(setting, folder, stores);
  const bot = theBot(bots);
  const steady = startSteady(bot.webhookUrl, 'test-secret', PER_SECOND, (n) => aWebhook(`memory_${Date.now()}_${n}`));
  await pause(LOAD * 1000);
  const { failed } = await steady.stop();
  if (failed > 0) throw new Error(`${failed} webhooks were not accepted`);
  const { most } = await memoryOf(bot.child.pid);
  await bots.kill();
  return most;
};

const theBot = ({ processes: [bot] }: Bots): BotProcess => {
  if (!bot) throw new Error('no bot was started');
  return bot;
};

/** Resident memory of a process in megabytes, now and at its highest (proc(5), VmRSS and VmHWM). */
const memoryOf = async (pid: number | undefined): Promise<{ readonly now: number; readonly most: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') };
};
