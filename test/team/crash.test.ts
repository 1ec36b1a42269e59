import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { pausedIn, pausing } from './changes.ts';
import { onDisk, open, teamFile } from './support.ts';

const PROGRAM = join(import.meta.dirname, 'program.ts');

type Running = { readonly child: ChildProcess; readonly lines: readonly string[]; ended(): Promise<void> };

/** Starts program.ts; `before` are shell commands that limit it. */
const start = (
  args: readonly string[],
  { before = '', uid }: { before?: string; uid?: number } = {},
  onLine: (line: string, child: ChildProcess) => void = () => {},
): Running => {
  const command = ['-c', `${before} exec "$0" "$@"`, process.execPath, PROGRAM, ...args];
  const child = spawn('bash', command, { stdio: ['ignore', 'pipe', 'pipe'], ...(uid !== undefined && { uid }) });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    onLine(line, child);
  });
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(() => {
    if (lines.length === 0) throw new Error(`the process printed nothing: ${errors}`);
  });
  return { child, lines, ended: () => ended };
};

test('killed at any moment, the document is whole and has all that was acknowledged', async () => {
  const file = await teamFile();
  let next = 0;
  for (let round = 0; round < 6; round += 1) {
    const acknowledged = 3 + round * 2;
    // Killed as soon as so many are acknowledged, in the middle of whatever comes then.
    const running = start([file, String(next)], {}, (line, child) => {
      if (line === `rule-${next + acknowledged}`) child.kill('SIGKILL');
    });
    await running.ended();
    const rules = pausedIn(await onDisk(file));
    expect(rules).toEqual(rules.map((_, index) => `rule-${index}`));
    expect(rules).toEqual(expect.arrayContaining([...running.lines]));
    next = rules.length;
    const team = await open(file);
    expect(team.problem()).toBeUndefined();
  }
}, 60_000);

test('on a full disk a change is refused, the document stays as it was, and nothing is left behind', async () => {
  const file = await teamFile();
  // No file may be larger than 2 kB: the write breaks off in the middle, as on a full disk.
  const running = start([file, '0', '60'], { before: 'ulimit -S -f 2;' });
  await running.ended();
  const kept = running.lines.filter((line) => line.startsWith('rule-'));
  expect(kept.length).toBeGreaterThan(5);
  expect(kept.length).toBeLessThan(40);
  expect(running.lines.at(-1)).toMatch(/refused: .*team\.json can't be written \(EFBIG.*; nothing was changed\./);
  expect(pausedIn(await onDisk(file))).toEqual(kept);
  expect((await readdir(dirname(file))).sort()).toEqual(['team.json', 'team.previous.json']);
  const team = await open(file);
  await team.update(pausing('room-again'));
  expect(pausedIn(team.current())).toEqual([...kept, 'room-again']);
}, 60_000);

test('where the folder may not be written, a change is refused and the document stays as it was', async () => {
  const file = await teamFile();
  await (await open(file)).update(pausing('one'));
  await chmod(dirname(file), 0o555);
  // Root may write everywhere, so the process runs as another user.
  const nobody = process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'nobody'])) : undefined;
  const running = start([file, '0', '1'], nobody === undefined ? {} : { uid: nobody });
  await running.ended();
  await chmod(dirname(file), 0o755);
  expect(running.lines).toEqual([
    expect.stringMatching(/refused: .*can't be written \(EACCES.*; nothing was changed\./),
  ]);
  expect(pausedIn(await onDisk(file))).toEqual(['one']);
}, 60_000);
