import type { Config } from '../config.ts';
import type { Log } from '../runtime/log.ts';
import { silentLog } from '../runtime/log.ts';
import { type OpenTeam, openSharedTeam, openTeam, type ReadTeam, readSharedTeam, readTeam } from '../team/open.ts';
import { pathsOf } from './paths.ts';
import type { Storage } from './storage.ts';

/** The team document: a file beside the rules, or with PostgreSQL a row that all processes see. */
export const openTeamOf = (config: Config, { shared }: Pick<Storage, 'shared'>, log: Log): Promise<OpenTeam> =>
  shared ? openSharedTeam({ rows: shared.team, log }) : openTeam({ file: pathsOf(config).team, log });

/** Reads it once, for one call of the command line. */
export const readTeamOf = async (config: Config): Promise<ReadTeam> => {
  const url = config.databaseUrl;
  if (url === undefined) return readTeam(pathsOf(config).team);
  const { createTeamRows, openLine, reachDatabase } = await import('./postgres.ts');
  await reachDatabase(url);
  await using line = await openLine(url, 'webkasa-bot question', silentLog());
  return await readSharedTeam(createTeamRows(line));
};
