import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command } from '../../src/commands/command.ts';
import { dispatch } from '../../src/commands/dispatch.ts';
import { COMMANDS } from '../../src/commands/run.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

describe('wrong usage', () => {
  test.each([
    [
      ['serach', 'x'],
      'There is no command "serach"; did you mean "search"?\n`npm run cli -- help` tells how it is used.\n',
    ],
    [['zzzzzzzz'], 'There is no command "zzzzzzzz".\n`npm run cli -- help` tells how it is used.\n'],
    [['search'], 'search needs WORDS….\n`npm run cli -- search --help` tells how it is used.\n'],
    [['why', 'a', 'b'], 'why does not know what to do with "b".\n`npm run cli -- why --help` tells how it is used.\n'],
    [
      ['search', 'x', '--limt', '3'],
      'search has no option --limt; did you mean "--limit"?\n`npm run cli -- search --help` tells how it is used.\n',
    ],
    [['search', 'x', '--limit'], '--limit needs a value: N.\n`npm run cli -- search --help` tells how it is used.\n'],
    [
      ['search', 'x', '--limit', '--json'],
      '--limit needs a value: N.\n`npm run cli -- search --help` tells how it is used.\n',
    ],
    [
      ['search', 'x', '--limit', 'many'],
      '--limit takes a whole number from 1 on, not "many".\n`npm run cli -- search --help` tells how it is used.\n',
    ],
    [
      ['search', 'x', '--offset=-1'],
      '--offset takes a whole number from 0 on, not "-1".\n`npm run cli -- search --help` tells how it is used.\n',
    ],
    [['retry', '--all=yes'], '--all takes no value.\n`npm run cli -- retry --help` tells how it is used.\n'],
    [['retry'], 'retry takes either an ID or --all.\n`npm run cli -- retry --help` tells how it is used.\n'],
    [
      ['retry', 'x', '--all'],
      'retry takes either an ID or --all.\n`npm run cli -- retry --help` tells how it is used.\n',
    ],
    [
      ['rules', 'print'],
      'rules knows only "schema", not "print".\n`npm run cli -- rules --help` tells how it is used.\n',
    ],
    [['why', ''], 'why was given an empty text for ID.\n`npm run cli -- why --help` tells how it is used.\n'],
    [
      ['backup', ' '],
      'backup was given an empty text for [FOLDER].\n`npm run cli -- backup --help` tells how it is used.\n',
    ],
    [
      ['start', '--role', 'workre'],
      'There is no role "workre"; did you mean "worker"?\nRoles are receiver, worker, all.\n`npm run cli -- start --help` tells how it is used.\n',
    ],
    [['start', '--json'], 'start has no option --json.\n`npm run cli -- start --help` tells how it is used.\n'],
    [
      ['why', 'x', '--__proto__'],
      'why has no option --__proto__.\n`npm run cli -- why --help` tells how it is used.\n',
    ],
  ])('%j is said in words, with exit code 2', async (args, message) => {
    const { code, out, err } = await call(args, { env: { DATA_DIR: '/nowhere' } });
    expect({ code, err }).toEqual({ code: 2, err: message });
    if (args.includes('--json')) expect(JSON.parse(out).error.message).toBe(message.split('\n')[0]);
    else expect(out).toBe('');
  });

  test('no command at all prints the list where errors go', async () => {
    const { code, out, err } = await call([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: npm run cli -- COMMAND [options]');
  });
});

describe('help', () => {
  test.each([[['help']], [['--help']], [['-h']]])('%j lists all commands', async (args) => {
    const { code, out, err } = await call(args);
    expect([code, err]).toEqual([0, '']);
    for (const { name } of COMMANDS) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
  });

  test('fits eighty columns, but for the examples, which are copied', async () => {
    for (const args of [['help'], ...COMMANDS.map(({ name }) => [name, '--help'])]) {
      const { out } = await call(args);
      for (const line of out.split('Examples:')[0]?.split('\n') ?? []) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  test.each([[['search', '--help']], [['help', 'search']], [['search', 'x', '-h']]])(
    '%j tells of one',
    async (args) => {
      expect(await call(args)).toEqual({
        code: 0,
        err: '',
        out: `npm run cli -- search WORDS… [options]

Find bookings, events and registrations.

Finds what has every word in a name, mail address, title, phone number or id.
Case and accents do not matter, and parts of words are enough. Newest first.

Filters stand anywhere between the words. status:pending, in any case.
schedule:sch_abc123. type:booking, or the type of the newest webhook, such as
type:booking.cancelled. after:DAY takes place on that day or later, before:DAY
before it; a day is 2027-02-15, today, tomorrow, yesterday, or this-week,
next-week, last-week for its Monday, all in TIMEZONE. What has a colon and is no
filter is a word.

Options:
  --limit N   how many to show (20)
  --offset N  how many to pass over (0)
  --json      print one JSON document, for machines
  --help      print this help

Examples:
  npm run cli -- search anna
  npm run cli -- search müller status:pending after:this-week before:next-week
  npm run cli -- search type:booking.cancelled after:2027-02-01 --limit 50
`,
      });
    },
  );

  test('--version is the version', async () => {
    const { code, out } = await call(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('settings', () => {
  test('that can not be used are all named at once, with exit code 1', async () => {
    const { code, err } = await call(['failed'], { env: { PORT: 'x', TIMEZONE: 'Moon/Base' } });
    expect(code).toBe(1);
    expect(err).toContain('PORT is not a whole number from 0 to 65535');
    expect(err).toContain('TIMEZONE is not an IANA time zone');
    expect(err).toMatch(/\nMend them in \.env or the environment; \.env\.example explains each\.\n$/);
  });
});

describe('without any data', () => {
  test.each([
    [['search', 'x']],
    [['show', 'x']],
    [['why', 'x']],
    [['failed']],
    [['retry', 'x']],
    [['retry', '--all']],
    [['rerun', 'x']],
    [['today']],
  ])('%j says to start the bot, and makes no files', async (args) => {
    const folder = join(await tempFolder(), 'data');
    const { code, out, err } = await call(args, { env: { DATA_DIR: folder } });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: `There is no data in ${folder} yet.\nStart the bot first: npm start. Where it keeps its data elsewhere, set DATA_DIR.\n`,
    });
    expect(existsSync(folder)).toBe(false);
  });

  test('a machine gets that as its document', async () => {
    const { code, out } = await call(['--json', 'failed'], { env: { DATA_DIR: join(await tempFolder(), 'data') } });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      error: { message: expect.stringContaining('no data'), remedy: expect.stringContaining('npm start') },
    });
  });
});

test('what went wrong is told with its remedy though closing failed as well', async () => {
  const work = command({
    name: 'work',
    summary: 'fails',
    args: '',
    count: [0, 0],
    options: {},
    json: false,
    examples: ['work'],
    run: async () => {
      await using _ = { [Symbol.asyncDispose]: () => Promise.reject(new Error('the line is cut')) };
      throw new OperatorError('No database answers.', { remedy: 'Start it.' });
    },
  });
  let err = '';
  const streams = { out: { write: () => true }, err: { write: (text: string) => (err += text) } };

  expect(await dispatch(['work'], [work], { env: {}, ...streams, now: Date.now })).toBe(1);
  expect(err).toBe('No database answers.\nStart it.\n');
});
