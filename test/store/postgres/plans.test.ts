import { expect, test } from 'vitest';
import { cards } from '../../../src/store/postgres/cards.ts';
import type { Database } from '../../../src/store/postgres/database.ts';
import { doing } from '../../../src/store/postgres/doing.ts';
import { mails } from '../../../src/store/postgres/mails.ts';
import { queries } from '../../../src/store/postgres/queries.ts';
import { anAct, anActor, aPlannedDelivery, T0 } from '../../support/builders.ts';
import { listening, openFresh } from './filled.ts';

const BOOKINGS = 8_000;

/** Bookings with two deliveries each, and an event with registrations and a mail to each; made by the database itself. */
const fill = async (database: Database): Promise<void> => {
  for (const statement of [
    `INSERT INTO webhook (id, type, received_at, body)
     SELECT 'wh_' || n, 'booking.created', ${T0} + n, convert_to(repeat('webhook ', 20), 'UTF8')
     FROM generate_series(1, ${BOOKINGS}) n`,
    `INSERT INTO resource (id, kind, status, attendee_name, attendee_email, schedule_id, event_id, starts_at,
       previous_start_version, last_type, last_webhook_id, version, data, search_text, status_key, kind_key, type_key, gone,
       guests)
     SELECT id, kind, status, '', email, sch, event, CASE WHEN n % 50 > 0 THEN ${T0} + n * 60000 END, 0, kind || '.created',
       'wh_' || n, n, '{"notes":"' || repeat('as long as most ', 20) || '"}',
       ' ' || CASE WHEN n % 2 = 0 THEN 'anna' ELSE 'bo' END || ' ' || email || ' ' || id || ' ' || sch || ' ', status,
       upper(kind), upper(kind || '.created'), false, 0
     FROM (SELECT n, 'bk_' || n AS id, CASE WHEN n % 100 = 0 THEN 'registration' ELSE 'booking' END AS kind,
         CASE WHEN n % 3000 = 7 THEN 'NOSHOW' ELSE 'CONFIRMED' END AS status, 'user' || n || '@gmail.com' AS email,
         'sch_' || (n * n) % 400 AS sch, CASE WHEN n % 100 = 0 THEN 'evt_' || n % 700 END AS event
       FROM generate_series(1, ${BOOKINGS}) n) made`,
    `INSERT INTO routing (webhook, resource, created_at, decided_at, decisions, oddities)
     SELECT n, n, ${T0} + n, ${T0} + n, '[]', '[]' FROM generate_series(1, ${BOOKINGS}) n`,
    `INSERT INTO delivery (id, webhook, rule, kind, destination, key, version, late, action, status, due_at, together,
       registration, parent)
     SELECT 'dl_' || n, 1 + n / 2, 'rule', CASE n % 2 WHEN 0 THEN 'email' ELSE 'slack' END, 'to', 'key' || n, n, 'skip', '{}',
       CASE WHEN n % 500 = 0 THEN 'dead' WHEN n % 501 = 0 THEN 'pending' ELSE 'done' END, ${T0} + n,
       CASE WHEN n % 999 = 0 THEN 'sum_1' END, CASE WHEN n % 100 = 2 THEN 'reg_' || n % 1000 END,
       CASE WHEN n % 100 = 2 THEN n END
     FROM generate_series(1, ${2 * BOOKINGS} - 1) n`,
    `INSERT INTO attempt (delivery, started_at, ended_at, outcome)
     SELECT n, ${T0}, ${T0}, 'done' FROM generate_series(1, ${2 * BOOKINGS} - 1) n`,
    `INSERT INTO act (at, actor, kind, subject, summary)
     SELECT ${T0}, '{}', 'retry', 'bk_' || n, 'done' FROM generate_series(1, ${BOOKINGS}, 3) n`,
    `INSERT INTO mail_thread SELECT 'key' || n, '<r>', '<l>', '' FROM generate_series(1, ${BOOKINGS}) n`,
    `INSERT INTO invite SELECT 'uid' || n, 0, 'dl_' || n, 1, 1, 'REQUEST', '' FROM generate_series(1, ${BOOKINGS}) n`,
    `INSERT INTO card SELECT 'key' || n, 'C1', '1', 1, '{}' FROM generate_series(1, ${BOOKINGS}) n`,
    `INSERT INTO refused_address SELECT 'user' || n || '@x.example', n, '550', '' FROM generate_series(1, ${BOOKINGS}) n`,
    'ANALYZE',
  ]) {
    await database.query(statement);
  }
};

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly Plan[];
};

const stepsOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(stepsOf)];

/** Whether it goes through all rows, in the order of an index it may be, to find those that fit. */
const readsAll = (step: Plan): boolean =>
  step['Node Type'].endsWith('Seq Scan') ||
  (step['Node Type'].startsWith('Index') && step['Index Cond'] === undefined && step.Filter !== undefined);

/** Those that the bot fills for ever. */
const GROWING = /^(webhook|resource|routing|delivery|attempt|act|mail_thread|invite|card|refused_address)$/;
/** What is listed as a whole, a page at a time. */
const A_PAGE = /^(SELECT a\.at|SELECT address, at).*LIMIT \$1 OFFSET \$2$/;

test('no query and no small write scans a table that keeps growing', async () => {
  const fresh = await openFresh();
  await fill(fresh);
  const { database, statements } = listening(fresh);
  const ask = { ...queries(database), ...mails(database), ...cards(database) };
  const act = doing(database, { within: async () => {}, soon: () => {} });
  const page = { limit: 10, offset: 0 };
  const upcoming = { order: 'soonest', from: T0 + (BOOKINGS / 2) * 60_000 } as const;
  const by = anActor();

  for (const words of ['', 'user777@gmail.com', 'gmail', 'anna 777', 'nobody', 'sch_77 anna']) {
    await ask.search({ words }, page);
    await ask.search({ words, ...upcoming }, page);
    await ask.search({ words, order: 'soonest' }, { limit: 10, offset: 30 });
    await ask.search({ words, status: 'noshow' }, page);
    await ask.search({ words, status: 'confirmed', schedule: 'sch_1', type: 'booking' }, page);
    await ask.search({ words, type: 'registration.created', ...upcoming }, page);
  }
  for (const id of ['bk_700', 'bk_701', 'wh_9', 'dl_9', 'dl_102', 'reg_102', 'nobody']) await ask.story(id);
  await ask.failed(10);
  await ask.deliveries(page);
  await ask.together('sum_1', page);
  await ask.status();
  await ask.acts(page);
  await ask.acts(page, 'bk_1');
  await ask.exportResources('booking', { from: T0, to: null }, { after: 5_000, limit: 100 });
  await ask.exportResources('registration', { from: null, to: null }, { after: 5_000, limit: 10 });
  await ask.exportDeliveries({ from: T0, to: null }, { after: 5_000, limit: 100 });
  await ask.registrations('evt_100');
  await ask.registered('evt_100', 'bk_1', 10);
  await ask.refusedAddresses(page);
  await ask.refusedAddress('user1@x.example');
  await ask.refuseAddress({ address: 'user1@x.example', at: 1, code: '', message: '' });
  await ask.allowAddress('user2@x.example');
  await ask.getThread('key1');
  await ask.getInvite('uid1');
  await ask.getCard('key1');
  for (const id of ['dl_1000', 'wh_751', 'bk_1001']) expect(await act.retry(id, T0, by), id).toHaveLength(1);
  const deliveries = [aPlannedDelivery({ id: 'dl_again', webhookId: 'wh_2001', rule: 'rule', destination: 'to' })];
  const run = { webhookId: 'wh_2001', token: 't', deliveries, insteadOf: ['dl_4000'], act: anAct() };
  expect(await act.rerun(run)).toBe('planned');

  const slow: string[] = [];
  const asked = new Map(statements.map((statement) => [statement.text, statement]));
  for (const { text, values } of asked.values()) {
    if (A_PAGE.test(text.replace(/\s+/g, ' '))) continue;
    // Without a name, so that it is planned for these values as it was the first time.
    const [row] = await fresh.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    const steps = (row?.['QUERY PLAN'] ?? []).flatMap((one) => stepsOf(one.Plan));
    for (const step of steps) {
      if (readsAll(step) && GROWING.test(step['Relation Name'] ?? '')) {
        slow.push(`${step['Relation Name']} in ${text.replace(/\s+/g, ' ')} with ${JSON.stringify(values)}`);
      }
    }
  }
  expect(asked.size).toBeGreaterThan(40);
  expect(slow).toEqual([]);
});
