import { join, resolve } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { keepNewest, type Manifest, makeBackup } from '../keep/backup.ts';
import { isWithin } from '../keep/restore.ts';
import { callOf, command, UsageError, wholeNumber } from './command.ts';
import { print } from './context.ts';
import { about } from './help.ts';
import { progressOn } from './progress.ts';
import { exists } from './require-store.ts';

const NAME = 'backup';

export const backup = command({
  name: NAME,
  summary: 'copy everything the bot keeps, while it runs',
  args: '[FOLDER]',
  count: [0, 1],
  options: {
    keep: { type: 'string', value: 'N', help: 'afterwards remove all but the newest N in DATA_DIR/backups' },
    'with-secret': { type: 'boolean', help: 'the webhook secret too, where it is kept in DATA_DIR' },
  },
  json: true,
  more: [
    'It holds the database as of one moment, rules, what the team edited, sheets, and templates of your own; in DATA_DIR/backups by the time where no FOLDER is named. All of it is read again before it counts as made.',
    'With DATABASE_URL the database is copied by pg_dump, which has to be installed.',
  ],
  examples: [NAME, `${NAME} /mnt/safe/webkasa`, `${NAME} --keep 14`],
  run: async ({ values, args: [given] }, context) => {
    const { databaseOf, partsOf, pathsOf } = await import('../app.ts');
    const config = context.config();
    const paths = pathsOf(config);
    const keep = wholeNumber(values.keep, 0, { name: NAME, option: 'keep', least: 1 });
    if (keep > 0 && given !== undefined) throw new UsageError('--keep is for backups in DATA_DIR/backups.', NAME);
    if (config.databaseUrl === undefined && !(await exists(paths.database))) {
      throw new OperatorError(`There is no data in ${config.dataDir} yet.`, {
        remedy: 'Set DATA_DIR where it is elsewhere.',
      });
    }
    const time = new Date(context.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    const folder = given === undefined ? join(paths.data, 'backups', time) : resolve(given);
    refuseInside(folder, [paths.sheets, join(paths.data, 'outbox'), ...(config.templatesDir ? [paths.templates] : [])]);
    const parts = [];
    for (const part of partsOf(config, { secret: values['with-secret'] === true })) {
      if (await exists(part.path)) parts.push(part);
    }
    const { version } = about();
    const progress = progressOn(context);
    const source = { database: await databaseOf(config), parts, version, at: context.now() };
    const manifest = await makeBackup(folder, source, (phase) => progress(`${phase} …`, false)).finally(() =>
      progress('', false),
    );
    const removed = keep > 0 ? await keepNewest(join(paths.data, 'backups'), keep) : [];
    print(context, { folder, removed, ...manifest }, madeText);
    return 0;
  },
});

/** A backup within the bot's own folders would become part of the next backup, and the bot would take its files for its own. */
const refuseInside = (folder: string, kept: readonly string[]): void => {
  const around = kept.find((each) => isWithin(each, folder));
  if (around === undefined) return;
  throw new OperatorError(`${folder} lies in ${around}, which is the bot's own and is backed up itself.`, {
    remedy: `Name a folder elsewhere, best on another disk; or none, and it goes to DATA_DIR/backups.`,
  });
};

const madeText = (made: Manifest & { readonly folder: string; readonly removed: readonly string[] }): string => {
  const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
  const { webhook } = made.database.rows;
  const counted = webhook === undefined ? '' : `, with ${webhook} webhooks`;
  const lines = [
    `Backed up to ${made.folder}: ${made.files.length} files, ${(bytes / 1_000_000).toFixed(1)} MB${counted}.`,
    ...made.removed.map((folder) => `Removed ${folder}.`),
    `To put it back: ${callOf('restore')} ${made.folder}`,
  ];
  return `${lines.join('\n')}\n`;
};
