import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { call } from '../commands/world.ts';
import { performed, routed } from '../contracts/store/harness.ts';
import { aWebhook } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';

const GONE = 'gone@example.com';
const PHONE = '+48600700800';

const aFolder = async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
  await mkdir(join(folder, 'sheets'));
  const write = (name: string, rows: readonly string[]) =>
    writeFile(join(folder, 'sheets', name), rows.map((row) => `${row}\r\n`).join(''));
  const read = async (name: string) =>
    (await readFile(join(folder, 'sheets', name), 'utf8')).split('\r\n').slice(0, -1);
  return { folder, write, read, env: { DATA_DIR: folder } };
};

const sheet = (file: string, columns: Readonly<Record<string, string>>) =>
  ({
    kind: 'sheet',
    destination: `sheet:${file}`,
    key: `booking:bk_1|sheet:${file}`,
    action: { kind: 'sheet', sheet: { file, columns } },
  }) as const;

it('empties rows that were written for a person and name no id, as many as there were, and names files called after them', async () => {
  const { folder, write, read, env } = await aFolder();
  {
    await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
    const data = { id: 'bk_1', attendee_email: `Ana Gone <${GONE}>`, attendee_name: 'Ana Gone', attendee_phone: PHONE };
    const ids = await routed(store, aWebhook({ data }), [
      sheet('names.csv', { Name: 'Ana Gone', Phone: PHONE }),
      sheet('by-ana-gone.csv', { Id: 'bk_1' }),
      sheet('banana-gone.csv', { Id: 'bk_1' }),
    ]);
    for (const id of ids) await performed(store, id);
  }
  // Of two who look the same only one was theirs; columns may have been moved, and more added.
  await write('names.csv', [
    '"Seen","Phone","Name"',
    `"","'${PHONE}","Ana Gone"`,
    `"","'${PHONE}","Ana Gone"`,
    '"","","Bob"',
  ]);
  await write('by-ana-gone.csv', ['"Id"', '"bk_1"']);
  await write('banana-gone.csv', ['"Id"', '"bk_1"']);
  await write('others.csv', ['"Name","Notes"', `"Ana Host","Ana Gone, ${GONE}, ${PHONE}, comes with Ana Host"`]);

  const { code, out } = await call(['erase', GONE, '--yes', '--json'], { env });

  expect(await read('names.csv')).toEqual([
    '"Seen","Phone","Name"',
    '"","(erased)","(erased)"',
    `"","'${PHONE}","Ana Gone"`,
    '"","","Bob"',
  ]);
  expect(await read('others.csv')).toEqual([
    '"Name","Notes"',
    '"Ana Host","(erased), (erased), (erased), comes with Ana Host"',
  ]);
  const named = join(folder, 'sheets', 'by-ana-gone.csv');
  expect(JSON.parse(out)).toMatchObject({ namedAfter: [named], places: [{ file: named, name: true }] });
  expect(code).toBe(1);
  await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  const destinations = (await store.story('bk_1')).webhooks.flatMap(({ deliveries }) =>
    deliveries.map(({ destination }) => destination),
  );
  expect(destinations).toEqual(['sheet:names.csv', 'sheet:(erased)', 'sheet:banana-gone.csv']);
});

it('says where it could not look, and looks where links lead', async () => {
  const { folder, env } = await aFolder();
  await (await openSqliteStore(join(folder, 'webkasa-bot.db')))[Symbol.asyncDispose]();
  const elsewhere = await tempFolder();
  await writeFile(join(elsewhere, 'list.txt'), `'${GONE}'`);
  await symlink(elsewhere, join(folder, 'linked'));
  await symlink(folder, join(folder, 'round'));
  await symlink(join(folder, 'nothing'), join(folder, 'broken'));
  await writeFile(join(folder, 'logs.gz'), Buffer.from([0x1f, 0x8b, 8, 0]));

  const { code, out } = await call(['erase', GONE, '--check', '--json'], { env });

  expect(JSON.parse(out).places).toEqual([
    { file: join(folder, 'linked', 'list.txt') },
    { file: join(folder, 'logs.gz'), unread: true },
  ]);
  expect(code).toBe(1);
});
