import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../src/runtime/log.ts';
import { openPostgresStore } from '../../src/store/postgres/store.ts';
import { call } from '../commands/world.ts';
import { routed } from '../contracts/store/harness.ts';
import { aWebhook } from '../support/builders.ts';
import { openTestStore } from '../support/postgres.ts';
import { tempFolder } from '../support/temp.ts';

const GONE = 'gone@example.com';

it('takes a person out of a PostgreSQL store, and keeps of it only a digest', async () => {
  const database = await openTestStore();
  onTestFinished(() => database.close());
  const announce = { within: async () => {}, soon: () => {} };
  const store = await openPostgresStore(database.url, { announce, log: silentLog(), connections: 2 });
  onTestFinished(() => store[Symbol.asyncDispose]());
  await routed(store, aWebhook({ data: { id: 'bk_1', attendee_email: GONE, attendee_name: 'Gwendolyn' } }));
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
  const env = { DATA_DIR: folder, DATABASE_URL: database.url };

  expect((await call(['erase', GONE, '--check'], { env })).code).toBe(1);
  const { code, out, err } = await call(['erase', GONE, '--yes'], { env });

  expect(err).toBe('');
  expect(out).toContain(`Nothing names ${GONE} any more`);
  expect(code).toBe(0);
  expect(await store.search({ words: 'gwendolyn' }, { limit: 1, offset: 0 })).toEqual([]);
  expect(await store.acts({ limit: 9, offset: 0 })).toMatchObject([{ kind: 'erase', summary: 'a person was erased' }]);
}, 90_000);
