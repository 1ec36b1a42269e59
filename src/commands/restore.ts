import { join, resolve } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import { checkBackup } from '../keep/backup.ts';
import { isWithin, placedBeside, restoreBackup, standingParts } from '../keep/restore.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { callOf, command } from './command.ts';
import { print } from './context.ts';
import { about } from './help.ts';

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
    'To try a backup out beside a running bot, restore it to another, empty DATA_DIR. Rules or templates of your own that stand elsewhere are then left as they are, and those of the backup are put beside the data.',
    'What was waiting when the backup was made goes on at the next start. What happened since is not known any more: mails and posts that went out then are sent once more.',
  ],
  examples: [`${NAME} data/backups/20270131T120000Z`, `${NAME} /mnt/safe/webkasa --force`],
  run: async ({ values: { force }, args: [given = ''] }, context) => {
    const { databaseOf, holdBot, partsOf, pathsOf } = await import('../app.ts');
    const config = context.config();
    const paths = pathsOf(config);
    const folder = resolve(given);
    const database = await databaseOf(config);
    const manifest = await checkBackup(folder, database, about().version);
    const parts = partsOf(config, { secret: true });
    const taken = force ? [] : await standingParts(folder, parts);
    const filled = taken.filter(({ path }) => isWithin(paths.data, path)).map(({ path }) => path);
    if (!force && (await database.isFilled())) {
      filled.unshift(config.databaseUrl === undefined ? paths.database : 'the database');
    }
    if (filled.length > 0 && !force) {
      throw new OperatorError(`There is data already: ${filled.join(', ')}.`, {
        remedy: `Restore to another DATA_DIR; or replace it, which keeps it aside: ${callOf(NAME)} ${given} --force`,
      });
    }
    await makeFolder(paths.data);
    const lock = await holdBot(config);
    if (!lock) {
      throw new OperatorError('A webkasa-bot is running on what is to be replaced.', { remedy: 'Stop it first.' });
    }
    try {
      const time = new Date(context.now()).toISOString().replace(/[-:]|\.\d+/g, '');
      const aside = join(paths.data, `before-restore-${time}`);
      const beside = join(paths.data, `restored-${time}`);
      const places = await placedBeside(folder, parts, taken, beside);
      const restored = await restoreBackup(folder, aside, { database, parts: places });
      const told = {
        folder,
        madeAt: manifest.madeAt,
        parts: restored.parts,
        aside: restored.kept ? aside : null,
        left: taken.map(({ path }) => path),
        beside: places.some(({ path }) => isWithin(beside, path)) ? beside : null,
      };
      print(context, told, restoredText);
      return 0;
    } finally {
      lock.release();
    }
  },
});

type Restored = {
  readonly folder: string;
  readonly madeAt: string;
  readonly parts: readonly string[];
  readonly aside: string | null;
  /** Files outside of DATA_DIR that were left as they were. */
  readonly left: readonly string[];
  readonly beside: string | null;
};

const restoredText = ({ folder, madeAt, parts, aside, left, beside }: Restored): string => {
  const lines = [
    `Restored ${folder}, made ${madeAt}: ${parts.join(', ')}.`,
    ...(aside ? [`What was there before is in ${aside}; delete it when all is well.`] : []),
    ...(left.length > 0 ? [`Left as it was, outside of DATA_DIR: ${left.join(', ')}.`] : []),
    ...(beside ? [`What the backup has of that is in ${beside}: copy it where it belongs, or set RULES_FILE.`] : []),
    'Start the bot: what was waiting goes on. What was told since the backup may be told once more.',
    'Whoever was erased since the backup is back: erase them again.',
  ];
  return `${lines.join('\n')}\n`;
};
