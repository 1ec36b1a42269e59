import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { botEnv, NODE, startBot } from '../support/bot.ts';
import { tempFolder } from '../support/temp.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = resolve(ROOT, 'bin/webkasa-bot.js');
const CLI = resolve(ROOT, 'src/cli.ts');
const MAIN = resolve(ROOT, 'src/main.ts');

/** Runs a program to its end. */
const runs = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd = tmpdir(),
): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((settle) => {
    execFile(NODE, args, { cwd, env }, (error, out, err) => settle({ code: error ? error.code : 0, out, err }));
  });

describe.each([[CLI], [BIN]])('%s as a process', (program) => {
  test.each([
    [0, ['--version'], /^\d+\.\d+\.\d+\n$/, /^$/],
    [1, ['failed'], /^$/, /^There is no data in /],
    [2, ['sned'], /^$/, /^There is no command "sned"; did you mean "send"\?\n/],
  ])('ends with %i after %j', async (expected, args, onOut, onErr) => {
    const { code, out, err } = await runs([program, ...args], botEnv(await tempFolder()));
    expect(code).toBe(expected);
    expect(out).toMatch(onOut);
    expect(err).toMatch(onErr);
  });
});

test('doctor says of a full disk that space has to be freed', async () => {
  const limited = ['-c', 'ulimit -f 0; exec "$0" "$@"', NODE, CLI, 'doctor', '--json'];
  const env = { ...botEnv(await tempFolder()), NODE_DISABLE_COMPILE_CACHE: '1' };
  const out = await new Promise<string>((settle) => {
    execFile('bash', limited, { env }, (_error, printed) => settle(printed));
  });
  const { findings } = JSON.parse(out) as { findings: { check: string; remedy?: string }[] };
  expect(findings.find(({ check }) => check === 'data folder')?.remedy).toContain('Free some space');
});

test('a .env that can not be read, as the folder that Docker makes for a missing file, is told without a stack', async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, '.env'));
  const { code, out, err } = await runs([MAIN], botEnv(folder), folder);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^\.env can't be read: .+\nIt has to be a file .+\n$/);
});

test('a .env as an editor of Windows writes it loses no setting', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, '.env'), '\uFEFFTIMEZONE=Mars/Olympus\r\nLOCALE=de-DE\r\n');
  const { code, err } = await runs([CLI, 'failed'], botEnv(folder), folder);
  expect(code).toBe(1);
  expect(err).toContain('TIMEZONE is not an IANA time zone');
});

describe('a .env with a value that its # cuts off', () => {
  const told = async (text: string, env: Readonly<Record<string, string>> = {}) => {
    const folder = await tempFolder();
    await writeFile(join(folder, '.env'), text);
    return runs([CLI, 'failed'], botEnv(folder, env), folder);
  };

  test('is refused with line and name, and no secret', async () => {
    const { code, out, err } = await told(
      'LOCALE=en-US\nSLACK_CHANNEL=#team\nSMTP_URL=smtp://u:marked#secret@mail.test\n',
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      "The settings in .env can't be used:\n" +
        '  - line 2: the value of SLACK_CHANNEL ends at its #, which begins a comment outside of quotes\n' +
        '  - line 3: the value of SMTP_URL ends at its #, which begins a comment outside of quotes\n' +
        'Put the whole value in quotes, as in SLACK_CHANNEL="…".\n',
    );
  });

  test.each([
    'SLACK_CHANNEL="#team"',
    'SLACK_CHANNEL= # none yet',
    'SMTP_URL= #not yet',
    'LOCALE=en-US # as in the office',
    'LOCALE=en-US #as in the office',
    '#SLACK_CHANNEL=#team',
    'COLOR_OF_ANOTHER_PROGRAM=#fff',
  ])('is not %j', async (line) => {
    expect((await told(line)).err).toMatch(/^There is no data in /);
  });

  test('is of no concern where the environment sets it', async () => {
    expect((await told('SLACK_CHANNEL=#team', { SLACK_CHANNEL: '#other' })).err).toMatch(/^There is no data in /);
  });
});

describe('starting the bot', () => {
  test.each([
    [MAIN, []],
    [BIN, ['start']],
  ])('%s %j runs until SIGTERM, then ends with 0', async (program, args) => {
    const env = botEnv(await tempFolder());
    const child = spawn(NODE, [program, ...args], { cwd: tmpdir(), env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    await new Promise<void>((listening, failed) => {
      child.once('exit', () => failed(new Error(printed)));
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk;
        if (/webhooks are received at/.test(printed)) listening();
      });
    });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(printed).toContain('stopped');
  });

  test('in production, rules that need neither mail nor Slack are enough, and no outbox is promised', async () => {
    const folder = await tempFolder();
    await writeFile(
      join(folder, 'rules.yaml'),
      'rules: [{ id: log, on: ["*"], actions: [{ sheet: { file: a.csv, columns: { Id: "{{ id }}" } } }] }]',
    );
    const bot = await startBot(botEnv(folder, { NODE_ENV: 'production' }));
    expect(await bot.end('SIGTERM')).toBe(0);
    expect(bot.output()).toMatch(/mail: not configured"/);
    expect(bot.output()).toMatch(/Slack: not configured"/);
    expect(bot.output()).not.toContain('outbox');
  });

  test('with settings that can not be used names them all, without a stack', async () => {
    const { code, out, err } = await runs([MAIN], { ...botEnv(await tempFolder()), PORT: 'x', LOCALE: '!' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('  - PORT is not a whole number from 0 to 65535\n');
    expect(err).toContain('  - LOCALE is not a locale');
    expect(err).not.toContain('    at ');
  });

  test('beside one that runs on the same folder is refused', async () => {
    const env = botEnv(await tempFolder());
    const first = spawn(NODE, [MAIN], { cwd: tmpdir(), env, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(first.stdout, 'data');
    const { code, err } = await runs([MAIN], env);
    first.kill('SIGKILL');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^Another webkasa-bot is running on .*\nStop it first, or give this one a DATA_DIR of its own\.\n$/,
    );
  });

  test('output that nobody reads on is no failure', async () => {
    const shell = spawn('sh', ['-c', `"${NODE}" "${CLI}" help | true; echo "\${?}"`], {
      cwd: tmpdir(),
      env: botEnv(await tempFolder()),
    });
    let [out, err] = ['', ''];
    shell.stdout.on('data', (chunk) => {
      out += chunk;
    });
    shell.stderr.on('data', (chunk) => {
      err += chunk;
    });
    await once(shell, 'close');
    expect([out, err]).toEqual(['0\n', '']);
  });
});

describe.runIf(process.platform === 'linux')('a disk that does not do what it is asked', () => {
  // Node's own recursive mkdir never ends there.
  test.each([['start'], ['doctor']])('%s ends where DATA_DIR can not be made, and says so', async (command) => {
    const { code, out, err } = await runs([CLI, command], botEnv(await tempFolder(), { DATA_DIR: '/proc/none' }));
    expect(`${out}${err}`).toContain("The folder /proc/none can't be made");
    expect(code).toBe(1);
  });

  test('doctor ends where it gives no answer', async () => {
    const folder = await tempFolder();
    // A pipe that nobody writes to.
    await promisify(execFile)('mkfifo', [join(folder, 'rules.yaml')]);
    const { code, out } = await runs([CLI, 'doctor', '--json'], botEnv(folder));
    expect(JSON.parse(out).findings).toContainEqual(
      expect.objectContaining({ check: 'rules', says: 'There was no answer within 5 seconds.' }),
    );
    expect(code).toBe(1);
  }, 60_000);
});
