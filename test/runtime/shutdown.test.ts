import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tempFolder } from '../support/temp.ts';

const PROGRAM = fileURLToPath(new URL('./stopping-process.ts', import.meta.url));
/** Too long for any test: what ends in time did not wait for it. */
const LONG = 600_000;

type Running = {
  readonly child: ChildProcess;
  /** Resolves once the process has written something that matches. */
  says(pattern: RegExp): Promise<void>;
  /** Resolves with how it ended, and all it wrote. */
  readonly ended: Promise<{ code: number | null; signal: string | null; output: string }>;
};

const run = (behaviour: string, { deadline = LONG, echo = 0, pipe = '' } = {}): Running => {
  const child = spawn(process.execPath, [PROGRAM, behaviour, String(deadline), String(echo), pipe], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(output)) resolve();
      };
      child.stdout.on('data', check);
      child.once('close', () => reject(new Error(`It ended, having said: ${output}`)));
      check();
    });
  return { child, says, ended };
};

describe('told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: it closes everything and exits 0', async (signal) => {
    const { child, says, ended } = run('finishes');
    await says(/^ready/m);
    child.kill(signal);
    const { code, output } = await ended;
    expect(code).toBe(0);
    expect(output).toContain('all is closed');
    expect(output).toContain('"msg":"stopped"');
  });

  test('a second signal ends it at once', async () => {
    const { child, says, ended } = run('hangs');
    await says(/^ready/m);
    child.kill('SIGINT');
    await says(/SIGINT received/);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 1, signal: null });
  });

  test('an echo of the first signal, as npm sends it, does not', async () => {
    const { child, says, ended } = run('finishes', { echo: LONG });
    await says(/^ready/m);
    child.kill('SIGINT');
    await says(/SIGINT received/);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining('all is closed') });
  });

  test('it does not wait longer than the deadline', async () => {
    const { child, says, ended } = run('hangs', { deadline: 100 });
    await says(/^ready/m);
    child.kill('SIGTERM');
    const { code, output } = await ended;
    expect(code).toBe(1);
    expect(output).toContain('not everything finished in time');
  });

  test.runIf(process.platform !== 'win32')(
    'nor then, where a thread waits for a disk that gives no answer',
    async () => {
      const pipe = join(await tempFolder(), 'pipe');
      execFileSync('mkfifo', [pipe]);
      const { child, says, ended } = run('hangs in a thread', { deadline: 100, pipe });
      await says(/^ready/m);
      child.kill('SIGTERM');
      expect(await ended).toMatchObject({
        code: 1,
        signal: null,
        output: expect.stringContaining('not everything finished'),
      });
    },
  );

  test('closing that fails is said, and exits 1', async () => {
    const { child, says, ended } = run('fails');
    await says(/^ready/m);
    child.kill('SIGTERM');
    const { code, output } = await ended;
    expect(code).toBe(1);
    expect(output).toContain('the disk is gone');
  });
});

test.each(['throws', 'rejects'])('an error nobody handled (%s) is logged and ends the process', async (behaviour) => {
  const { code, output } = await run(behaviour).ended;
  expect(code).toBe(1);
  expect(output).toContain('nobody caught this');
  expect(output).toContain('"level":60');
});
