import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { checkBackup, restoreBackup } from '../keep/backup.ts';
import { callOf, command } from './command.ts';
import { print } from './context.ts';
import { exists } from './with-keeping.ts';

const NAME = 'restore';

export const restore = command({
  name: NAME,
  summary: 'put a backup in place of what is there',
  args: 'FOLDER',
  count: [1, 1],
  options: { force: { type: 'boolean', help: 'also where there is data already; that is kept aside' } },
  json: true,
  more: [
    'The bot has to be stopped. The backup is compared with its checksums before anything is touched; what was there is kept in DATA_DIR/before-restore-TIME.',
    'What was waiting when the backup was made goes on at the next start. What happened since is not known any more: mails and posts that went out then are sent once more.',
  ],
  examples: [`${NAME} data/backups/20270131T120000Z`, `${NAME} /mnt/safe/webkasa --force`],
  run: async ({ values: { force }, args: [given = ''] }, context) => {
    const { databaseOf, holdBot, partsOf, pathsOf } = await import('../app.ts');
    const config = context.config();
    const paths = pathsOf(config);
    const folder = resolve(given);
    const database = databaseOf(config);
    const manifest = await checkBackup(folder, database);
    const filled = config.databaseUrl !== undefined || (await exists(paths.database));
    if (filled && !force) {
      throw new OperatorError(`There is data already: ${config.databaseUrl ? 'in the database' : paths.database}.`, {
        remedy: `Restore to another DATA_DIR; or replace it, which keeps it aside: ${callOf(NAME)} ${given} --force`,
      });
    }
    await mkdir(paths.data, { recursive: true });
    const lock = await holdBot(config);
    if (!lock) {
      throw new OperatorError('A webkasa-bot is running on what is to be replaced.', { remedy: 'Stop it first.' });
    }
    try {
      const time = new Date(context.now()).toISOString().replace(/[-:]|\.\d+/g, '');
      const aside = join(paths.data, `before-restore-${time}`);
      const parts = await restoreBackup(folder, aside, { database, parts: partsOf(config, { secret: true }) });
      print(context, { folder, madeAt: manifest.madeAt, parts, aside }, restoredText);
      return 0;
    } finally {
      lock.release();
    }
  },
});

const restoredText = (told: {
  readonly folder: string;
  readonly madeAt: string;
  readonly parts: readonly string[];
  readonly aside: string;
}): string =>
  `Restored ${told.folder}, made ${told.madeAt}: ${told.parts.join(', ')}.
What was there before is in ${told.aside}; delete it when all is well.
Start the bot: what was waiting goes on. What was told since the backup may be told once more.
Whoever was erased since the backup is back: erase them again.
`;
