import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { dispatch } from '../../src/commands/dispatch.ts';
import { COMMANDS } from '../../src/commands/run.ts';
import { fillStore } from '../bench/full-store.ts';
import { botEnv, NODE } from '../support/bot.ts';
import { tempFolder } from '../support/temp.ts';

vi.setConfig({ testTimeout: 60_000 });
const run = promisify(execFile);
const CLI = join(import.meta.dirname, '../../src/cli.ts');

/** A bot's data, and a folder to export to. */
const withBookings = async (count: number) => {
  const data = await tempFolder();
  await fillStore(join(data, 'webkasa-bot.db'), count);
  const folder = await tempFolder();
  return { folder, env: botEnv(data) };
};

const spawnExport = (env: Record<string, string>, shell: string, ...args: readonly string[]) => {
  const child = spawn('bash', ['-c', `${shell} exec "$0" "$@"`, NODE, CLI, 'export', 'bookings', ...args], {
    cwd: env.DATA_DIR,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return { child, ended: once(child, 'close'), err: () => err };
};

describe.each(['csv', 'xlsx'])('an export as %s', (format) => {
  test('that is stopped leaves the file that was there before, and nothing half', async () => {
    const { folder, env } = await withBookings(3_000);
    const out = join(folder, `out.${format}`);
    await writeFile(out, 'of yesterday');
    // A pipe that nobody empties stands where the draft would: the export is sure to be under way.
    await run('mkfifo', [`${out}.part`]);
    const { child, ended, err } = spawnExport(env, '', '--out', out);
    const reader = await open(`${out}.part`, 'r');
    await reader.read(Buffer.alloc(16));
    child.kill('SIGINT');
    await reader.close();
    expect((await ended)[0]).toBe(1);
    expect(err()).toBe(`The export was stopped. Nothing was written to ${out}.\nStart it again to have the file.\n`);
    expect(await readFile(out, 'utf8')).toBe('of yesterday');
    expect(await readdir(folder)).toEqual([`out.${format}`]);
  });

  test('that has no space says so, and leaves nothing half', async () => {
    const { folder, env } = await withBookings(3_000);
    const out = join(folder, `out.${format}`);
    const { ended, err } = spawnExport(env, 'ulimit -f 40;', '--out', out);
    expect((await ended)[0]).toBe(1);
    expect(err()).toContain('could not be written, since there is no space left for it');
    expect(err()).toContain('Free some space');
    expect(err()).not.toMatch(/\n\s+at /);
    expect(await readdir(folder)).toEqual([]);
  });
});

test('the standard output that has no space is told in one line', async () => {
  const { env } = await withBookings(10);
  const { ended, err } = spawnExport(env, 'exec > /dev/full;');
  expect((await ended)[0]).toBe(1);
  expect(err()).toBe('The answer could not be written: ENOSPC: no space left on device, write\n');
});

test('progress is shown on a terminal, on one line that goes away, and not where it is piped', async () => {
  const { folder, env } = await withBookings(250);
  const told = async (isTTY: boolean): Promise<string> => {
    let err = '';
    const streams = { out: { write: () => true }, err: { write: (text: string) => (err += text), isTTY } };
    const argv = ['export', 'bookings', '--out', join(folder, 'out.xlsx')];
    expect(await dispatch(argv, COMMANDS, { ...streams, env, now: Date.now })).toBe(0);
    return err;
  };
  const last = `250 bookings in ${join(folder, 'out.xlsx')}\n`;
  expect(await told(true)).toBe(`\r100 rows…\r200 rows…\r250 rows…\r\x1b[K${last}`);
  expect(await told(false)).toBe(last);
});
