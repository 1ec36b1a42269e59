import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/store.ts';
import { attempt, takeIn } from '../query/filled.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempFolder } from '../support/temp.ts';
import { call } from './world.ts';

const RULES = `rules:
  - id: tell
    on: [booking.created]
    actions:
      - email: { to: "{{ data.attendee_email }}", template: booking-created }
      - sheet: { file: bookings.csv, columns: { Booking: "{{ data.id }}", Guest: "{{ data.attendee_name }}" } }
  - id: vip
    on: [booking.*]
    when: { data.schedule_id: sch_vip }
    actions: [{ sheet: { file: vip.csv, columns: { Booking: "{{ data.id }}" } } }]
`;

/** The data folder of a running bot with a booking that was told under other rules: a row with one column. */
const withData = async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'rules.yaml'), RULES);
  const store = await openSqliteStore(join(folder, 'webkasa-bot.db'), { alone: true });
  onTestFinished(() => store[Symbol.asyncDispose]());
  const booking = aWebhook({ id: 'wh_evt_a', type: 'booking.created', data: { id: 'bk_1' } });
  const columns = { Booking: 'bk_1' };
  await takeIn(store, booking, {
    deliveries: [
      {
        id: 'dl_row',
        rule: 'tell',
        kind: 'sheet',
        action: { kind: 'sheet', sheet: { file: 'bookings.csv', columns } },
      },
    ],
  });
  await attempt(store, 'dl_row', T0, { status: 'done', receipt: { summary: 'row 2' } });
  return { store, env: { DATA_DIR: folder, TIMEZONE: 'Europe/Berlin' } };
};

describe('rerun', () => {
  test('shows action by action what would happen, and does nothing', async () => {
    const { store, env } = await withData();
    const { code, out, err } = await call(['rerun', 'bk_1'], { env });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`booking bk_1  PENDING
  John Doe <john@example.com>
  Mon 2027-02-15 11:00
Times are in Europe/Berlin.

booking.created  wh_evt_a  received 2027-01-15 11:30:00
  – send  email john@example.com (the attendee), rule tell
      never sent
  ▸ add row  sheet bookings.csv, rule tell
      differs in 1 cell: Guest (last told 2027-01-15 11:30:00)
  – rule vip: nothing planned
      because data.schedule_id is "sch_abc123", and the rule wants it to be "sch_vip"

Nothing was done. npm run cli -- rerun bk_1 --do does what is marked with ▸. With --mail the attendee gets the mail too.
`);
    expect(await store.due('sheet', T0, 10)).toEqual([]);
  });

  test('with --do plans what is marked, for the running bot to perform, and keeps who did it', async () => {
    const { store, env } = await withData();
    const { code, out } = await call(['rerun', 'bk_1', '--do'], { env });
    expect(code).toBe(0);
    expect(out).toContain('Due now: 1.');
    expect(out).toContain('Left as it is:\n  – skip  email john@example.com (the attendee), rule tell');
    expect(await store.due('email', T0, 10)).toEqual([]);
    expect(await store.due('sheet', T0, 10)).toHaveLength(1);
    const again = await call(['rerun', 'bk_1', '--do'], { env });
    expect(again).toMatchObject({ code: 1, out: expect.stringContaining('waits for its turn') });
    const { acts } = await store.story('bk_1');
    expect(acts[0]).toMatchObject({ kind: 'rerun', by: { name: userInfo().username, via: 'command line' } });
  });

  test('with --mail plans the mail to the attendee too, and no second one while it waits', async () => {
    const { store, env } = await withData();
    for (const code of [0, 1]) {
      expect((await call(['rerun', 'wh_evt_a', '--do', '--mail'], { env })).code).toBe(code);
      expect(await store.due('email', T0, 10)).toHaveLength(1);
    }
  });

  test.each([
    [['rerun', 'bk_9'], 1, /Nothing that was routed is known under bk_9/],
    [['rerun', 'bk_9', '--do'], 1, /Nothing that was routed is known under bk_9/],
    [['rerun', 'bk_1', '--mail'], 2, /--mail goes with --do/],
    [['rerun'], 2, /rerun needs ID/],
  ])('%j ends with %i', async (args, code, text) => {
    const { env } = await withData();
    const answer = await call(args, { env });
    expect(answer.code).toBe(code);
    expect(answer.out + answer.err).toMatch(text);
  });

  test('is one document for machines, before and after', async () => {
    const { env } = await withData();
    expect(JSON.parse((await call(['rerun', 'bk_1', '--json'], { env })).out)).toMatchObject({
      webhook: { id: 'wh_evt_a' },
      effects: [{ does: 'send' }, { does: 'add', chosen: true }],
    });
    expect(JSON.parse((await call(['rerun', 'bk_1', '--do', '--json'], { env })).out)).toMatchObject({
      outcome: 'planned',
      planned: [{ to: 'bookings.csv' }],
    });
  });

  test('says where the rules can not be used', async () => {
    const { env } = await withData();
    await writeFile(join(env.DATA_DIR, 'rules.yaml'), 'rules: 5');
    const { code, err } = await call(['rerun', 'bk_1'], { env });
    expect(code).toBe(1);
    expect(err).toContain("The rules can't be used");
  });
});
