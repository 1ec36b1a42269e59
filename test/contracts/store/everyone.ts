import { describe, expect, it } from 'vitest';
import type { PlannedDelivery } from '../../../src/core/delivery.ts';
import type { Store } from '../../../src/store/ports.ts';
import { anAct, anActor, aPlannedDelivery, aWebhook, T0 } from '../../support/builders.ts';
import {
  claimed,
  deliveryOf,
  died,
  done,
  dueIds,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const registration = (id: string, data: object = {}) =>
  aWebhook({ type: 'registration.created', data: { id, event_id: 'evt_1', status: 'CONFIRMED', ...data } });

const event = (id: string, more: object = {}) =>
  aWebhook({ id, type: 'event.cancelled', data: { id: 'evt_1', title: 'Open day', ...more } });

/** The child delivery of a mail to everyone registered for one registration. */
const mailTo = (id: string, of: string, overrides: Partial<PlannedDelivery> = {}): PlannedDelivery =>
  aPlannedDelivery({
    id: `dl_${of}_${id}`,
    rule: 'everyone',
    destination: `email:${id}@example.com`,
    key: `registration:${id}|email:${id}@example.com`,
    action: {
      kind: 'email',
      email: { to: `${id}@example.com`, template: 't', registration: { id, data: { id, status: 'CONFIRMED' } } },
    },
    ...overrides,
  });

const EVERYONE: Partial<PlannedDelivery> = { rule: 'everyone', destination: 'email:everyone-registered' };

/** Settles a delivery with a child for each of these registrations. */
const expanded = async (store: Store, id: string, registrations: readonly string[], at = T0): Promise<string[]> => {
  const mails = registrations.map((each) => mailTo(each, id));
  const settlement = done(await claimed(store, id, at), at);
  await store.settle({
    ...settlement,
    outcome: { status: 'done', receipt: { summary: 'a mail to each' }, planned: mails },
  });
  return mails.map((mail) => mail.id);
};

/** A mail to everyone registered, settled with a child for each of these. */
const sentTo = async (store: Store, registrations: readonly string[], webhook = 'wh_evt_cancelled') => {
  const [parent = ''] = await routed(store, event(webhook), [EVERYONE]);
  return { parent, mails: await expanded(store, parent, registrations) };
};

export const everyoneContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('are planned in the commit that settles their parent, for its webhook, and are due at once', async () => {
    const { store, reopen } = await fresh();
    const { parent, mails } = await sentTo(store, ['reg_1', 'reg_2']);

    const again = await reopen();

    expect(await dueIds(again)).toEqual(mails);
    expect(await deliveryOf(again, parent)).toMatchObject({
      status: 'done',
      children: { pending: 2, running: 0, done: 0, dead: 0, superseded: 0 },
    });
    expect(await deliveryOf(again, mails[1] ?? '')).toMatchObject({
      parent,
      webhookId: 'wh_evt_cancelled',
      type: 'event.cancelled',
      resource: { kind: 'event', id: 'evt_1' },
      status: 'pending',
    });
  });

  it('are planned once, even if their parent is performed again', async () => {
    const { store } = await fresh();
    const { parent, mails } = await sentTo(store, ['reg_1']);
    await performed(store, mails[0] ?? '');

    // The late settlement of an attempt that was given up after a crash: it neither ends nor plans anything.
    await store.settle({
      attempt: 1,
      id: parent,
      at: T0,
      outcome: {
        status: 'done',
        receipt: { summary: 'again' },
        planned: [mailTo('reg_1', parent), mailTo('reg_9', parent)],
      },
    });
    // Another parent with the same children: known ids are left alone.
    const [other = ''] = await routed(store, event('wh_evt_other'), [EVERYONE]);
    const claim = await claimed(store, other);
    await store.settle({
      ...done(claim),
      outcome: {
        status: 'done',
        receipt: { summary: '' },
        planned: [mailTo('reg_1', parent), mailTo('reg_2', parent)],
      },
    });

    expect(await dueIds(store)).toEqual([`dl_${parent}_reg_2`]);
    expect((await deliveryOf(store, parent)).children).toMatchObject({ done: 1, pending: 0 });
    expect((await deliveryOf(store, other)).children).toMatchObject({ pending: 1 });
  });

  it('of a follow-up are shown with it, and the follow-up beside the delivery it follows', async () => {
    const { store } = await fresh();
    const [parent = ''] = await routed(store, event('wh_evt_cancelled'), [EVERYONE]);
    const known = mailTo('reg_1', parent);
    const followUp = aPlannedDelivery({
      ...EVERYONE,
      id: `${parent}_later`,
      webhookId: 'wh_evt_cancelled',
      key: 'event:evt_1|email:everyone-registered|later',
    });
    const settlement = done(await claimed(store, parent));
    const receipt = { summary: 'a mail to each, the others follow' };
    await store.settle({ ...settlement, outcome: { status: 'done', receipt, planned: [known, followUp] } });
    const [late = ''] = await expanded(store, followUp.id, ['reg_2']);
    await performed(store, known.id);

    const [webhook] = (await store.story('evt_1')).webhooks;
    const counts = { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 };
    expect(webhook?.deliveries).toMatchObject([
      { id: parent, status: 'done', children: { ...counts, done: 1 } },
      { id: followUp.id, status: 'done', children: { ...counts, pending: 1 } },
    ]);
    expect(webhook?.deliveries[1]).not.toHaveProperty('parent');
    await died(store, late);
    expect((await store.story('evt_1')).webhooks[0]?.deliveries.map(({ id }) => id)).toEqual([
      parent,
      followUp.id,
      late,
    ]);
    expect(await deliveryOf(store, late)).toMatchObject({ parent: followUp.id });
    expect(
      (await store.story(followUp.id)).webhooks[0]?.deliveries.filter(({ id }) => id === followUp.id),
    ).toHaveLength(1);

    // Running it again reaches them too, so that no retry sends to them twice.
    const deliveries = [aPlannedDelivery({ ...EVERYONE, id: 'dl_run', webhookId: 'wh_evt_cancelled' })];
    const act = anAct({ kind: 'rerun', subject: 'wh_evt_cancelled' });
    expect(await store.rerun({ webhookId: 'wh_evt_cancelled', token: 't', deliveries, act })).toBe('planned');
    expect((await deliveryOf(store, late)).status).toBe('superseded');
  });

  it('come after all other due deliveries, however long they have waited', async () => {
    const { store } = await fresh();
    const { mails } = await sentTo(store, ['reg_1', 'reg_2', 'reg_3']);
    const later = await planned(store, {}, T0 + 50);

    expect(await dueIds(store, T0 + 100)).toEqual([later, ...mails]);
    expect((await store.due('email', T0 + 100, 2)).map(({ id }) => id)).toEqual([later, mails[0]]);
    expect(await store.nextDue('email')).toBe(T0);
  });

  it("are claimed with the newest state of their registration, and with none if it isn't known", async () => {
    const { store } = await fresh();
    await routed(store, registration('reg_1', { attendee_name: 'Łukasz' }));
    const { mails } = await sentTo(store, ['reg_1', 'reg_2']);
    const gone = aWebhook({
      type: 'registration.cancelled',
      created_at: '2027-01-16T00:00:00Z',
      data: { id: 'reg_1', event_id: 'evt_1', status: 'CANCELLED' },
    });
    await routed(store, gone);

    const [known, unknown] = await store.claim(mails, T0);

    expect(known?.registration).toEqual({
      id: 'reg_1',
      status: 'CANCELLED',
      lastType: 'registration.cancelled',
      version: Date.parse('2027-01-16T00:00:00Z') * 10 + 3,
      data: gone.data,
    });
    expect(known?.latest?.lastType).toBe('event.cancelled');
    expect(known?.event).toBeNull();
    expect(unknown && 'registration' in unknown).toBe(false);
  });

  it('keep the order of the registration that they go to', async () => {
    const { store } = await fresh();
    const key = 'registration:reg_1|email:reg_1@example.com';
    const [own = ''] = await routed(store, registration('reg_1'), [{ key, version: 1 }], T0);
    const { mails } = await sentTo(store, ['reg_1']);

    expect(await dueIds(store)).toEqual([own]);
    await performed(store, own);
    expect(await dueIds(store)).toEqual(mails);
  });

  it("supersede other children, but none of the registration's own mails, which are about something else", async () => {
    const { store } = await fresh();
    const key = 'registration:reg_1|email:reg_1@example.com';
    const { mails } = await sentTo(store, ['reg_1']);
    await performed(store, mails[0] ?? '');
    const [late = ''] = await routed(store, registration('reg_1'), [{ key, version: 1, late: 'skip' }], T0);
    expect(await dueIds(store)).toEqual([late]);
    await performed(store, late);

    const gone = aWebhook({ type: 'registration.cancelled', data: { id: 'reg_1', event_id: 'evt_1' } });
    const newer = { key, version: Number.MAX_SAFE_INTEGER, late: 'skip' } as const;
    const [own = ''] = await routed(store, gone, [newer], T0);
    await performed(store, own);
    const { mails: others } = await sentTo(store, ['reg_1'], 'wh_evt_again');
    expect(await dueIds(store)).toEqual([]);
    expect((await deliveryOf(store, others[0] ?? '')).status).toBe('superseded');
  });

  describe('in a story', () => {
    it('are counted by status, and shown if they are dead or asked for', async () => {
      const { store } = await fresh();
      const people = Array.from({ length: 30 }, (_, index) => `reg_${100 + index}`);
      const { parent, mails } = await sentTo(store, people);
      for (const id of mails.slice(0, 25)) await died(store, id);
      for (const id of mails.slice(25, 28)) await performed(store, id);
      const told = async (id: string) =>
        (await store.story(id)).webhooks.flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.id));

      expect((await deliveryOf(store, parent)).children).toEqual({
        pending: 2,
        running: 0,
        done: 3,
        dead: 25,
        superseded: 0,
      });
      for (const id of ['evt_1', 'wh_evt_cancelled', parent]) {
        expect(await told(id)).toEqual([parent, ...mails.slice(0, 20)]);
      }
      expect(await told(mails[26] ?? '')).toEqual(expect.arrayContaining([parent, mails[26]]));
      expect((await deliveryOf(store, mails[24] ?? '')).status).toBe('dead');
      expect((await store.failed(100)).map(({ id }) => id)).toHaveLength(25);
    });
  });

  describe('on a retry', () => {
    it('are made due if they failed, whether the event, the webhook or their parent is named', async () => {
      for (const name of ['event', 'webhook', 'delivery'] as const) {
        const { store } = await fresh();
        const { parent, mails } = await sentTo(store, ['reg_1', 'reg_2', 'reg_3']);
        await died(store, mails[0] ?? '');
        await performed(store, mails[1] ?? '');
        const id = { event: 'evt_1', webhook: 'wh_evt_cancelled', delivery: parent }[name];

        expect(await store.retry(id, T0, anActor())).toEqual([mails[0]]);
        expect(await dueIds(store)).toEqual(expect.arrayContaining([mails[0], mails[2]]));
      }
    });

    it('are left alone, except the one that is named', async () => {
      const { store } = await fresh();
      const { mails } = await sentTo(store, ['reg_1', 'reg_2']);
      for (const id of mails) await died(store, id);

      expect(await store.retry(mails[1] ?? '', T0, anActor())).toEqual([mails[1]]);
    });
  });

  it('of a rerun replace the dead children of earlier runs', async () => {
    const { store } = await fresh();
    const { parent, mails } = await sentTo(store, ['reg_1', 'reg_2']);
    await performed(store, mails[0] ?? '');
    await died(store, mails[1] ?? '');
    const run = aPlannedDelivery({ ...EVERYONE, id: 'dl_run', webhookId: 'wh_evt_cancelled', late: 'deliver' });
    const act = anAct({ kind: 'rerun', subject: 'wh_evt_cancelled', at: T0 + 5 });

    expect(await store.rerun({ webhookId: 'wh_evt_cancelled', token: 't', deliveries: [run], act })).toBe('planned');
    const again = await expanded(store, 'dl_run', ['reg_1', 'reg_2'], T0 + 6);

    expect((await deliveryOf(store, parent)).children).toMatchObject({ done: 1, dead: 0, superseded: 1 });
    expect(await store.retry('evt_1', T0 + 7, anActor())).toEqual([]);
    for (const id of again) expect((await deliveryOf(store, id)).rerunBy).toEqual(act.by);
    expect((await claimed(store, again[0] ?? '')).rerun).toEqual({ by: act.by, at: T0 + 5 });
  });

  it('are not planned if their parent fails', async () => {
    const { store } = await fresh();
    const [parent = ''] = await routed(store, event('wh_evt_cancelled'), [EVERYONE]);
    await store.settle(failure(await claimed(store, parent)));

    expect(await dueIds(store)).toEqual([]);
    expect('children' in (await deliveryOf(store, parent))).toBe(false);
  });

  describe('registrations of an event', () => {
    it('are listed by id, in pages, cancelled ones too', async () => {
      const { store } = await fresh();
      for (const id of ['reg_b', 'reg_d', 'reg_a', 'reg_c']) await routed(store, registration(id));
      await routed(store, registration('reg_x', { event_id: 'evt_2' }));
      await routed(store, aWebhook({ type: 'booking.created', data: { id: 'reg_aa', event_id: 'evt_1' } }));
      await routed(store, aWebhook({ type: 'registration.cancelled', data: { id: 'reg_c', event_id: 'evt_1' } }));
      const page = async (after: string, limit: number) =>
        (await store.registered('evt_1', after, limit)).map(({ id }) => id);

      expect(await page('', 3)).toEqual(['reg_a', 'reg_b', 'reg_c']);
      expect(await page('reg_c', 3)).toEqual(['reg_d']);
      expect(await page('reg_d', 3)).toEqual([]);
      expect((await store.registered('evt_1', 'reg_b', 1))[0]).toMatchObject({ lastType: 'registration.cancelled' });
      expect(await store.registered('evt_3', '', 3)).toEqual([]);
    });
  });

  it('keep what their webhook changed, in routings, claims and stories', async () => {
    const { store, reopen } = await fresh();
    await routed(store, event('wh_1', { location: 'Town Hall "Ł"' }));
    const [changed = ''] = await routed(store, event('wh_2', { location: 'Studio 2' }), [{}]);
    const [same = ''] = await routed(store, event('wh_3', { location: 'Studio 2' }), [{ key: 'other' }]);

    const again = await reopen();

    const { webhooks } = await again.story('evt_1');
    expect(webhooks.map(({ changedFrom }) => changedFrom)).toEqual([
      undefined,
      { location: 'Town Hall "Ł"' },
      undefined,
    ]);
    expect((await claimed(again, changed)).changedFrom).toEqual({ location: 'Town Hall "Ł"' });
    expect('changedFrom' in (await claimed(again, same))).toBe(false);
  });
};
