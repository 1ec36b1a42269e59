import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { routed } from '../contracts/store/harness.ts';
import { botEnv, NODE, post, startBot } from '../support/bot.ts';
import { aWebhook } from '../support/builders.ts';
import { eventually } from '../support/eventually.ts';
import { tempFolder } from '../support/temp.ts';

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');
const GONE = 'Gone.Person+tag@example.com';
const PHONE = '+48 600 700 800';

const RULES = `rules:
  - id: everything
    on: ["*"]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
      - slack: { channel: "#bookings", template: booking }
      - sheet: { file: all.csv, columns: { Booking: "{{ data.id }}", Guest: "{{ data.attendee_name }}", Mail: "{{ data.attendee_email }}", Start: "{{ data.start_time }}" } }
      - sheet: { file: names.csv, key: Booking, columns: { Booking: "{{ data.id }}", Guest: "{{ data.attendee_name }}" } }
`;

const cli = (env: NodeJS.ProcessEnv, ...args: string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((settle) => {
    execFile(NODE, [CLI, ...args], { cwd: tmpdir(), env }, (error, out, err) =>
      settle({ code: error ? error.code : 0, out, err }),
    );
  });

/** Every file below a folder that holds one of the words, in any case, plain or percent-encoded. */
const filesWith = async (folder: string, words: readonly string[]): Promise<string[]> => {
  const wanted = words.flatMap((word) => [word, encodeURIComponent(word)]).map((word) => word.toLowerCase());
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const text = (await readFile(path)).toString('latin1').toLowerCase();
    if (wanted.some((word) => text.includes(word))) found.push(path);
  }
  return found;
};

const aWorld = async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const env = botEnv(folder, { LOG_LEVEL: 'info' });
  const bot = await startBot(env);
  onTestFinished(async () => void (await bot.end('SIGKILL')));
  const send = async (data: object, type = 'booking.created', id?: string) => {
    const webhook = aWebhook({ type, data, ...(id !== undefined && { id }) });
    expect((await post(bot.webhookUrl, webhook)).status).toBe(200);
    return webhook;
  };
  const settled = () =>
    eventually(async () => {
      await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
      const { unrouted, deliveries } = await store.status();
      expect({ unrouted, pending: deliveries.pending, running: deliveries.running }).toEqual({
        unrouted: 0,
        pending: 0,
        running: 0,
      });
    });
  return { folder, env, bot, send, settled };
};

const gone = (data: object = {}) => ({
  attendee_email: GONE,
  attendee_name: 'Gwendolyn Gone',
  attendee_phone: PHONE,
  answers: { allergies: 'terrapinphobia' },
  ...data,
});

