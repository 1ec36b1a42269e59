import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../../src/slack/command/command.ts';
import { COMMANDS } from '../../../src/slack/command/commands.ts';
import { parseCommand } from '../../../src/slack/command/parse.ts';

const ASKED = { now: Date.UTC(2027, 0, 15, 10, 30), timezone: 'Europe/Berlin' };
const parse = (typed: string) => parseCommand(typed, ASKED);
const commandOf = (typed: string) => {
  const parsed = parse(typed);
  if ('problem' in parsed) throw new Error(`${typed}: ${parsed.problem}`);
  return parsed.command;
};
const problemOf = (typed: string) => {
  const parsed = parse(typed);
  if ('command' in parsed) throw new Error(`${typed} was understood as ${JSON.stringify(parsed.command)}`);
  return parsed;
};

describe('commands', () => {
  test.each([
    ['show bk_1', { name: 'show', id: 'bk_1' }],
    ['SHOW   bk_1 ', { name: 'show', id: 'bk_1' }],
    ['why wh_evt_1', { name: 'why', id: 'wh_evt_1' }],
    ['rerun bk_1', { name: 'rerun', id: 'bk_1' }],
    ['retry dl_1', { name: 'retry', id: 'dl_1' }],
    ['retry ALL', { name: 'retry', id: 'all' }],
    ['today', { name: 'today' }],
    ['Upcoming.', { name: 'upcoming' }],
    ['failed', { name: 'failed' }],
    ['rules', { name: 'rules' }],
    ['pause mail-booking-created', { name: 'pause', rule: 'mail-booking-created' }],
    ['resume sub_1', { name: 'resume', rule: 'sub_1' }],
    ['/webkasa today', { name: 'today' }],
    ['webkasa show bk_1', { name: 'show', id: 'bk_1' }],
  ])('%s', (typed, command) => {
    expect(commandOf(typed)).toEqual(command);
  });

  test.each(['', '   ', '\u00a0', 'help', 'HELP', '?', '-h', '--help', '\u2014help'])('%j asks for help', (typed) => {
    expect(commandOf(typed)).toEqual({ name: 'help', about: null });
  });

  test('help tells of one command, and knows it by a similar name', () => {
    expect(commandOf('help subscribe')).toEqual({ name: 'help', about: 'subscribe' });
    expect(problemOf('help subscrib')).toMatchObject({ nearest: 'help subscribe' });
    expect(problemOf('help weather')).toMatchObject({ nearest: 'help' });
  });

  test('search hands over words and filters, and remembers what was typed', () => {
    expect(commandOf('search  John   Doe status:pending')).toEqual({
      name: 'search',
      query: { words: 'John Doe', status: 'pending' },
      typed: 'John Doe status:pending',
    });
  });

  test('a search for nothing shows what a search looks like', () => {
    expect(problemOf('search')).toMatchObject({ about: 'search', nearest: null });
    expect(problemOf('search after:someday')).toMatchObject({ about: 'search', nearest: null });
  });

  test('a search with a slip is proposed with that mended, and nothing else', () => {
    expect(problemOf('search after:tommorow')).toMatchObject({ about: 'search', nearest: 'search after:tomorrow' });
    expect(problemOf('search statu:pending x')).toMatchObject({ nearest: 'search status:pending x' });
    expect(problemOf('statu:pending x')).toMatchObject({ about: null, nearest: 'search status:pending x' });
    expect(problemOf('show john after:tommorow')).toMatchObject({ nearest: 'search john after:tomorrow' });
  });
});

describe("what Slack's clients make of what is typed", () => {
  test.each([
    ['show\u00a0bk_1', 'bk_1'],
    ['show\u2003\u200bbk_1', 'bk_1'],
    ['show `bk_1`', 'bk_1'],
    ['show \u201cbk_1\u201d', 'bk_1'],
    ['show &lt;bk_1&gt;', 'bk_1'],
    ['show <bk_1>', 'bk_1'],
    ['show *bk_1*', 'bk_1'],
    ['show _bk_1_', 'bk_1'],
    ['show bk_Vq3-x_', 'bk_Vq3-x_'],
    ['show bk_1.', 'bk_1'],
    ["show 'bk_1'", 'bk_1'],
    ['show ```bk_1```', 'bk_1'],
    ['show <https://bot.example.com/bk_1|bk_1>', 'bk_1'],
  ])('%j shows %s', (typed, id) => {
    expect(commandOf(typed)).toEqual({ name: 'show', id });
  });

  test('an address that became a link is an address again', () => {
    expect(commandOf('search <mailto:john@example.com|john@example.com>')).toMatchObject({
      query: { words: 'john@example.com' },
    });
    expect(commandOf('search <mailto:john@example.com>')).toMatchObject({ query: { words: 'john@example.com' } });
  });

  test('entities and pretty quotes are what they stand for', () => {
    expect(commandOf('search Salt &amp; Pepper')).toMatchObject({ query: { words: 'Salt & Pepper' } });
    expect(commandOf('search O\u2019Brien')).toMatchObject({ query: { words: "O'Brien" } });
  });

  test('a minus that became a dash leaves out all the same', () => {
    expect(commandOf('subscribe booking \u2013schedule:sch_1')).toMatchObject({
      filters: [{ field: 'schedule', not: true, value: 'sch_1' }],
    });
  });
});

