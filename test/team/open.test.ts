import { writeFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OperatorError } from '../../src/core/errors.ts';
import { EMPTY_TEAM } from '../../src/core/team-changes.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openTeam, readTeam } from '../../src/team/open.ts';
import { tempFolder } from '../support/temp.ts';
import { pausedIn, pausing } from './changes.ts';
import { documentWith, FULL_TEAM, onDisk, open, previousOf, teamFile } from './support.ts';

const rejectionOf = async (promise: Promise<unknown>): Promise<OperatorError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OperatorError);
  return error as OperatorError;
};

describe('a document', () => {
  test('is made by the first change, not before', async () => {
    const file = await teamFile();
    const team = await open(file);
    expect(team.current()).toEqual(EMPTY_TEAM);
    expect(await team.update((same) => same)).toBe(team.current());
    expect(await readdir(dirname(file))).toEqual([]);
    await team.update(pausing('confirm'));
    expect(pausedIn(await onDisk(file))).toEqual(['confirm']);
  });

  test('is what it was after a restart, in all its parts, and readable for people', async () => {
    const file = await teamFile();
    await (await open(file)).update(() => FULL_TEAM);
    expect((await open(file)).current()).toEqual(FULL_TEAM);
    expect(await readFile(file, 'utf8')).toMatch(/^\{\n {2}"version": 1,\n {2}"subscriptions": \[\n/);
  });

  test('leaves the version before the last change beside it, and nothing else', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    expect(pausedIn(await onDisk(previousOf(file)))).toEqual([]);
    await team.update(pausing('two'));
    await team.update(pausing('three'));
    expect(pausedIn(await onDisk(previousOf(file)))).toEqual(['one', 'two']);
    expect((await readdir(dirname(file))).sort()).toEqual(['team.json', 'team.previous.json']);
  });

  test('changed by many at once, keeps every change', async () => {
    const file = await teamFile();
    const team = await open(file);
    const rules = Array.from({ length: 30 }, (_, index) => `rule-${index}`);
    await Promise.all(rules.map((rule) => team.update(pausing(rule))));
    expect(pausedIn(team.current())).toEqual(rules);
    expect(pausedIn(await onDisk(file))).toEqual(rules);
  });

  test('does not show a change before it is on disk', async () => {
    const file = await teamFile();
    const team = await open(file);
    const updating = team.update((current) => pausing('confirm')(current));
    let shown = pausedIn(team.current());
    while (shown.length === 0) {
      // Whenever it is shown, a new start would show it too.
      await new Promise(setImmediate);
      shown = pausedIn(team.current());
    }
    expect(pausedIn(await onDisk(file))).toEqual(['confirm']);
    await updating;
  });

  test('a change that throws changes nothing, and the next one works', async () => {
    const team = await open(await teamFile());
    const failing = team.update(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await team.update(pausing('confirm'));
    expect(pausedIn(team.current())).toEqual(['confirm']);
  });

  test('refuses what could not be read again', async () => {
    const file = await teamFile();
    const team = await open(file);
    const [subscription] = FULL_TEAM.subscriptions;
    const error = await rejectionOf(
      team.update((current) => ({ ...current, subscriptions: [{ ...subscription, channel: '#name' } as never] })),
    );
    expect(error.message).toContain('subscriptions[0].channel is no id like C0123ABCD');
    expect(team.current()).toEqual(EMPTY_TEAM);
    await team.update(pausing('confirm'));
  });

  test('whatever fits its shape comes back the same', async () => {
    const file = await teamFile();
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (name, value, rule) => {
        const [subscription] = FULL_TEAM.subscriptions;
        if (!subscription) return;
        const by = { id: 'U1', name, via: 'slack' } as const;
        const filters = [{ field: 'name', not: false, value }];
        const team = {
          ...FULL_TEAM,
          subscriptions: [{ ...subscription, by, filters }],
          paused: [{ rule, by, at: '2027-01-15T10:30:00Z' }],
        };
        await using writer = await openTeam({ file, log: silentLog(), interval: 1_000_000 });
        await writer.update(() => team);
        expect((await readTeam(file)).team).toEqual(JSON.parse(JSON.stringify(team)));
      }),
      { numRuns: 25 },
    );
  });
});

