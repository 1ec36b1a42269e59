import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Problem } from '../../src/core/problem.ts';
import { loadRulebook } from '../../src/route/rulebook.ts';
import { watchRulebook } from '../../src/route/watch.ts';
import { aFolder, aLibrary, SETTINGS } from './support.ts';

const rules = (...ids: string[]): string =>
  `rules:\n${ids.map((id) => `  - { id: ${id}, on: [booking.created], actions: [{ slack: { template: booking } }] }\n`).join('')}`;

const INVALID = 'rules:\n  - id: half\n    on: [booking.crea';

type LogLine = { level: number; msg: string };

/** A rules file that is watched every few milliseconds, with what was logged and how often it was loaded. */
const watching = async (text: string) => {
  const folder = await aFolder();
  const rulesFile = join(folder, 'rules.yaml');
  const templatesDir = join(folder, 'templates');
  await mkdir(join(templatesDir, 'slack'), { recursive: true });
  await writeFile(rulesFile, text);
  const lines: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line) as LogLine) });
  const reports: (readonly Problem[])[] = [];
  let loads = 0;
  let meanwhile: (() => Promise<void>) | undefined;
  const watch = await watchRulebook({
    load: async () => {
      loads += 1;
      const loaded = await loadRulebook({
        rulesFile,
        templates: aLibrary(),
        settings: SETTINGS,
        slackChannel: '#bookings',
      });
      const then = meanwhile;
      meanwhile = undefined;
      await then?.();
      return loaded;
    },
    watched: [rulesFile, templatesDir],
    log,
    onProblems: (problems) => reports.push(problems),
    interval: 5,
  });
  onTestFinished(() => watch[Symbol.asyncDispose]());
  const ids = () => watch.current().rules.map(({ id }) => id);
  const logged = (pattern: RegExp) => lines.filter(({ msg }) => pattern.test(msg));
  const duringLoad = (action: () => Promise<void>) => {
    meanwhile = action;
  };
  return { rulesFile, templatesDir, watch, ids, logged, reports, loads: () => loads, duringLoad };
};