describe('what is no command', () => {
  test.each([
    ['serch john', 'search john'],
    ['SHWO bk_1', 'show bk_1'],
    ['wyh bk_1', 'why bk_1'],
    ['todya', 'today'],
    ['falied', 'failed'],
    ['subscribe-to booking', 'subscribe booking'],
    ['find john', 'search john'],
    ['tomorrow', 'upcoming'],
    ['resend bk_1', 'rerun bk_1'],
    ['bk_1', 'show bk_1'],
    ['wh_evt_abc-1', 'show wh_evt_abc-1'],
    ['`bk_1`', 'show bk_1'],
    ['john doe', 'search john doe'],
    ['john@example.com', 'search john@example.com'],
    ['status:pending', 'search status:pending'],
  ])('%j: did you mean %j', (typed, next) => {
    expect(problemOf(typed).nearest).toBe(next);
  });

  test.each([
    ['show', 'show', null],
    ['why', 'why', null],
    ['show john doe', 'show', 'search john doe'],
    ['show bk_1 bk_2', 'show', 'show bk_1'],
    ['retry', 'retry', null],
    ['pause', 'pause', 'rules'],
    ['resume one two', 'resume', 'resume one'],
    ['today please', 'today', 'today'],
  ])('%j is short of something', (typed, about, next) => {
    expect(problemOf(typed)).toMatchObject({ about, nearest: next });
  });

  test('what was typed is named, but not at any length', () => {
    const { problem } = problemOf('\u{1f600}'.repeat(500));
    expect(problem).toContain('\u{1f600}\u2026');
    expect(problem.length).toBeLessThan(200);
    expect(problem.isWellFormed()).toBe(true);
  });
});

describe('help', () => {
  test.each(COMMANDS.flatMap(({ name, examples }) => examples.map((example) => [example, name])))(
    'the example %j of %s is understood',
    (example, name) => {
      expect(commandOf(example).name).toBe(name);
    },
  );
});

describe('whatever is typed', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(...COMMAND_NAMES), fc.string({ unit: 'grapheme', maxLength: 100 }))
      .map(([name, rest]) => `${name} ${rest}`),
    fc
      .array(
        fc.constantFrom(
          'where',
          'booking',
          '*',
          '"',
          ':',
          '-',
          'data.',
          'schedule:',
          ',',
          '<',
          '|',
          '>',
          'all',
          '\ud800',
        ),
        { maxLength: 12 },
      )
      .map((parts) => `subscribe ${parts.join(' ')}`),
  );

  test('it is a command, or a problem with something that can be typed in its place', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const parsed = parse(typed);
        if ('command' in parsed) return COMMAND_NAMES.includes(parsed.command.name);
        expect(parsed.problem).toMatch(/[.:]/);
        expect(parsed.problem.isWellFormed()).toBe(true);
        return parsed.nearest !== '';
      }),
      { numRuns: 2_000 },
    );
  });

  test('what is suggested in place of a wrong command is understood, or is one step nearer', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMMAND_NAMES), fc.nat(20), (name, at) => {
        const misspelt = name.length > 4 ? name.slice(0, at % name.length) + name.slice((at % name.length) + 1) : name;
        const parsed = parse(misspelt);
        // A command that is whole and lacks its id is understood as far as it goes.
        if ('command' in parsed || parsed.about === misspelt) return true;
        return (
          parsed.nearest !== null && (COMMAND_NAMES as readonly string[]).includes(parsed.nearest.split(' ')[0] ?? '')
        );
      }),
    );
  });

  test('it takes no time, however long it is', () => {
    const started = performance.now();
    for (const part of ['"', 'a:', '<|', '-', '\u200d', 'booking ', 'x'.repeat(40)]) {
      parse(`subscribe ${part.repeat(100_000)}`);
      parse(part.repeat(100_000));
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