describe('an edit by hand', () => {
  test('is part of the next change', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    await writeFile(file, documentWith('one', 'by-hand'));
    await team.update(pausing('two'));
    expect(pausedIn(team.current())).toEqual(['one', 'by-hand', 'two']);
    expect(pausedIn(await onDisk(previousOf(file)))).toEqual(['one', 'by-hand']);
  });

  test('takes effect by itself', async () => {
    const file = await teamFile();
    const team = await open(file, { interval: 10 });
    await writeFile(file, documentWith('by-hand'));
    await vi.waitFor(() => expect(pausedIn(team.current())).toEqual(['by-hand']), { timeout: 10_000 });
  });

  test('may leave out what is empty, and begin with a byte order mark', async () => {
    const file = await teamFile();
    await writeFile(file, '\uFEFF{"version":1}');
    expect((await open(file)).current()).toEqual(EMPTY_TEAM);
  });

  test('is not lost to a change that was begun before it', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    let times = 0;
    await team.update((current) => {
      times += 1;
      // The document was read for this change, and is not written yet.
      if (times === 1) writeFileSync(file, documentWith('one', 'by-hand'));
      return pausing('two')(current);
    });
    expect(times).toBe(2);
    expect(pausedIn(await onDisk(file))).toEqual(['one', 'by-hand', 'two']);
  });
});

const BROKEN: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['is empty', '', /it is empty/],
  ['is cut off', documentWith('one').slice(0, 60), /it is not valid JSON/],
  ['is cut off, in lines', '{\n  "version": 1,\n  "paused": [\n', /it is not valid JSON/],
  ['is no JSON', '{\n  "version": 1,\n}', /it is not valid JSON \(line 3, column 1\)/],
  ['is not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), /it is not valid JSON/],
  ['is a list', '[]', /used: it is not an object in \{ \}\./],
  ['has no version', '{}', /used: version is missing\./],
  ['has an old version', '{"version":0}', /version is not 1, the only one this bot knows/],
  [
    'has a version of the future',
    '{"version":2,"teams":[]}',
    /it is of version 2, made by a newer bot; this one knows version 1/,
  ],
  ['has a misspelt key', '{"version":1,"pause":[]}', /used: it has what this bot does not know: "pause"\./],
  ['has a wrong type', '{"version":1,"paused":{}}', /paused is not a list in \[ \]/],
  [
    'has a subscription of another shape',
    '{"version":1,"subscriptions":[{"id":"x","channel":"#a"}]}',
    /subscriptions\[0\]\.id is no id like sub_1a2b3c4d; subscriptions\[0\]\.channel is no id like C0123ABCD/,
  ],
  [
    'has a subscription without a channel',
    '{"version":1,"subscriptions":[{"id":"sub_1","types":[],"filters":[{"field":"name"}]}]}',
    /\[0\]\.channel is missing; subscriptions\[0\]\.channelName is missing; subscriptions\[0\]\.types is empty; subscriptions\[0\]\.filters\[0\]\.not is missing/,
  ],
  [
    'has a pause of somebody unknown',
    `{"version":1,"paused":[{"rule":"","by":{"id":7,"name":"${'x'.repeat(201)}","via":"mail"},"at":"2027-01-15T10:30:00Z"}]}`,
    /rule is empty; paused\[0\]\.by\.id is not text in quotes; paused\[0\]\.by\.name is longer than 200 characters; paused\[0\]\.by\.via is none of "slack", "command line"/,
  ],
  [
    'has two subscriptions of one id',
    JSON.stringify({ version: 1, subscriptions: [...FULL_TEAM.subscriptions, ...FULL_TEAM.subscriptions] }),
    /subscriptions has two with the same id/,
  ],
  [
    'has a pause at no time',
    documentWith('one').replace('2027-01-15T10:30:00.000Z', 'yesterday'),
    /paused\[0\]\.at is no time like 2027-01-15T10:30:00Z/,
  ],
];

