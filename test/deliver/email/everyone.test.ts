import ICAL from 'ical.js';
import { expect, onTestFinished, test } from 'vitest';
import type { ClaimedDelivery, PlannedDelivery, PlannedEmail } from '../../../src/core/delivery.ts';
import { applyWebhook, resourceKey } from '../../../src/core/resource.ts';
import { versionOf, type Webhook } from '../../../src/core/webhook.ts';
import type { EmailChannelDeps } from '../../../src/deliver/email/channel.ts';
import { everyoneRegistered, type ListRegistrations } from '../../../src/deliver/email/everyone.ts';
import type { EmailTemplate } from '../../../src/template/library.ts';
import { viewOf } from '../../../src/template/view.ts';
import { accepted } from '../../contracts/store/harness.ts';
import { aRouting } from '../../support/builders.ts';
import { tempStore } from '../../support/temp.ts';
import { channelTo, delivery, NOW, tools } from './channel.ts';
import { failureOf, serve } from './mails.ts';

const EVENT: Webhook = {
  id: 'wh_evt_changed',
  type: 'event.updated',
  created_at: new Date(NOW).toISOString(),
  data: { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', start_time: '10:00', timezone: 'Asia/Tokyo' },
};
const VERSION = versionOf(EVENT, NOW);

const PLANNED: PlannedEmail = { to: 'everyone-registered', template: 'change', subject: 'News', invite: true };

/** The claimed delivery of a mail to everyone. */
const toEveryone = (rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery =>
  delivery(PLANNED, {
    destination: 'email:everyone-registered',
    webhook: EVENT,
    receivedAt: NOW,
    version: VERSION,
    ...rest,
  });

const row = (id: string, more: object = {}) => ({
  id,
  event_id: 'evt_1',
  attendee_name: id.toUpperCase(),
  attendee_email: `${id}@example.com`,
  status: 'CONFIRMED',
  ...more,
});

type Store = Awaited<ReturnType<typeof tempStore>>;

const register = async (
  store: Store,
  id: string,
  more: object = {},
  type = 'registration.created',
  at = NOW - 3_600_000,
) => {
  const webhook = { id: `wh_${id}_${at}`, type, created_at: new Date(at).toISOString(), data: row(id, more) };
  const stored = await accepted(store, webhook, at);
  const key = resourceKey(webhook);
  await store.saveRouting(aRouting(stored, { current: key && (await store.getResource(key)) }));
};

const cancel = (store: Store, id: string, at = NOW - 1_800_000) =>
  register(store, id, { status: 'CANCELLED' }, 'registration.cancelled', at);

const says =
  (rows: readonly object[], as: 'whole' | 'failed' | 'refused' = 'whole'): ListRegistrations =>
  async () => ({ registrations: rows as readonly Record<string, unknown>[], as });

const expand = async (
  store: Store,
  registrations?: ListRegistrations,
  { now = NOW, ...rest }: Partial<ClaimedDelivery> & { now?: number } = {},
) => {
  const { planned, summary } = await everyoneRegistered(
    { store, registrations, now: () => now },
    toEveryone(rest),
    PLANNED,
  );
  return { planned, summary, to: planned.map(({ destination }) => destination.replace('email:', '')) };
};

test('comes to a mail for each registration that is not cancelled and has an address', async () => {
  const store = await tempStore();
  await register(store, 'a');
  await register(store, 'b', { attendee_email: ' A@example.com ' });
  await register(store, 'c', { attendee_email: 'nobody' });
  await register(store, 'd', { attendee_email: null });
  await register(store, 'e');
  await cancel(store, 'e');
  await register(store, 'f', { event_id: 'evt_2' });

  const { planned, summary } = await expand(store);

  expect(planned.map(({ key }) => key)).toEqual([
    'registration:a|email:a@example.com',
    'registration:b|email:a@example.com',
  ]);
  expect(summary).toBe('2 registered: a mail to each; 3 left out: 1 cancelled, 2 without a usable address');
  expect(planned[0]).toMatchObject({
    webhookId: EVENT.id,
    rule: 'confirm-booking',
    kind: 'email',
    destination: 'email:a@example.com',
    version: VERSION,
    late: 'skip',
    action: {
      kind: 'email',
      email: {
        to: 'a@example.com',
        name: 'A',
        template: 'change',
        subject: 'News',
        invite: true,
        registration: { id: 'a', data: row('a') },
      },
    },
  });
});

test('plans the same mails each time, and others for each run', async () => {
  const store = await tempStore();
  for (const id of ['a', 'b']) await register(store, id);
  const ids = async (rest: Partial<ClaimedDelivery> = {}) =>
    (await expand(store, undefined, rest)).planned.map(({ id }) => id);

  const first = await ids();
  expect(await ids()).toEqual(first);
  const rerun = { by: { id: 'u', name: 'u', via: 'slack' as const }, at: NOW };
  const again = await expand(store, undefined, { id: 'dl_abc_run', rerun });
  expect(new Set([...first, ...again.planned.map(({ id }) => id)]).size).toBe(4);
  expect(again.planned.map(({ late }) => late)).toEqual(['deliver', 'deliver']);
});

test('all registrations are read, page after page', async () => {
  const store = await tempStore();
  const ids = Array.from({ length: 260 }, (_, index) => `r${1000 + index}`);
  for (const id of ids) await register(store, id);

  expect((await expand(store)).to).toEqual(ids.map((id) => `${id}@example.com`));
});

test("what WebKasa's API says of a registration now goes before what webhooks told", async () => {
  const store = await tempStore();
  await register(store, 'a');
  await register(store, 'b', { notes: 'vegan' });
  await register(store, 'd');
  await cancel(store, 'd');
  const listed = [
    row('a', { status: 'CANCELLED' }),
    row('b', { attendee_email: 'new@example.com', notes: null }),
    row('c'),
    row('d'),
  ];

  const { planned, to, summary } = await expand(store, says(listed));

  expect(to).toEqual(['new@example.com', 'c@example.com', 'd@example.com']);
  expect(summary).toBe('3 registered: a mail to each; 1 left out: 1 cancelled');
  const [mail] = planned;
  expect(mail?.action.kind === 'email' && mail.action.email.registration?.data).toMatchObject({ notes: 'vegan' });
});

test('a cancellation of this very moment goes before a list that may be a minute old', async () => {
  const store = await tempStore();
  await register(store, 'a');
  await cancel(store, 'a', NOW - 30_000);

  expect((await expand(store, says([row('a')]))).summary).toBe(
    'nobody is registered, as far as is known; 1 left out: 1 cancelled',
  );
});

test('waits for the API up to two minutes, then goes to those who are known and says so', async () => {
  const store = await tempStore();
  await register(store, 'a');
  const failing = says([row('b')], 'failed');

  // The process that received the webhook may be a little ahead of this one.
  for (const after of [-100, 0, 60_000, 109_000]) {
    const error = await failureOf(expand(store, failing, { now: NOW + after }));
    expect(error).toMatchObject({ code: 'facts_missing', verdict: 'wait' });
    expect(after + Number((error as { retryAfterMs?: number }).retryAfterMs)).toBeLessThanOrEqual(110_000);
  }
  const late = await expand(store, failing, { now: NOW + 110_000 });
  expect(late.to).toEqual(['a@example.com', 'b@example.com', 'everyone-registered']);
  expect(late.summary).toBe("2 registered: a mail to each; the others follow once WebKasa's API tells who they are");
  // A clock that was set back an hour does not delay the mail by an hour.
  expect((await expand(store, failing, { now: NOW - 3_600_000 })).to).toEqual(late.to);
  expect((await expand(store, says([], 'refused'))).summary).toContain('WEBKASA_API_KEY may not read registrations');
});

test('those whom only the API knows are told once it answers, nobody twice, and it is said where it never does', async () => {
  const store = await tempStore();
  await register(store, 'a');
  const failing = says([], 'failed');
  const [told, later] = (await expand(store, failing, { now: NOW + 110_000 })).planned;
  expect(later).toMatchObject({ version: VERSION, key: 'event:evt_1|email:everyone-registered|later' });
  const id = String(later?.id);
  for (const [after, pause] of [
    [120_000, 30_000],
    [3_600_000, 600_000],
    [48 * 3_600_000, 600_000],
  ] as const) {
    const error = await failureOf(expand(store, failing, { id, now: NOW + after }));
    expect(error).toMatchObject({ verdict: 'wait', retryAfterMs: pause });
  }

  const all = await expand(store, says([row('a'), row('b')]), { id, now: NOW + 3_600_000 });
  expect(all.to).toEqual(['a@example.com', 'b@example.com']);
  expect(all.planned[0]?.id).toBe(told?.id);

  const days = NOW + 72 * 3_600_000;
  expect(await failureOf(expand(store, failing, { id, now: days }))).toMatchObject({
    code: 'not_all_told',
    verdict: 'permanent',
  });
  expect((await expand(store, failing, { now: days })).to).toEqual(['a@example.com']);
});

test('the API is asked for what is so since the webhook came', async () => {
  const asked: number[] = [];
  const list: ListRegistrations = async (_, __, since) => {
    asked.push(since);
    return { registrations: [], as: 'whole' };
  };
  await expand(await tempStore(), list, { receivedAt: NOW - 5 });
  expect(asked).toEqual([NOW - 5]);
});

test('nobody registered is no failure, and a webhook that names no event is one', async () => {
  const store = await tempStore();
  expect((await expand(store)).summary).toBe('nobody is registered, as far as is known');
  const webhook = { ...EVENT, data: {} };
  expect(await failureOf(expand(store, undefined, { webhook }))).toMatchObject({
    code: 'no_event',
    verdict: 'permanent',
  });
});

test('of what an attendee typed only so much is kept as a mail tells', async () => {
  const store = await tempStore();
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`field_${index}`, 'x']));
  await register(store, 'a', {
    attendee_name: `A\r\nBcc: x@example.com${'a'.repeat(500)}`,
    notes: 'n'.repeat(100_000),
    ...many,
  });

  const [mail] = (await expand(store)).planned;

  expect(JSON.stringify(mail).length).toBeLessThan(5_000);
  expect(mail?.action.kind === 'email' && mail.action.email.name).toMatch(/^A Bcc: x@example\.coma+$/);
});

