import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from './processes.ts';
import { nameOf, type Setting, type Stores, startBots } from './settings.ts';
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

type Measured = { readonly start: number; readonly idle: number; readonly loaded: number };

/** How long a bot takes to listen, and what memory it takes at rest and while webhooks come in. */
export const benchMemory = async ({ rounds, settings, stores, folder, log }: MemoryOptions): Promise<void> => {
  log('  wanted: listening within 2,000 ms; under 150 MB at rest, under 400 MB under load');
  for (const [index, setting] of settings.entries()) {
    // What fills or copies a store is no part of the start.
    await stores[setting.store === 'SQLite' ? 'sqlite' : 'postgres'](setting.stored);
    const measured: Measured[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      measured.push(await measure(setting, join(folder, `memory-${index}-${round}`), stores));
    }
    const of = (field: keyof Measured): number => Math.round(median(measured.map((one) => one[field])));
    const { start, idle, loaded } = { start: of('start'), idle: of('idle'), loaded: of('loaded') };
    log(
      `    ${nameOf(setting).padEnd(46)} listens after ${start} ms, ${idle} MB at rest, ${loaded} MB at the most at ${PER_SECOND} webhooks a second`,
    );
  }
};

const measure = async (setting: Setting, folder: string, stores: Stores): Promise<Measured> => {
  const bots = await startBots(setting, folder, stores);
  const [bot] = bots.processes;
  if (!bot) throw new Error('no bot was started');
  await pause(REST * 1000);
  const idle = (await memoryOf(bot.child.pid)).now;
  const steady = startSteady(bot.webhookUrl, 'test-secret', PER_SECOND, (n) => aWebhook(`memory_${Date.now()}_${n}`));
  await pause(LOAD * 1000);
  const { failed } = await steady.stop();
  if (failed > 0) throw new Error(`${failed} webhooks were not accepted`);
  const { most: loaded } = await memoryOf(bot.child.pid);
  await bots.kill();
  return { start: bots.startedIn, idle, loaded };
};

/** Resident memory of a process in megabytes, now and at its highest (proc(5), VmRSS and VmHWM). */
const memoryOf = async (pid: number | undefined): Promise<{ readonly now: number; readonly most: number }> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), most: megabytes('VmHWM') };
};