describe.each(BROKEN)('a document that %s', (_what, content, problem) => {
  test('while running, leaves the last good state in effect, refuses changes, and is not overwritten', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    await writeFile(file, content);
    const { message, remedy } = await rejectionOf(team.update(pausing('two')));
    expect(message).toMatch(problem);
    expect(message).not.toMatch(/invalid|expected/i);
    expect(message).toContain(file);
    expect(remedy).toContain(previousOf(file));
    expect(remedy).toContain('Until then the last good state stays in effect, and nothing can be changed.');
    expect(team.problem()).toBe(`${message} ${remedy}`);
    expect(pausedIn(team.current())).toEqual(['one']);
    expect(await readFile(file)).toEqual(Buffer.from(content));

    await writeFile(file, documentWith('one', 'mended'));
    await team.update(pausing('two'));
    expect(team.problem()).toBeUndefined();
    expect(pausedIn(team.current())).toEqual(['one', 'mended', 'two']);
  });

  test('at the start, puts the previous version in effect, says so, and refuses changes', async () => {
    const file = await teamFile();
    await writeFile(file, content);
    await writeFile(previousOf(file), documentWith('one'));
    const team = await open(file);
    expect(pausedIn(team.current())).toEqual(['one']);
    expect(team.problem()).toMatch(problem);
    expect(team.problem()).toContain(`Until then ${previousOf(file)} is in effect, and nothing can be changed.`);
    await rejectionOf(team.update(pausing('two')));
    expect(await readFile(file)).toEqual(Buffer.from(content));

    await copyFile(previousOf(file), file);
    await team.update(pausing('two'));
    expect(pausedIn(team.current())).toEqual(['one', 'two']);
  });

  test('at the start, without a good previous version, keeps the bot from starting', async () => {
    const file = await teamFile();
    await writeFile(file, content);
    const error = await rejectionOf(open(file));
    expect(error.message).toMatch(problem);
    expect(error.message).toContain(`${previousOf(file)} can't be used: it is not there`);
    await writeFile(previousOf(file), '{');
    expect((await rejectionOf(open(file))).remedy).toContain('delete both');
    await rejectionOf(readTeam(file));
  });
});

describe('a document that can’t be found, read or written', () => {
  test('deleted while running, it is missed, and what was in effect stays', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    await rm(file);
    expect((await rejectionOf(team.update(pausing('two')))).message).toContain('it is gone');
    expect(pausedIn(team.current())).toEqual(['one']);
    await copyFile(previousOf(file), file);
    await team.update(pausing('two'));
    expect(pausedIn(team.current())).toEqual(['two']);
  });

  test('deleted before a start, its previous version is in effect; with both deleted, it begins anew', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    await team.update(pausing('two'));
    await rm(file);
    const next = await open(file);
    expect(pausedIn(next.current())).toEqual(['one']);
    expect(next.problem()).toContain('it is gone');
    await rm(previousOf(file));
    const last = await open(file);
    expect(last.current()).toEqual(EMPTY_TEAM);
    expect(last.problem()).toBeUndefined();
  });

  test('a folder in its place is named', async () => {
    const file = await teamFile();
    await mkdir(file);
    expect((await rejectionOf(open(file))).message).toContain("it can't be read (EISDIR");
  });

  test('where its previous version can’t be kept, nothing is changed', async () => {
    const file = await teamFile();
    const team = await open(file);
    await team.update(pausing('one'));
    await rm(previousOf(file));
    await mkdir(previousOf(file));
    const error = await rejectionOf(team.update(pausing('two')));
    expect(error.message).toMatch(/team\.json can't be written \(.*\); nothing was changed/);
    expect(error.remedy).toContain('Make room');
    expect(pausedIn(team.current())).toEqual(['one']);
    expect(pausedIn(await onDisk(file))).toEqual(['one']);
    await rm(previousOf(file), { recursive: true });
    await team.update(pausing('two'));
    expect(pausedIn(await onDisk(file))).toEqual(['one', 'two']);
    expect((await readdir(dirname(file))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('in a folder that is not there, a change is refused and nothing is made', async () => {
    const file = `${await tempFolder()}/nowhere/team.json`;
    const team = await open(file);
    expect((await rejectionOf(team.update(pausing('one')))).message).toContain('ENOENT');
    expect(team.current()).toEqual(EMPTY_TEAM);
  });
});

test('the log names the file and what is wrong once, and never who is in it', async () => {
  const file = await teamFile();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(line) });
  const team = await openTeam({ file, log, interval: 5 });
  onTestFinished(() => team[Symbol.asyncDispose]());
  await writeFile(file, '{"version":1,"subscriptions": zoe@example.com }');
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
  await rejectionOf(team.update(pausing('one')));
  expect(lines).toEqual([expect.stringContaining(file)]);
  expect(lines.join()).not.toContain('zoe');
});
