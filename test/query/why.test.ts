import { describe, expect, test } from 'vitest';
import { paints } from '../../src/query/cli/paint.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { whyText } from '../../src/query/cli/why.ts';
import { why } from '../../src/query/why.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { attempt, failedWith, takeIn } from './filled.ts';
import { ANNA } from './rerun-world.ts';

const look = { paint: paints(false), width: undefined, times: timesIn('Europe/Berlin') };
const MINUTE = 60_000;

const booking = (id: string, type: string, minutes: number, data: Record<string, unknown> = {}) =>
  aWebhook({ id, type, created_at: new Date(T0 + minutes * MINUTE).toISOString(), data: { id: 'bk_1', ...data } });

describe('why', () => {
  test('tells what arrived, what each rule made of it and every try, in order', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_a', 'booking.created', 0), {
      receivedAt: T0 + 2_000,
      decisions: [
        { rule: 'confirm', planned: ['dl_mail', 'dl_post'], reasons: [] },
        {
          rule: 'vip',
          planned: [],
          reasons: [{ code: 'condition_failed', text: 'data.schedule_id is "sch_abc123", not "sch_vip"' }],
        },
        { rule: 'on-cancel', planned: [], reasons: [{ code: 'other_type', text: 'on asks for booking.cancelled' }] },
        { rule: 'on-event', planned: [], reasons: [{ code: 'other_type', text: 'on asks for event.*' }] },
      ],
      deliveries: [
        { id: 'dl_mail', rule: 'confirm', kind: 'email' },
        { id: 'dl_post', rule: 'confirm', kind: 'slack' },
      ],
    });
    await attempt(store, 'dl_mail', T0 + 3_000, failedWith('retry', 'smtp_451', 'Try again later.', T0 + 13_000));
    await attempt(store, 'dl_mail', T0 + 13_000, { status: 'done', receipt: { summary: '250 2.0.0 OK' } });
    await attempt(
      store,
      'dl_post',
      T0 + 3_000,
      failedWith('permanent', 'channel_not_found', 'There is no channel #bookings: make it.', T0),
    );
    await takeIn(
      store,
      booking('wh_evt_b', 'booking.confirmed', 30, { start_time: '2027-02-16T13:00:00Z', status: 'CONFIRMED' }),
      {
        receivedAt: T0 + 30 * MINUTE,
        decisions: [{ rule: 'confirm', planned: ['dl_late'], reasons: [] }],
        deliveries: [{ id: 'dl_late', rule: 'confirm', kind: 'email' }],
      },
    );
    await attempt(
      store,
      'dl_late',
      T0 + 31 * MINUTE,
      failedWith('retry', 'smtp_timeout', 'No answer.', T0 + 25 * 3_600_000),
    );

    expect(whyText(await why(store, 'bk_1', T0), look)).toBe(`booking bk_1  CONFIRMED
  John Doe <john@example.com>
  Tue 2027-02-16 14:00, before that Mon 2027-02-15 11:00
Times are in Europe/Berlin.

2027-01-15 11:30:02  booking.created  wh_evt_a
  created by WebKasa at 11:30:00, received 2 s later
  ▸ rule confirm:
    ✓ email john@example.com: done
        11:30:03  failed for now (smtp_451): Try again later.
        11:30:13  done: 250 2.0.0 OK
    ✗ slack #bookings: dead
        11:30:03  failed for good (channel_not_found): There is no channel #bookings: make it.
        → mend what it says, then: npm run cli -- retry dl_post
  – rule vip: nothing planned
      because data.schedule_id is "sch_abc123", not "sch_vip"
  – 2 rules are for other types: on-cancel, on-event

2027-01-15 12:00:00  booking.confirmed  wh_evt_b
  ↷ moved from Mon 2027-02-15 11:00 to Tue 2027-02-16 14:00
  ▸ rule confirm:
    … email john@example.com: waits for another try
        12:01:00  failed for now (smtp_timeout): No answer.
        → next try at 2027-01-16 12:30:00; sooner: npm run cli -- retry dl_late
`);
  });

  test('tells tries that ended alike in one line, with how many there were', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_a', 'booking.created', 0), {
      decisions: [{ rule: 'confirm', planned: ['dl_mail'], reasons: [] }],
      deliveries: [{ id: 'dl_mail', rule: 'confirm', kind: 'email' }],
    });
    for (let tries = 1; tries <= 23; tries += 1) {
      const at = T0 + tries * 5_000;
      await attempt(store, 'dl_mail', at, failedWith('wait', 'facts_missing', 'WebKasa is silent.', at + 5_000));
    }
    await attempt(store, 'dl_mail', T0 + 120_000, { status: 'done', receipt: { summary: '250 2.0.0 OK' } });

    expect(whyText(await why(store, 'bk_1', T0), look)).toContain(`    ✓ email john@example.com: done
        11:30:05 to 11:31:55  23 tries told to wait (facts_missing): WebKasa is silent.
        11:32:00  done: 250 2.0.0 OK
`);
  });

  test('says that an older webhook came late and what was left out for it, also when asked for it alone', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_new', 'booking.cancelled', 10, { status: 'CANCELLED' }), {
      deliveries: [{ id: 'dl_new', rule: 'tell' }],
    });
    await attempt(store, 'dl_new', T0, { status: 'done', receipt: { summary: 'sent' } });
    await takeIn(store, booking('wh_evt_old', 'booking.confirmed', 5, { status: 'CONFIRMED' }), {
      receivedAt: T0 + 20 * MINUTE,
      deliveries: [{ id: 'dl_old', rule: 'tell' }],
    });
    expect(await store.due('email', T0 + 21 * MINUTE, 10)).toEqual([]);

    expect(whyText(await why(store, 'wh_evt_old', T0), look)).toBe(`booking bk_1  CANCELLED
  John Doe <john@example.com>
  Mon 2027-02-15 11:00
Times are in Europe/Berlin.

2027-01-15 11:50:00  booking.confirmed  wh_evt_old
  created by WebKasa at 11:35:00, received 15 min later
  ! late: wh_evt_new is newer and was here before it, so the state stayed
  ▸ rule tell:
    – email john@example.com: left out, since something newer was told: wh_evt_new
`);
    const narrow = whyText(await why(store, 'wh_evt_old', T0), { ...look, width: 60 });
    expect(narrow).toContain('left out, since something\n        newer was told: wh_evt_new\n');
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });

  test('fits eighty columns with ids and names as long as they come', async () => {
    const store = await tempStore();
    const id = 'wh_evt_0b5f7f0e-9b1c-4b57-8a43-0f6a3e7cf2d1';
    const rule = 'tell-everyone-who-registered-for-an-event-of-the-studio-in-the-town';
    await takeIn(
      store,
      aWebhook({ id, type: 'registration.created', data: { id: `reg_${'0'.repeat(30)}`, title: 'Long '.repeat(30) } }),
      {
        receivedAt: T0 + 999,
        decisions: [{ rule, planned: ['dl_1'], reasons: [] }],
        deliveries: [{ id: 'dl_1', rule, kind: 'email' }],
      },
    );
    await attempt(store, 'dl_1', T0, failedWith('permanent', 'smtp_550', 'No such user. '.repeat(9), T0));
    const text = whyText(await why(store, id, T0), { ...look, width: 80 });
    expect(text).toContain(`  registration.created\n    ${id}\n`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('says that a webhook came at once', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_now', 'booking.created', 0), { receivedAt: T0 + 999 });
    const text = whyText(await why(store, 'wh_evt_now', T0), look);
    expect(text).toContain('created by WebKasa at 11:30:00, received at once\n');
  });

  test('shows oddities, clocks that differ, waiting for the rules and a paused channel', async () => {
    const store = await tempStore();
    await store.setPause('email', { since: T0, until: T0 + 5 * MINUTE, code: 'bad_login', message: 'Mend SMTP_URL.' });
    await takeIn(store, booking('wh_evt_odd', 'booking.created', 0, { start_time: 'soon' }), {
      receivedAt: T0 - 60_000,
      deliveries: [{ id: 'dl_1', rule: 'tell' }],
    });
    const { id, type, created_at, data } = booking('wh_evt_raw', 'booking.confirmed', 0);
    await store.accept({
      id,
      type,
      receivedAt: T0,
      body: Buffer.from(JSON.stringify({ id, type, created_at, data })),
    });

    const odd = whyText(await why(store, 'wh_evt_odd', T0), look);
    expect(odd).toContain('created by WebKasa at 11:30:00, 60 s after it was received: the clocks differ');
    expect(odd).toContain('! odd: data.start_time: Invalid ISO datetime');
    expect(odd).toContain(
      '… email john@example.com: waits for its turn\n        → paused until 11:35:00: Mend SMTP_URL.\n          sooner, lifting the pause: npm run cli -- retry dl_1',
    );
    expect(whyText(await why(store, 'wh_evt_raw', T0), look)).toContain('waits for the rules: they are applied');
  });

  test('says until when a mail is held, as long as it is', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_held', 'booking.created', 0), {
      deliveries: [{ id: 'dl_1', rule: 'tell', kind: 'email', late: 'skip', hold: MINUTE }],
    });
    const [due] = (await store.story('dl_1')).webhooks.flatMap(({ deliveries }) => deliveries);
    const until = due?.dueAt ?? 0;
    const clock = look.times.clock(new Date(until));
    expect(whyText(await why(store, 'bk_1', until - 1), look)).toContain(
      `waits for its turn\n        → held until ${clock}, in case something newer comes\n`,
    );
    expect(whyText(await why(store, 'bk_1', until), look)).not.toContain('held until');
  });

  test('lets nothing an attendee typed reach the terminal', async () => {
    const store = await tempStore();
    const evil = '\x1b[2J\x1b]0;pwned\x07\r\n\u202eevil';
    await takeIn(
      store,
      aWebhook({
        id: 'wh_evt_\x1b[1m',
        type: 'booking.\x1b[2J',
        data: { id: 'bk_\n1', attendee_name: evil, attendee_email: evil, title: evil, status: evil, start_time: evil },
      }),
      {
        decisions: [{ rule: 'r', planned: ['dl_1'], reasons: [{ code: 'condition_failed', text: evil }] }],
        deliveries: [{ id: 'dl_1', rule: 'r', destination: `email:${evil}` }],
      },
    );
    await attempt(store, 'dl_1', T0, failedWith('permanent', evil, evil, T0));
    const text = whyText(await why(store, 'bk_\n1', T0), look);
    expect(text).toContain('\\x1b[2J');
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
  });

  test('for an unknown id, says what was refused lately and what to do', async () => {
    const store = await tempStore();
    const refused = { remote: '203.0.113.7', bytes: 10, userAgent: '' };
    await store.recordRejections([
      { ...refused, at: T0, reason: 'signature_wrong' },
      { ...refused, at: T0 - MINUTE, reason: 'signature_wrong' },
      { ...refused, at: T0 - 8 * 86_400_000, reason: 'payload_too_large' },
    ]);
    const answer = await why(store, 'bk_lost', T0 + MINUTE);
    expect(answer.found).toBe(false);
    expect(whyText(answer, look)).toBe(`Nothing is known under bk_lost.
Ids are those of a booking, event, registration, webhook or delivery; \`npm run cli -- search WORDS\` finds them.

Requests refused lately
  signature_wrong, 2 in all, last at ${'2027-01-15 11:29:00'}: the secret in WEBKASA_WEBHOOK_SECRET differs from WebKasa's, or the body was changed on its way
    Copy the secret that WebKasa shows beside this endpoint once more, and start the bot again.
Times are in Europe/Berlin.
`);
  });

  test('is the same as a document, with times as ISO 8601', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_a', 'booking.created', 0), { receivedAt: T0 + 2_000 });
    expect(JSON.parse(JSON.stringify(await why(store, 'wh_evt_a', T0)))).toMatchObject({
      id: 'wh_evt_a',
      found: true,
      resources: [
        { kind: 'booking', id: 'bk_1', start: '2027-02-15T10:00:00.000Z', startsAt: '2027-02-15T10:00:00.000Z' },
      ],
      webhooks: [
        {
          id: 'wh_evt_a',
          receivedAt: '2027-01-15T10:30:02.000Z',
          createdAt: '2027-01-15T10:30:00.000Z',
          behind: null,
          rules: [],
        },
      ],
      rejections: [],
    });
  });

  test('tells what people had done, in its place in time, and what came of it', async () => {
    const store = await tempStore();
    await takeIn(store, booking('wh_evt_a', 'booking.created', 0), {
      decisions: [{ rule: 'tell', planned: ['dl_1'], reasons: [] }],
      deliveries: [{ id: 'dl_1', rule: 'tell' }],
    });
    await attempt(store, 'dl_1', T0 + 1_000, failedWith('permanent', 'smtp_550', 'No such user.', T0));
    await store.retry('dl_1', T0 + MINUTE, ANNA);
    await attempt(store, 'dl_1', T0 + MINUTE, { status: 'done', receipt: { summary: '250 OK' } });
    await store.rerun({
      webhookId: 'wh_evt_a',
      token: 'view 1',
      deliveries: [aPlannedDelivery({ id: 'dl_2', webhookId: 'wh_evt_a', rule: 'since', kind: 'slack' })],
      act: { at: T0 + 2 * MINUTE, by: ANNA, kind: 'rerun', subject: 'wh_evt_a', summary: '1 planned: slack #bookings' },
    });
    await attempt(store, 'dl_2', T0 + 2 * MINUTE, { status: 'done', receipt: { summary: 'told', together: 'sum_1' } });
    await takeIn(store, booking('wh_evt_b', 'booking.confirmed', 30), { receivedAt: T0 + 30 * MINUTE });

    expect(whyText(await why(store, 'bk_1', T0), look)).toBe(`booking bk_1  PENDING
  John Doe <john@example.com>
  Mon 2027-02-15 11:00
Times are in Europe/Berlin.

2027-01-15 11:30:00  booking.created  wh_evt_a
  ▸ rule tell:
    ✓ email john@example.com: done
        11:30:01  failed for good (smtp_550): No such user.
        11:31:00  done: 250 OK
  ▸ rule since:
    ✓ slack #bookings, run again by anna: done, in the summary sum_1
        11:32:00  done: told

2027-01-15 11:31:00  anna (Slack) had dl_1 tried again: 1 delivery made due
2027-01-15 11:32:00  anna (Slack) had wh_evt_a run again: 1 planned: slack #bookings

2027-01-15 12:00:00  booking.confirmed  wh_evt_b
  there were no rules
`);
  });
});
