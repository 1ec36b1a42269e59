import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/temp.ts';
import { documentWith, FULL_TEAM } from '../team/support.ts';
import { call } from './world.ts';

const RULES = `rules:
  - id: confirm
    on: [booking.created]
    when: { data.status: CONFIRMED }
    actions:
      - slack: { channel: "#old", template: booking }
`;

/** A data folder of a bot, with rules and, if given, the team's document; none of it is running. */
const withFiles = async (team?: string) => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  if (team !== undefined) await writeFile(join(folder, 'team.json'), team);
  return { folder, env: { DATA_DIR: folder, TIMEZONE: 'Europe/Berlin' } };
};

const FULL = JSON.stringify({ version: 1, ...FULL_TEAM });
const ID = FULL_TEAM.subscriptions[0]?.id;

test('lists rules and subscriptions with what the team made of them, and makes no files', async () => {
  const { folder, env } = await withFiles(FULL);
  const { code, out, err } = await call(['rules'], { env });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`1 rule, 1 subscription
Times are in Europe/Berlin.

confirm
  paused by root since 2027-01-15 11:30:00
  #old can't be told since 2027-01-15 11:30:00: It is archived.
  on booking.created
  when data.status is "CONFIRMED"
  → Slack #old

${ID}, subscribed by anna, 2027-01-15 11:30:00
  on booking.*, event.created
  when schedule is not sch_1
   and data.guest_count is 3
  → Slack #büro
`);
  expect((await readdir(folder)).sort()).toEqual(['rules.yaml', 'team.json']);
});

test('--json is one document', async () => {
  const { env } = await withFiles(FULL);
  const { out } = await call(['rules', '--json'], { env });
  expect(JSON.parse(out)).toMatchObject({
    rules: [{ id: 'confirm', paused: { by: { name: 'root' }, at: '2027-01-15T10:30:00.000Z' } }],
    subscriptions: [{ id: ID, channel: 'C0BOOKINGS' }],
  });
});

test('without a document nothing is subscribed and nothing paused', async () => {
  const { env } = await withFiles();
  expect((await call(['rules'], { env })).out).toMatch(/^1 rule, 0 subscriptions\n\nconfirm\n/);
});

test('where there are no rules yet, it lists the starter rules and says so', async () => {
  const { code, out } = await call(['rules'], { env: { DATA_DIR: join(await tempFolder(), 'data') } });
  expect(code).toBe(0);
  expect(out).toMatch(/^There are no rules yet\. These are the starter rules, .*\n\n\d+ rules, 0 subscriptions\n/);
  expect(out).toContain('mail-booking-created');
});

test('of a broken document it lists the previous version and says what is wrong; without that it ends with 1', async () => {
  const { folder, env } = await withFiles('{');
  const refused = await call(['rules'], { env });
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(join(folder, 'team.json'));
  await writeFile(join(folder, 'team.previous.json'), documentWith('confirm'));
  const { code, out } = await call(['rules'], { env });
  expect(code).toBe(0);
  expect(out).toMatch(/^The team's document .*team\.json can't be used: it is not valid JSON/);
  expect(out).toContain('paused by anna');
});

test('rules with errors are named, and end with 1', async () => {
  const { folder, env } = await withFiles();
  await writeFile(join(folder, 'rules.yaml'), RULES.replace('template: booking', 'template: bookin'));
  const { code, err } = await call(['rules'], { env });
  expect(code).toBe(1);
  expect(err).toMatch(/rules\.yaml:6 confirm actions\[0\]\.slack\.template: .*did you mean "booking"/);
});

test('knows schema besides, and nothing else', async () => {
  expect(JSON.parse((await call(['rules', 'schema'])).out)).toMatchObject({ title: 'WebKasa bot rules' });
  expect(await call(['rules', 'shema'])).toMatchObject({ code: 2, err: expect.stringContaining('"schema"') });
});
