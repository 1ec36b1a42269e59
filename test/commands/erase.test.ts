import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { attempt, takeIn } from '../query/filled.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

test('says what it would erase and how, and afterwards what it has erased', async () => {
  const folder = await tempFolder();
  const store = await openSqliteStore(join(folder, 'webkasa-bot.db'), { alone: true });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await takeIn(store, aWebhook({ data: { id: 'bk_1' } }), { deliveries: [{ id: 'dl_1' }] });
  await attempt(store, 'dl_1', T0, {
    status: 'done',
    receipt: { summary: '250 2.0.0 OK', detail: { messageId: '<1@bot>' } },
  });
  await mkdir(join(folder, 'sheets'));
  await writeFile(join(folder, 'sheets/all.csv'), '"Booking","Mail"\r\n"bk_1","john@example.com"\r\n');
  const env = { DATA_DIR: folder };
  const found = '  in the store: 1 webhook, 1 booking or registration, 1 delivery; named in 0 of others\n';
  const outside = `Out of the reach of the bot, and to be seen to by hand:
  1 mail to john@example.com: in its mailbox and on the mail server
`;
  const sheet = join(folder, 'sheets/all.csv');

  expect((await call(['erase', 'john@example.com'], { env })).out).toBe(`john@example.com
${found}  to be emptied: 1 row in ${sheet}
  to be deleted: 0 files of the outbox
${outside}To erase all of this for good: npm run cli -- erase john@example.com --yes
`);
  expect((await call(['erase', 'john@example.com', '--yes'], { env })).out).toBe(`${outside}Erased john@example.com:
${found}  emptied: 1 row in ${sheet}
  deleted: 0 files of the outbox
Nothing names john@example.com any more: the store and all files were searched.
`);
});
