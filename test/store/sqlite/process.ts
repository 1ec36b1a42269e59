import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A folder that goes with the test, and the path of a store in it. */
export const storeFile = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'webkasa-bot-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'bot.db');
};

export type RunningProcess = {
  readonly pid: number;
  /** The lines printed so far. */
  readonly lines: readonly string[];
  /** Waits for a line; rejects with what went to standard error where the process ends without it. */
  printed(matches: (line: string) => boolean): Promise<string>;
  send(line: string): void;
  /** Ends it as a crash would; resolves when it is gone and all that it printed is read. */
  kill(): Promise<void>;
  ended(): Promise<void>;
};

const PROGRAM = join(import.meta.dirname, 'program.ts');

/** Starts program.ts in a process of its own, optionally with a limit to the size of the files it may write. */
export const startProgram = (
  args: readonly string[],
  { fileKilobytes }: { fileKilobytes?: number } = {},
): RunningProcess => {
  const limit = fileKilobytes === undefined ? '' : `ulimit -S -f ${fileKilobytes}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, PROGRAM, ...args]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return follow(child);
};

const follow = (
  child: ChildProcess & { readonly stdout: NonNullable<ChildProcess['stdout']> | null },
): RunningProcess => {
  const { stdin, stdout, stderr, pid } = child;
  if (!stdin || !stdout || !stderr || pid === undefined) throw new Error('the process did not start');
  const lines: string[] = [];
  let errors = '';
  let over = false;
  stderr.on('data', (text) => {
    errors += text;
  });
  const reader = createInterface({ input: stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(() => {
    over = true;
    reader.emit('line', '');
  });
  return {
    pid,
    lines,
    async printed(matches) {
      for (let read = 0; ; ) {
        while (read < lines.length) {
          const line = lines[read] ?? '';
          read += 1;
          if (matches(line)) return line;
        }
        if (over) throw new Error(`the process ended without printing it: ${errors || lines.slice(-5).join('\n')}`);
        await once(reader, 'line');
      }
    },
    send: (line) => stdin.write(`${line}\n`),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    ended: () => ended,
  };
};
