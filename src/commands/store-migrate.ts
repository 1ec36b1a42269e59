import { OperatorError } from '../core/errors.ts';
import { type Compared, compare, moveRows, sourceName, sourceState, sumsOf, type Tell } from '../keep/move.ts';
import type { Look } from '../query/cli/look.ts';
import { table } from '../query/cli/table.ts';
import type { ExitCode } from './command.ts';
import { UsageError } from './command.ts';
import { type Context, print } from './context.ts';
import { progressOn } from './progress.ts';
import { exists } from './require-store.ts';

const BEGUN = {
  resumed: 'A move that was broken off goes on.\n',
  anew: 'A move was broken off, and the store was used since: all of it is moved anew.\n',
} as const;

/** Moves the SQLite store of DATA_DIR and the team's document to a PostgreSQL database. Resumes an interrupted move. */
export const migrateStore = async (context: Context, url: string): Promise<ExitCode> => {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--to takes a URL like postgres://…', 'store');
  const { markMoved, moveTeam, openSource, openTarget, pathsOf, refuseMoved, storeFile } = await import('../app.ts');
  const config = { ...context.config(), databaseUrl: undefined };
  if (!(await exists(pathsOf(config).database))) {
    throw new OperatorError(`There is no SQLite store in ${config.dataDir}, so there is nothing to move.`, {
      remedy: `To begin with an empty PostgreSQL database, set DATABASE_URL and start the bot.`,
    });
  }
  const lock = storeFile(config).lock();
  if (!lock) {
    throw new OperatorError(`A webkasa-bot is running on ${config.dataDir}.`, {
      remedy: 'Stop it first: what comes in while a store is moved would be left behind.',
    });
  }
  try {
    await using source = await openSource(config);
    await using target = await openTarget(url);
    const progress = progressOn(context);
    const name = await sourceName(source);
    // A move that was interrupted after the source was marked as moved has to go on.
    if (!(await target.isBegun(name))) await refuseMoved(config);
    const begun = await target.begin(name, await sourceState(source));
    const resumed = begun === 'resumed';
    if (begun !== 'begun') context.err.write(BEGUN[begun]);
    const { rows: counts } = await source.size();
    const moving: Tell = (name, rows, all) => progress(`${name}: ${rows} of ${Math.max(rows, counts[name])}`, all);
    const from = await moveRows(source, target, moving);
    const to = await sumsOf(target, (name, rows) => progress(`comparing ${name}: ${rows} of ${counts[name]}`, false));
    const compared = compare(from, to);
    const equal = compared.every((one) => one.equal);
    // Marked before the target is finished: at no moment may a bot be able to start on both.
    if (equal) await markMoved(config);
    const team = equal && (await moveTeam(config, url));
    if (equal) await target.finish((done, all) => progress(`making indexes: ${done} of ${all}`, done === all));
    progress('', false);
    print(context, { equal, resumed, team, tables: compared }, movedText);
    return equal ? 0 : 1;
  } finally {
    lock.release();
  }
};

const movedText = (
  told: { readonly equal: boolean; readonly team: boolean; readonly tables: readonly Compared[] },
  look: Look,
): string => {
  const rows = told.tables.map(({ table: name, from, to, equal }) => [
    name,
    String(from.rows),
    String(to.rows),
    from.sum,
    equal ? 'equal' : { text: 'DIFFERENT', colour: 'red' as const },
  ]);
  const titles = ['Table', 'SQLite', 'PostgreSQL', 'Checksum', ''].map((title) => ({ title, whole: true }));
  const next = told.equal
    ? `All of it is there${told.team ? ', and so is what the team edited' : ''}. Set DATABASE_URL to that database in .env, and start the bot.\nKeep DATA_DIR: sheets and rules stay there. Its database file is no longer used, and no bot starts on it any more.\n`
    : 'The two are not equal, so the database is not ready for use. Empty it and move again; if that does not help, report it with this table.\n';
  return `${table(titles, rows, look)}\n${next}`;
};
