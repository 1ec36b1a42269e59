import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Team } from '../../src/core/team.ts';
import { addSubscription, EMPTY_TEAM } from '../../src/core/team-changes.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { type OpenTeam, openTeam } from '../../src/team/open.ts';
import { tempFolder } from '../support/temp.ts';
import { ANNA, AT, pausing } from './changes.ts';

/** The path of a team's document that does not exist yet, in a folder of its own. */
export const teamFile = async (): Promise<string> => join(await tempFolder(), 'team.json');

export const previousOf = (file: string): string => join(dirname(file), 'team.previous.json');

/** Opens it with an endless polling interval, so that nothing happens but what a test does. */
export const open = async (file: string, options: { interval?: number } = {}): Promise<OpenTeam> => {
  const team = await openTeam({ file, log: silentLog(), interval: 1_000_000, ...options });
  onTestFinished(() => team[Symbol.asyncDispose]());
  return team;
};

/** The document of a team that paused these rules. */
export const documentWith = (...rules: readonly string[]): string =>
  JSON.stringify({ version: 1, ...rules.reduce((team: Team, rule) => pausing(rule)(team), EMPTY_TEAM) });

export const onDisk = async (file: string): Promise<Team & { readonly version: number }> =>
  JSON.parse(await readFile(file, 'utf8'));

export const FULL_TEAM: Team = {
  ...addSubscription(EMPTY_TEAM, {
    channel: 'C0BOOKINGS',
    channelName: '#büro',
    types: ['booking.*', 'event.created'],
    filters: [
      { field: 'schedule', not: true, value: 'sch_1' },
      { field: 'data.guest_count', not: false, value: '3' },
    ],
    by: ANNA,
    at: AT,
  }).team,
  paused: [{ rule: 'confirm', by: { id: 'root', name: 'root', via: 'command line' }, at: AT }],
  broken: [{ channel: '#old', since: AT, code: 'is_archived', message: 'It is archived.', told: true }],
};
