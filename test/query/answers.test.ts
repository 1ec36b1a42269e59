import { describe, expect, test } from 'vitest';
import { failedText } from '../../src/query/cli/failed.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { retriedText, retryText } from '../../src/query/cli/retry.ts';
import { searchText } from '../../src/query/cli/search.ts';
import { showText } from '../../src/query/cli/show.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { failed } from '../../src/query/failed.ts';
import { retry, retryAll } from '../../src/query/retry.ts';
import { search } from '../../src/query/search.ts';
import { show } from '../../src/query/show.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { attempt, failedWith, takeIn } from './filled.ts';
import { ANNA } from './rerun-world.ts';

const look = { paint: paints(false), width: undefined, times: timesIn('Europe/Berlin') };
const PAGE = { limit: 20, offset: 0 };

describe('search', () => {
  test('is a table, newest first, with starts in TIMEZONE and days as they are', async () => {
    const store = await tempStore();
    await takeIn(
      store,
      aWebhook({
        type: 'booking.created',
        data: { id: 'bk_1', attendee_name: 'Zoë Ångström', attendee_email: 'zoe@example.com' },
      }),
    );
    await takeIn(
      store,
      aWebhook({
        type: 'event.created',
        data: { id: 'evt_1', title: 'Zoe reads', start_date: '2027-03-20', start_time: undefined },
      }),
    );
    await takeIn(
      store,
      aWebhook({
        type: 'event.created',
        data: {
          id: 'evt_2',
          title: 'Zoe sings',
          start_date: '2027-03-20',
          start_time: '10:00',
          timezone: 'America/New_York',
        },
      }),
    );
    const answer = await search(store, { words: 'zoe' }, PAGE);
    expect(searchText(answer, look)).toBe(`id     kind     what          email            when (Europe/Berlin)  status
evt_2  event    Zoe sings                      Sat 2027-03-20 15:00  published
evt_1  event    Zoe reads                      Sat 2027-03-20        published
bk_1   booking  Zoë Ångström  zoe@example.com  Mon 2027-02-15 11:00  PENDING
`);
  });

  test('comes in pages', async () => {
    const store = await tempStore();
    for (const id of ['bk_1', 'bk_2', 'bk_3']) await takeIn(store, aWebhook({ data: { id } }));
    const first = await search(store, { words: 'john' }, { limit: 2, offset: 0 });
    expect(first.resources.map(({ id }) => id)).toEqual(['bk_3', 'bk_2']);
    expect(searchText(first, look)).toContain('There are more: add --offset 2.');
    const rest = await search(store, { words: 'john' }, { limit: 2, offset: 2 });
    expect(rest.resources.map(({ id }) => id)).toEqual(['bk_1']);
    expect(searchText(rest, look)).not.toContain('more');
    expect(searchText(await search(store, { words: 'john' }, { limit: 2, offset: 4 }), look)).toBe(
      'Nothing more is found for john.\n',
    );
  });

  test('that finds nothing says what to try', async () => {
    const store = await tempStore();
    expect(searchText(await search(store, { words: 'nobody\x1b[2J' }, PAGE), look)).toMatch(
      /^Nothing is found for nobody\\x1b\[2J\.\nEvery word has to be in/,
    );
    const narrow = searchText(await search(store, { words: 'nobody' }, PAGE), { ...look, width: 60 });
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('show', () => {
  test('has the essentials, whatever else is known, and what was done about each webhook', async () => {
    const store = await tempStore();
    await takeIn(
      store,
      aWebhook({ id: 'wh_evt_a', data: { id: 'bk_1', location: 'Room\n5', guests: 3, tags: ['x'] } }),
      {
        deliveries: [{ id: 'dl_1' }, { id: 'dl_2', kind: 'slack' }],
      },
    );
    await attempt(store, 'dl_1', T0, { status: 'done', receipt: { summary: 'sent' } });
    await takeIn(
      store,
      aWebhook({
        id: 'wh_evt_b',
        type: 'booking.completed',
        data: { id: 'bk_1', location: 'Room\n5', guests: 3, status: 'COMPLETED' },
      }),
    );
    const answer = await show(store, 'bk_1', T0);
    expect(showText(answer, { ...look, width: 60 })).toContain('  … slack #bookings: pending\n');
    expect(showText(answer, look)).toBe(`booking bk_1  COMPLETED
  John Doe <john@example.com>
  Mon 2027-02-15 11:00
  schedule_id: sch_abc123
  location: Room 5
  guests: 3
Times are in Europe/Berlin.

2027-01-15 11:30:00  booking.created  wh_evt_a
  ✓ email john@example.com: done
  … slack #bookings: pending
2027-01-15 11:30:00  booking.completed  wh_evt_b
  no rule planned anything

The whole story: npm run cli -- why bk_1
`);
  });

  test('says where nothing is known', async () => {
    const answer = await show(await tempStore(), 'bk_1', T0);
    expect(answer.found).toBe(false);
    expect(showText(answer, look)).toContain('No request was refused in the last week');
  });
});

describe('failed', () => {
  test('says so where nothing is', async () => {
    expect(failedText(await failed(await tempStore(), T0), look)).toBe(
      'Nothing failed: no delivery is dead or waits for another try.\n',
    );
  });

  test('groups by cause, dead ones first, below the paused channels and above what was refused', async () => {
    const store = await tempStore();
    for (const n of [1, 2, 3, 4, 5]) {
      await takeIn(store, aWebhook({ data: { id: `bk_${n}` } }), {
        deliveries: [{ id: `dl_${n}` }, { id: `dl_post${n}`, kind: 'slack' }],
      });
    }
    for (const n of [1, 2, 3, 4])
      await attempt(store, `dl_${n}`, T0, failedWith('permanent', 'smtp_550', `No such user ${n}.`, T0));
    for (const n of [1, 2])
      await attempt(
        store,
        `dl_post${n}`,
        T0,
        failedWith('retry', 'slack_unreachable', 'Slack can’t be reached.', T0 + n * 60_000),
      );
    await store.setPause('slack', {
      since: T0,
      until: T0 + 120_000,
      code: 'invalid_auth',
      message: 'Set SLACK_BOT_TOKEN.',
    });
    await store.recordRejections([
      { at: T0, reason: 'signature_missing', remote: '203.0.113.7', bytes: 0, userAgent: '' },
    ]);

    expect(
      failedText(await failed(store, T0), look),
    ).toBe(`slack is paused since 2027-01-15 11:30:00, tried again at 11:32:00: Set SLACK_BOT_TOKEN.
A retry lifts the pause.

4 dead, 2 waiting for another try
  4 × dead  email  smtp_550
      No such user 4.
      dl_4  john@example.com  bk_4
      dl_3  john@example.com  bk_3
      dl_2  john@example.com  bk_2
      and 1 more
  2 × waiting  slack  slack_unreachable
      Slack can’t be reached.
      paused, next try at 2027-01-15 11:32:00
      dl_post2  #bookings  bk_2
      dl_post1  #bookings  bk_1

After mending a cause: npm run cli -- retry ID, or npm run cli -- retry --all

Requests refused lately
  signature_missing, 1 in all, last at 2027-01-15 11:30:00: the request had no X-WebKasa-Signature
    Make the proxy in front pass all headers on. If none is in front, it was somebody else than WebKasa.
Times are in Europe/Berlin.
`);
  });
});

describe('retry', () => {
  const twoFailed = async () => {
    const store = await tempStore();
    await takeIn(store, aWebhook({ id: 'wh_evt_a', data: { id: 'bk_1' } }), {
      deliveries: [{ id: 'dl_dead' }, { id: 'dl_waits', kind: 'slack' }, { id: 'dl_done', kind: 'sheet' }],
    });
    await attempt(store, 'dl_dead', T0, failedWith('permanent', 'smtp_550', 'No such user.', T0));
    await attempt(store, 'dl_waits', T0, failedWith('retry', 'unreachable', 'Not there.', T0 + 60_000));
    await attempt(store, 'dl_done', T0, { status: 'done', receipt: { summary: 'row' } });
    return store;
  };

  test('makes what is dead or waits due now, and leaves what is done', async () => {
    const store = await twoFailed();
    const answer = await retry(store, 'bk_1', ANNA, T0 + 1_000);
    expect(answer.retried.map(({ id }) => id)).toEqual(['dl_dead', 'dl_waits']);
    expect(answer.left.map(({ id, status }) => [id, status])).toEqual([['dl_done', 'done']]);
    expect(retryText(answer, look)).toBe(`delivery  kind   to                rule        webhook
dl_dead   email  john@example.com  tell-guest  wh_evt_a
dl_waits  slack  #bookings         tell-guest  wh_evt_a

Due now: 2. A running bot performs them at once, a stopped one after its next start.
`);
    expect((await store.due('email', T0 + 1_000, 10)).map(({ id }) => id)).toEqual(['dl_dead']);
  });

  test('of a delivery leaves its neighbours out', async () => {
    const store = await twoFailed();
    const answer = await retry(store, 'dl_dead', ANNA, T0 + 1_000);
    expect(answer.retried.map(({ id }) => id)).toEqual(['dl_dead']);
    expect(answer.left).toEqual([]);
  });

  test('says why nothing was to retry', async () => {
    const store = await twoFailed();
    expect(retryText(await retry(store, 'dl_done', ANNA, T0), look)).toBe(
      'Nothing under dl_done is to be tried again:\n  sheet bookings.csv is done already\n',
    );
    await takeIn(store, aWebhook({ id: 'wh_evt_b', data: { id: 'bk_2' } }));
    expect(retryText(await retry(store, 'bk_2', ANNA, T0), look)).toContain('no rule planned anything for it');
    expect(retryText(await retry(store, 'bk_none', ANNA, T0), look)).toContain('Nothing is known under bk_none.');
  });

  test('lifts the pause of its channel, and says so', async () => {
    const store = await twoFailed();
    await store.setPause('email', { since: T0, until: T0 + 60_000, code: 'bad_login', message: 'Mend SMTP_URL.' });
    await store.setPause('sheet', { since: T0, until: T0 + 60_000, code: 'full', message: 'Make room.' });
    const answer = await retry(store, 'dl_dead', ANNA, T0);
    expect(answer.lifted).toEqual([{ kind: 'email', message: 'Mend SMTP_URL.' }]);
    expect(retryText(answer, look)).toContain('The pause of email is lifted; it was: Mend SMTP_URL.\n');
    expect((await failed(store, T0)).pauses.map(({ kind }) => kind)).toEqual(['sheet']);
  });

  test('of everything counts what the pause alone held, as failed does', async () => {
    const store = await tempStore();
    const held = [1, 2, 3].map((n) => ({ id: `dl_${n}`, key: `key ${n}` }));
    await takeIn(store, aWebhook(), { deliveries: held });
    for (const { id } of held) await attempt(store, id, T0, failedWith('channel', 'bad_login', 'No.', T0));
    await store.setPause('email', { since: T0, until: T0 + 60_000, code: 'bad_login', message: 'Mend SMTP_URL.' });
    const { waiting } = await failed(store, T0 + 1_000);
    const answer = await retryAll(store, ANNA, T0 + 1_000);
    expect(answer.retried).toHaveLength(waiting);
    expect(answer.lifted).toMatchObject([{ kind: 'email' }]);
    expect((await store.due('email', T0 + 1_000, 10)).length).toBe(waiting);
  });

  test('names a channel as it was called when it was subscribed', async () => {
    const store = await tempStore();
    const deliveries = [{ id: 'dl_1', kind: 'slack', destination: 'slack:C0BOOKINGS' }] as const;
    await takeIn(store, aWebhook({ data: { id: 'bk_1' } }), { deliveries });
    await attempt(store, 'dl_1', T0, failedWith('permanent', 'is_archived', 'Gone.', T0));
    const named = { ...look, channels: new Map([['C0BOOKINGS', '#bookings']]) };
    const texts = [
      failedText(await failed(store, T0), named),
      showText(await show(store, 'bk_1', T0), named),
      retryText(await retry(store, 'bk_1', ANNA, T0), named),
    ];
    for (const text of texts) expect(text).toMatch(/#bookings/);
    expect(texts.join()).not.toContain('C0BOOKINGS');
    expect(failedText(await failed(store, T0), look)).not.toContain('#bookings');
  });

  test('of everything asks the store for a few at a time, so that neither a webhook waits behind all of them nor all are held', async () => {
    const store = await tempStore();
    const all = Array.from({ length: 1_100 }, (_, n) => ({ id: `dl_${n}`, key: `key ${n}` }));
    await takeIn(store, aWebhook(), { deliveries: all });
    const dead = failedWith('permanent', 'smtp_550', 'No such user.', T0);
    await Promise.all(all.map(({ id }) => attempt(store, id, T0, dead)));
    let asked = 0;
    let most = 0;
    const retryOne: typeof store.retry = async (...call) => {
      asked += 1;
      most = Math.max(most, asked);
      const retried = await store.retry(...call);
      asked -= 1;
      return retried;
    };
    let read = 0;
    const failedOf: typeof store.failed = async (...call) => {
      const page = await store.failed(...call);
      read = Math.max(read, page.length);
      return page;
    };
    expect(failedText(await failed(store, T0), look)).toContain(
      '1100 dead, at least 0 waiting for another try (the newest thousand are below)',
    );
    const answer = await retryAll({ ...store, retry: retryOne, failed: failedOf }, ANNA, T0 + 1_000);
    expect(answer.retried).toHaveLength(1_100);
    expect(most).toBeLessThanOrEqual(50);
    expect(read).toBeLessThanOrEqual(1_000);
  });

  test('of everything takes all that is dead or waits', async () => {
    const store = await twoFailed();
    const answer = await retryAll(store, ANNA, T0 + 1_000);
    expect(answer.retried.map(({ id }) => id).sort()).toEqual(['dl_dead', 'dl_waits']);
    expect(retriedText(await retryAll(store, ANNA, T0 + 2_000), look)).toBe(
      'Nothing is dead or waits for another try.\n',
    );
  });
});