it('takes a person out of everything beside a running bot, and leaves all others as they were', async () => {
  const { folder, env, bot, send, settled } = await aWorld();
  const first = await send(gone({ id: 'bk_gone' }));
  await send(gone({ id: 'bk_gone', start_time: '2027-02-16T10:00:00Z' }), 'booking.confirmed');
  await send(gone({ id: 'reg_gone', event_id: 'evt_1', attendee_email: GONE.toUpperCase() }), 'registration.created');
  await send({ id: 'bk_stays', attendee_email: 'anna@example.com', attendee_name: 'Anna Stays' });
  await send({
    id: 'bk_guests',
    attendee_email: 'host@example.com',
    attendee_name: 'Hugo Host',
    guests: [
      { name: 'Gwen', email: GONE },
      { name: 'Greta', email: 'greta@example.com' },
    ],
    note: `call https://x.example/?to=${encodeURIComponent(GONE)}`,
  });
  // Somebody whose address ends alike is somebody else.
  await send({ id: 'bk_alike', attendee_email: `not.${GONE}`, attendee_name: 'Nora Not' });
  await settled();

  const preview = await cli(env, 'erase', GONE, '--json');
  expect(preview.err).toBe('');
  expect(JSON.parse(preview.out)).toMatchObject({ erased: false, webhooks: 3, resources: 2, inOthers: 2 });
  expect((await cli(env, 'erase', GONE, '--check')).code).toBe(1);
  expect(await filesWith(folder, ['gwendolyn'])).not.toEqual([]);

  const { code, out, err } = await cli(env, 'erase', GONE.toUpperCase(), '--yes');
  expect(err).toBe('');
  expect(out).toContain('Nothing names gone.person+tag@example.com any more');
  expect(code).toBe(0);

  const left = (await filesWith(folder, ['Gwendolyn', PHONE, 'terrapinphobia'])).filter(
    (path) => !path.endsWith('.log'),
  );
  expect(left).toEqual([]);
  // All that is left of the address is the end of another.
  for (const path of await filesWith(folder, [GONE])) {
    const text = (await readFile(path)).toString('latin1').toLowerCase();
    expect(
      text.replaceAll(`not.${GONE.toLowerCase()}`, '').replaceAll(`not.${encodeURIComponent(GONE).toLowerCase()}`, ''),
    ).not.toContain(GONE.toLowerCase());
  }
  expect(bot.output().toLowerCase()).not.toContain(GONE.toLowerCase());

  const sheet = await readFile(join(folder, 'sheets/all.csv'), 'utf8');
  expect(sheet).toContain('"bk_gone","(erased)","(erased)","2027-02-15T10:00:00Z"');
  expect(sheet).toContain('"bk_stays","Anna Stays","anna@example.com"');
  expect(await readFile(join(folder, 'sheets/names.csv'), 'utf8')).toContain('"bk_gone","(erased)"');

  // What comes again under the same id stays erased; the bot goes on with what is new.
  expect((await post(bot.webhookUrl, first)).text).toContain('duplicate');
  await send({ id: 'bk_stays', status: 'CONFIRMED', attendee_email: 'anna@example.com' }, 'booking.confirmed');
  await settled();
  await bot.end('SIGTERM');
  await using store = await openSqliteStore(join(folder, 'webkasa-bot.db'));
  expect((await store.story('bk_stays')).webhooks).toHaveLength(2);
  expect(await store.search({ words: 'anna' }, { limit: 9, offset: 0 })).toHaveLength(1);
  expect(await store.search({ words: 'gwendolyn' }, { limit: 9, offset: 0 })).toEqual([]);
  const { resources, webhooks } = await store.story('bk_gone');
  expect(resources).toMatchObject([
    { id: 'bk_gone', attendeeName: null, attendeeEmail: null, scheduleId: 'sch_abc123' },
  ]);
  expect(webhooks.map(({ body }) => JSON.parse(Buffer.from(body).toString()))).toMatchObject([
    { id: first.id, type: 'booking.created', erased: true, data: { id: 'bk_gone', schedule_id: 'sch_abc123' } },
    { type: 'booking.confirmed', erased: true },
  ]);
  const guests = (await store.story('bk_guests')).resources[0]?.data.guests;
  expect(guests).toEqual([
    { name: '(erased)', email: '(erased)' },
    { name: 'Greta', email: 'greta@example.com' },
  ]);
  const acts = await store.acts({ limit: 9, offset: 0 });
  expect(acts).toMatchObject([{ kind: 'erase', subject: expect.stringMatching(/^address:[0-9a-f]{64}$/) }]);
}, 120_000);

it('names each place that still holds the address, or may', async () => {
  const { folder, env, bot } = await aWorld();
  await mkdir(join(folder, 'backups', 'old'), { recursive: true });
  await writeFile(join(folder, 'backups', 'old', 'copy.db'), `…${GONE.toUpperCase()}…`);
  await writeFile(join(folder, 'backups', 'old', 'database'), 'PGDMP and what is compressed');
  await writeFile(join(folder, 'note.txt'), `bo\\u0062 ${GONE.replace('@', '\\u0040')}`);
  await bot.end('SIGTERM');

  const { code, out } = await cli(env, 'erase', GONE, '--check', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out).places).toEqual([
    { file: join(folder, 'backups/old/copy.db') },
    { file: join(folder, 'note.txt') },
    { file: join(folder, 'backups/old/database'), unread: true },
  ]);
}, 90_000);

it('leaves no name in the free space of the database either, where it stands without the address', async () => {
  const folder = await tempFolder();
  const file = join(folder, 'webkasa-bot.db');
  const store = await openSqliteStore(file);
  await routed(store, aWebhook({ data: gone({ id: 'bk_gone' }) }));
  await store[Symbol.asyncDispose]();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA secure_delete = OFF; CREATE TABLE scratch (text TEXT)');
  database.prepare('INSERT INTO scratch VALUES (?)').run('Gwendolyn Gone, '.repeat(2_000));
  database.exec('DROP TABLE scratch; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  expect(await filesWith(folder, ['gwendolyn gone'])).toEqual([file]);

  const { code, err } = await cli(botEnv(folder), 'erase', GONE, '--yes');

  expect([code, err]).toEqual([0, '']);
  expect(await filesWith(folder, ['gwendolyn', 'terrapinphobia'])).toEqual([]);
});