const change: EmailTemplate = {
  name: 'change',
  render: ({ data, registration }) => {
    const text = `${registration?.attendee_name ?? 'all'}: ${data.title}`;
    return { subject: 'News', html: `<p>${text}</p>`, text };
  },
};

const channelWith = async (rest: Partial<EmailChannelDeps> = {}) => {
  const smtp = await serve();
  const store = await tempStore();
  const channel = await channelTo(smtp.url, {
    store,
    templates: () => new Map([['change', change]]),
    view: async ({ webhook, ...known }) =>
      viewOf(webhook, known, { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' }),
    ...rest,
  });
  onTestFinished(async () => channel.close?.());
  return { smtp, store, channel };
};

/** The claimed delivery of a planned mail. */
const claimedOf = (planned: PlannedDelivery, rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  ...toEveryone(),
  id: planned.id,
  destination: planned.destination,
  action: planned.action,
  ...rest,
});

const eventAfter = (later: Webhook): Pick<ClaimedDelivery, 'latest'> => {
  const key = { kind: 'event', id: 'evt_1' };
  const before = applyWebhook(undefined, key, EVENT, NOW, 'UTC').resource;
  return { latest: applyWebhook(before, key, later, NOW, 'UTC').resource };
};

test('the mail to everyone sends nothing itself, and tells the same as it would be seen to beforehand', async () => {
  const { smtp, store, channel } = await channelWith();
  await register(store, 'a');

  const { planned, ...receipt } = await channel.perform(toEveryone(), tools);

  expect(planned).toHaveLength(1);
  expect(receipt.summary).toBe('1 registered: a mail to them');
  expect(await channel.fingerprint(toEveryone())).toBe(receipt.fingerprint);
  expect(smtp.messages).toEqual([]);
});

test('a stop waits for no answer of the API, and nothing was sent', async () => {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { channel } = await channelWith({
    registrations: () => {
      ask();
      return new Promise(() => {});
    },
  });
  const stop = new AbortController();
  const performing = failureOf(channel.perform(toEveryone(), { ...tools, signal: stop.signal }));
  await asked;
  stop.abort();
  expect(await performing).toMatchObject({ code: 'stopped', verdict: 'retry', unclear: false });
});

test('each reads of their own registration, and has its entry in their calendar', async () => {
  const { smtp, store, channel } = await channelWith();
  await register(store, 'a');
  const { planned = [] } = await channel.perform(toEveryone(), { ...tools });
  const [mail] = planned;
  if (!mail) throw new Error('nothing was planned');

  await channel.perform(claimedOf(mail), tools);

  const [message] = await smtp.parsed();
  expect(message?.text).toContain('A: Open day');
  expect(smtp.messages[0]?.to).toEqual(['a@example.com']);
  const part = message?.attachments.find(({ contentType }) => contentType === 'text/calendar');
  const event = new ICAL.Component(ICAL.parse(part?.content.toString() ?? '')).getFirstSubcomponent('vevent');
  expect(event?.getFirstPropertyValue('summary')).toBe('Open day');
  expect(String(event?.getFirstPropertyValue('dtstart'))).toBe('2027-03-20T01:00:00Z');
  expect(String(event?.getFirstPropertyValue('uid'))).toContain('a');
  expect(await store.getThread('registration:a|email:a@example.com')).toBeDefined();
});

test.each<[string, Partial<ClaimedDelivery>, string]>([
  [
    'its registration was cancelled meanwhile',
    {
      registration: {
        id: 'a',
        status: 'CANCELLED',
        lastType: 'registration.cancelled',
        version: VERSION + 10,
        data: row('a', { status: 'CANCELLED' }),
      },
    },
    'the registration was cancelled meanwhile',
  ],
  [
    'the event was cancelled meanwhile',
    eventAfter({ ...EVENT, id: 'wh_2', type: 'event.cancelled', created_at: '2027-01-15T13:00:00Z' }),
    'it was cancelled meanwhile',
  ],
  [
    'the event was moved again meanwhile',
    eventAfter({
      ...EVENT,
      id: 'wh_2',
      created_at: '2027-01-15T13:00:00Z',
      data: { ...(EVENT.data as object), start_time: '11:00' },
    }),
    'it was moved meanwhile',
  ],
])('a mail is not sent once %s', async (_, rest, why) => {
  const { smtp, store, channel } = await channelWith();
  await register(store, 'a');
  const { planned = [] } = await channel.perform(toEveryone(), tools);
  const [mail] = planned;
  if (!mail) throw new Error('nothing was planned');

  const error = await failureOf(channel.perform(claimedOf(mail, rest), tools));

  expect(error).toMatchObject({ code: 'contradicted', verdict: 'obsolete' });
  expect(String(error)).toContain(why);
  expect(smtp.messages).toEqual([]);
});

test('whom the API knows as registered again is told, though a webhook had told of a cancellation before', async () => {
  const { smtp, store, channel } = await channelWith();
  await register(store, 'a');
  await cancel(store, 'a');
  const { planned } = await expand(store, says([row('a')]));
  const [mail] = planned;
  const known = await store.getResource({ kind: 'registration', id: 'a' });
  if (!mail || !known) throw new Error('nothing was planned');

  await channel.perform(claimedOf(mail, { registration: known }), tools);

  expect(smtp.messages[0]?.raw.toString()).toMatch(/method=REQUEST/i);
});
