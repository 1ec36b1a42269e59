import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { NODE } from '../support/bot.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Starts a program of test/bench/servers and resolves with the first line it prints. */
export const startServer = async (
  name: string,
  ...args: string[]
): Promise<{ line: string; stop(): Promise<void> }> => {
  const child = spawn(NODE, [`test/bench/servers/${name}.ts`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const [text] = await once(child.stdout, 'data');
  return {
    line: String(text).trim(),
    stop: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
