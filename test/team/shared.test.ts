import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EMPTY_TEAM } from '../../src/core/team-changes.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { openDatabase } from '../../src/store/postgres/database.ts';
import { openLine } from '../../src/store/postgres/line.ts';
import { createTeamRows } from '../../src/store/postgres/team-document.ts';
import { type OpenTeam, openSharedTeam, readSharedTeam } from '../../src/team/open.ts';
import { openTestDatabase } from '../support/postgres.ts';
import { pausedIn, pausing } from './changes.ts';
import { documentWith, FULL_TEAM } from './support.ts';

/** A database, and teams opened on it as processes do. */
const aDatabase = async () => {
  const { url, close } = await openTestDatabase();
  const database = await openDatabase(url);
  const closes: (() => Promise<void>)[] = [database.close, close];
  onTestFinished(async () => {
    for (const each of closes) await each();
  });
  const aLine = async () => {
    const line = await openLine(url, 'test', silentLog());
    closes.unshift(() => line[Symbol.asyncDispose]());
    return line;
  };
  /** `interval` is so long that only notifications count, unless a test says otherwise. */
  const aProcess = async (interval = 1_000_000): Promise<OpenTeam> => {
    const team = await openSharedTeam({ rows: createTeamRows(await aLine()), log: silentLog(), interval });
    closes.unshift(() => team[Symbol.asyncDispose]());
    return team;
  };
  return { database, aLine, aProcess };
};

describe('a document in a database', () => {
  test('is made by the first change, and what it was after a restart, in all its parts', async () => {
    const { database, aProcess } = await aDatabase();
    const team = await aProcess();
    expect(team.current()).toEqual(EMPTY_TEAM);
    expect(await team.update((same) => same)).toBe(team.current());
    expect(await database.query('SELECT * FROM team_document')).toEqual([]);
    await team.update(() => FULL_TEAM);
    expect((await aProcess()).current()).toEqual(FULL_TEAM);
  });

  test('a change takes effect in every process, which hear of it', async () => {
    const { aProcess } = await aDatabase();
    const [one, other] = [await aProcess(), await aProcess()];
    await one.update(pausing('confirm'));
    await expect.poll(() => pausedIn(other.current())).toEqual(['confirm']);
  });

  test('a change is no news in the log of any process, which are made in Slack all the time', async () => {
    const { aLine } = await aDatabase();
    const logged: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
    const open = async () => openSharedTeam({ rows: createTeamRows(await aLine()), log, interval: 1_000_000 });
    const [one, other] = [await open(), await open()];
    await one.update(pausing('confirm'));
    await expect.poll(() => pausedIn(other.current())).toEqual(['confirm']);
    await one[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    expect(logged).toEqual([]);
  });

  test('a change takes effect also where nobody told of it', async () => {
    const { database, aProcess } = await aDatabase();
    const team = await aProcess(20);
    await database.query('INSERT INTO team_document (revision, document) VALUES (7, $1)', [documentWith('by-hand')]);
    await expect.poll(() => pausedIn(team.current())).toEqual(['by-hand']);
    await team.update(pausing('more'));
    expect(pausedIn(team.current())).toEqual(['by-hand', 'more']);
  });

  test('changed by many processes at once, keeps every change', async () => {
    const { aProcess, database } = await aDatabase();
    const processes = await Promise.all([aProcess(), aProcess(), aProcess()]);
    const rules = Array.from({ length: 15 }, (_, index) => `rule-${index}`);
    await Promise.all(rules.map((rule, index) => processes[index % 3]?.update(pausing(rule))));
    const [row] = await database.query<{ document: string }>('SELECT document FROM team_document');
    expect(pausedIn(JSON.parse(row?.document ?? '')).sort()).toEqual(rules.toSorted());
  });

  test('that is broken is named, never overwritten, and keeps the last good state in effect', async () => {
    const { database, aProcess, aLine } = await aDatabase();
    const team = await aProcess(20);
    await team.update(pausing('one'));
    await database.query("UPDATE team_document SET document = '{}', revision = revision + 1");
    await expect.poll(() => team.problem()).toContain('in the table team_document');
    await expect(team.update(pausing('two'))).rejects.toThrow(/version is missing/);
    expect(pausedIn(team.current())).toEqual(['one']);
    await expect(readSharedTeam(createTeamRows(await aLine()))).rejects.toThrow(/can't be used: version is missing/);

    await database.query('UPDATE team_document SET document = $1, revision = revision + 1', [documentWith('mended')]);
    await expect.poll(() => team.problem()).toBeUndefined();
    expect(pausedIn(team.current())).toEqual(['mended']);
  });

  test('outlives the loss of its connection', async () => {
    const { database, aProcess } = await aDatabase();
    const [one, other] = [await aProcess(20), await aProcess()];
    await one.update(pausing('before'));
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test' AND datname = current_database()",
    );
    await expect.poll(() => one.update(pausing('after')).then(pausedIn, () => [])).toEqual(['before', 'after']);
    await expect.poll(() => pausedIn(other.current())).toEqual(['before', 'after']);
  });
});