/** Saves as most editors do, in one step: what is told of an edit doesn't depend on the moment it is looked at. */
const save = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.saving`, text);
  await rename(`${file}.saving`, file);
};

/** Waits for a fact; generous, since the machine may be busy. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 20_000, interval: 5 });

describe('at the start', () => {
  test('the rules are there', async () => {
    const { ids, logged } = await watching(rules('one'));
    expect(ids()).toEqual(['one']);
    expect(logged(/./)).toEqual([]);
  });

  test('rules with errors are refused, and all errors are named', async () => {
    await expect(watching('rules:\n  - id: a b\n    on: [x]\n')).rejects.toMatchObject({
      name: 'OperatorError',
      message: expect.stringMatching(/rules\.yaml:2 a b id: takes letters.*\n.*rules\.yaml:2 a b actions: is missing/),
      remedy: expect.stringContaining('npm run cli -- check'),
    });
  });

  test('warnings are logged, and the rules are used', async () => {
    const { logged, watch } = await watching('rules: []');
    expect(logged(/rules\.yaml:1 rules: there are none/).map(({ level }) => level)).toEqual([40]);
    expect(watch.current().rules).toEqual([]);
  });
});

describe('an edit', () => {
  test('takes effect without a restart', async () => {
    const { rulesFile, ids, logged } = await watching(rules('one'));
    await save(rulesFile, rules('one', 'two'));
    await until(() => expect(ids()).toEqual(['one', 'two']));
    expect(logged(/edited rules are in effect/)).toHaveLength(1);
  });

  test('written in place takes effect too', async () => {
    const { rulesFile, ids } = await watching(rules('one'));
    await writeFile(rulesFile, rules('two'));
    await until(() => expect(ids()).toEqual(['two']));
  });

  test('of a template loads the rules anew', async () => {
    const { templatesDir, loads } = await watching(rules('one'));
    await writeFile(join(templatesDir, 'slack', 'more.yaml'), 'text: x');
    await until(() => expect(loads()).toBe(2));
  });

  test('with errors is reported with its line, once, and the last good rules stay', async () => {
    const { rulesFile, ids, logged, loads, reports } = await watching(rules('one'));
    await save(rulesFile, INVALID);
    await until(() => expect(logged(/rules from before it stay/)).toHaveLength(1));
    expect(logged(/rules\.yaml:3: is not valid YAML/)).toHaveLength(1);
    expect(ids()).toEqual(['one']);
    expect(reports.at(-1)).toHaveLength(1);

    await save(rulesFile, `${INVALID} `);
    await until(() => expect(loads()).toBe(3));
    await until(() => expect(logged(/rules from before it stay/)).toHaveLength(2));
    expect(logged(/rules\.yaml:3: is not valid YAML/)).toHaveLength(1);

    await save(rulesFile, rules('two'));
    await until(() => expect(ids()).toEqual(['two']));
    expect(reports.at(-1)).toEqual([]);
  });

  test('that is undone leaves the rules as they were', async () => {
    const { rulesFile, ids, logged } = await watching(rules('one'));
    await save(rulesFile, INVALID);
    await until(() => expect(logged(/rules from before it stay/)).toHaveLength(1));
    await save(rulesFile, rules('one'));
    await until(() => expect(logged(/edited rules are in effect/)).toHaveLength(1));
    expect(ids()).toEqual(['one']);
  });

  test('that takes the file away is reported, and the file is used again when it is back', async () => {
    const { rulesFile, ids, logged } = await watching(rules('one'));
    await rm(rulesFile);
    await until(() => expect(logged(/is not there; put it back/)).toHaveLength(1));
    expect(ids()).toEqual(['one']);
    await save(rulesFile, rules('two'));
    await until(() => expect(ids()).toEqual(['two']));
  });

  test('that empties the file, as a save that fails does, leaves the last good rules', async () => {
    const { rulesFile, ids, logged } = await watching(rules('one'));
    await save(rulesFile, '');
    await until(() => expect(logged(/rules\.yaml:1: is empty/)).toHaveLength(1));
    expect(ids()).toEqual(['one']);
  });

  test('made while another is being loaded is the one that counts', async () => {
    const { rulesFile, ids, logged, duringLoad } = await watching(rules('one'));
    duringLoad(() => save(rulesFile, rules('three')));
    await save(rulesFile, rules('two'));
    await until(() => expect(ids()).toEqual(['three']));
    expect(logged(/edited rules are in effect/)).toHaveLength(1);
  });
});

test('a load that throws is logged, and looking goes on', async () => {
  const folder = await aFolder();
  const rulesFile = join(folder, 'rules.yaml');
  await save(rulesFile, rules('one'));
  const lines: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line) as LogLine) });
  let broken = false;
  const watch = await watchRulebook({
    load: () => {
      if (broken) throw new Error('out of memory');
      return loadRulebook({ rulesFile, templates: aLibrary(), settings: SETTINGS, slackChannel: '#bookings' });
    },
    watched: [rulesFile],
    log,
    interval: 5,
  });
  onTestFinished(() => watch[Symbol.asyncDispose]());
  broken = true;
  await save(rulesFile, rules('two'));
  await until(() => expect(lines.some(({ msg }) => msg.includes('trying again'))).toBe(true));
  broken = false;
  await until(() => expect(watch.current().rules.map(({ id }) => id)).toEqual(['two']));
});

test.each(['between two looks', 'while it loads'])('when it has stopped %s it looks no more', async (moment) => {
  const { rulesFile, watch, loads, duringLoad } = await watching(rules('one'));
  let expected = 1;
  if (moment === 'while it loads') {
    expected = 2;
    const stopping = Promise.withResolvers<void>();
    duringLoad(async () => stopping.resolve());
    await save(rulesFile, rules('one', 'two'));
    await stopping.promise;
  }
  await watch[Symbol.asyncDispose]();
  await save(rulesFile, rules('two'));
  const again = await watching(rules('other'));
  await save(again.rulesFile, rules('more'));
  await until(() => expect(again.ids()).toEqual(['more']));
  expect(loads()).toBe(expected);
});
