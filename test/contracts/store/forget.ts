import { expect, it } from 'vitest';
import type { PlannedDelivery } from '../../../src/core/delivery.ts';
import type { KeepingStore } from '../../../src/store/keeping-ports.ts';
import { KEPT_TABLE_NAMES } from '../../../src/store/kept-tables.ts';
import type { Store } from '../../../src/store/ports.ts';
import { anAct, anActor, aPlannedDelivery, aReceived, aWebhook, T0 } from '../../support/builders.ts';
import { accepted, claimed, died, freshStores, type OpenStore, performed, planned, routed } from './harness.ts';

const DAY = 86_400_000;
const LATER = T0 + 90 * DAY;
const BORDER = T0 + 60 * DAY;

/** Forgets all that is over, in steps of `most` webhooks. */
export const forgetAll = async (store: KeepingStore, before = BORDER, most = 3) => {
  const total = { webhooks: 0, resources: 0, deliveries: 0 };
  let steps = 0;
  for (let after: number | null = 0; after !== null; steps += 1) {
    const { next, ...gone } = await store.forget({ before, after, most });
    total.webhooks += gone.webhooks;
    total.resources += gone.resources;
    total.deliveries += gone.deliveries;
    if (steps > 1_000) throw new Error('forgetting does not come to an end');
    after = next;
  }
  return total;
};

const tell = async (
  store: Store,
  data: object,
  deliveries: readonly Partial<PlannedDelivery>[] = [],
  { type = 'booking.created', receivedAt = T0 } = {},
): Promise<string[]> => {
  const webhook = aWebhook({ type, data });
  return [webhook.id, ...(await routed(store, webhook, deliveries, receivedAt))];
};

export const forgetContract = (open: OpenStore): void => {
  const fresh = freshStores(open);
  const opened = async (): Promise<Store> => (await fresh()).store;

  it('forgets an expired resource with everything about it, and leaves nothing behind', async () => {
    const store = await opened();
    const [first = '', mail = '', post = ''] = await tell(store, { id: 'bk_old' }, [
      { key: 'booking:bk_old|email:john@example.com' },
      { kind: 'slack', key: 'booking:bk_old|slack:#bookings' },
    ]);
    await performed(store, mail);
    await died(store, post);
    await tell(store, { id: 'bk_old' }, [], { type: 'booking.cancelled', receivedAt: T0 + DAY });
    await store.saveCard('channel|#bookings', { channel: 'C1', ts: '', version: 0, detail: {} });
    await store.saveCard('C1|booking:bk_old', { channel: 'C1', ts: '1.2', version: 1, detail: {} });
    await store.saveThread('booking:bk_old|email:john@example.com', { root: 'a', last: 'b', subject: 'c' });
    const invite = { sequence: 0, delivery: mail, version: 1, stamp: T0, method: 'REQUEST', times: 'x' } as const;
    await store.saveInvite('bk_old@webkasa-bot john@example.com', invite);
    await store.recordAct(anAct({ kind: 'retry', subject: 'bk_old' }));
    await store.recordAct(anAct({ kind: 'retry', subject: first }));
    await store.recordAct(anAct({ kind: 'pause', subject: 'tell-guest' }));

    expect(await store.forgettable(BORDER)).toEqual({ webhooks: 2, resources: 1, deliveries: 2 });
    expect(await forgetAll(store)).toEqual({ webhooks: 2, resources: 1, deliveries: 2 });

    const { rows } = await store.size();
    expect(Object.entries(rows).filter(([, count]) => count > 0)).toEqual([
      ['act', 1],
      ['card', 1],
    ]);
    expect(await store.search({ words: 'john' }, { limit: 10, offset: 0 })).toEqual([]);
    expect(await store.status()).toMatchObject({ webhooks: 0, deliveries: { done: 0, dead: 0 } });
    expect(await forgetAll(store)).toEqual({ webhooks: 0, resources: 0, deliveries: 0 });
  });

  it.each([
    ['whose start lies ahead', { start_time: new Date(LATER).toISOString() }, T0],
    ['that goes on', { start_date: '2027-01-20', end_date: '2027-12-20', start_time: '10:00', timezone: 'UTC' }, T0],
    ['whose end lies ahead', { start_time: new Date(T0).toISOString(), end_time: new Date(LATER).toISOString() }, T0],
    ['of which something was received since', {}, BORDER],
  ])('keeps a resource %s, with all of its webhooks', async (_, data, receivedAt) => {
    const store = await opened();
    await tell(store, { id: 'bk_1', ...data });
    await tell(store, { id: 'bk_1', ...data }, [], { type: 'booking.confirmed', receivedAt });

    expect(await store.forgettable(BORDER)).toEqual({ webhooks: 0, resources: 0, deliveries: 0 });
    expect(await forgetAll(store)).toEqual({ webhooks: 0, resources: 0, deliveries: 0 });
    expect((await store.story('bk_1')).webhooks).toHaveLength(2);
  });

  it('forgets what has ended before, and what names no valid day as its end', async () => {
    const store = await opened();
    await tell(store, { id: 'bk_1', end_date: '2027-01-30', end_time: '21:00' });
    await tell(store, { id: 'bk_2', end_date: 'zzzz', end_time: 9999, notes: 'a \u0000 "end_date":"2099-01-01"' });
    expect(await store.forgettable(BORDER)).toMatchObject({ resources: 2 });
    expect(await forgetAll(store)).toMatchObject({ resources: 2 });
  });

  it('keeps what is not routed, and what has pending or running deliveries', async () => {
    const store = await opened();
    await planned(store);
    await claimed(store, await planned(store));
    const { id } = await accepted(store);

    expect(await forgetAll(store)).toEqual({ webhooks: 0, resources: 0, deliveries: 0 });
    expect(await store.status()).toMatchObject({ webhooks: 3, unrouted: 1, deliveries: { pending: 1, running: 1 } });
    expect(await store.accept(aReceived({ id }))).toBe('duplicate');
  });

  it('keeps an event as long as it has a registration, and a registration until its event is over', async () => {
    const store = await opened();
    const evening = (id: string, day: string) => ({ id, start_date: day, start_time: '10:00', timezone: 'UTC' });
    await tell(store, evening('evt_over', '2027-01-20'), [], { type: 'event.created' });
    await tell(store, evening('evt_ahead', '2027-12-20'), [], { type: 'event.created' });
    const register = (id: string, event: string, receivedAt = T0) =>
      tell(store, { id, event_id: event }, [], { type: 'registration.created', receivedAt });
    await register('reg_1', 'evt_ahead');
    await register('reg_2', 'evt_over');
    await register('reg_3', 'evt_over', LATER);

    expect(await forgetAll(store)).toMatchObject({ resources: 1 });
    const there = async () => (await store.search({ words: '' }, { limit: 10, offset: 0 })).map(({ id }) => id).sort();
    expect(await there()).toEqual(['evt_ahead', 'evt_over', 'reg_1', 'reg_3']);

    const after = LATER + DAY;
    expect(await store.forgettable(after)).toMatchObject({ resources: 2 });
    await forgetAll(store, after);
    await forgetAll(store, after);
    expect(await there()).toEqual(['evt_ahead', 'reg_1']);
  });

  it('forgets webhooks without a resource by their own time', async () => {
    const store = await opened();
    await routed(store, aWebhook({ type: 'ping', data: 'odd' }), [], T0);
    await routed(store, aWebhook({ type: 'ping', data: 'odd' }), [], LATER);

    expect(await store.forgettable(BORDER)).toMatchObject({ webhooks: 1 });
    expect(await forgetAll(store)).toEqual({ webhooks: 1, resources: 0, deliveries: 0 });
    expect((await store.status()).webhooks).toBe(1);
  });

  it('forgets a webhook with more deliveries than fit one step, parents and children', async () => {
    const store = await opened();
    const [, parent = ''] = await tell(store, { id: 'evt_1', start_date: '2027-01-20' }, [{}], {
      type: 'event.updated',
    });
    const claim = await claimed(store, parent);
    const children = Array.from({ length: 150 }, (_, number) => {
      const to = { destination: `email:g${number}@example.com`, key: `registration:reg_${number}|email` };
      return aPlannedDelivery({ id: `${parent}_${number}`, webhookId: claim.webhook.id, ...to });
    });
    const outcome = { status: 'done', receipt: { summary: 'planned' }, planned: children } as const;
    await store.settle({ attempt: claim.attempt, id: parent, at: T0, outcome });
    for (const { id } of children) await performed(store, id);
    const [later = ''] = await tell(store, { id: 'evt_2' }, [], { type: 'event.updated', receivedAt: LATER });

    expect(await forgetAll(store)).toEqual({ webhooks: 1, resources: 1, deliveries: 151 });
    expect(await store.status()).toMatchObject({ webhooks: 1, deliveries: { done: 0 } });
    expect((await store.story(later)).webhooks).toHaveLength(1);
  });

  it.each([2, 220])('forgets a follow-up, itself a child, with its %i children', async (count) => {
    const store = await opened();
    const [, first = ''] = await tell(store, { id: 'evt_1', start_date: '2027-01-20' }, [{}], {
      type: 'event.updated',
    });
    const settled = async (id: string, children: readonly PlannedDelivery[]): Promise<void> => {
      const outcome = { status: 'done', receipt: { summary: 'planned' }, planned: children } as const;
      await store.settle({ attempt: (await claimed(store, id)).attempt, id, at: T0, outcome });
    };
    const child = (id: string) => aPlannedDelivery({ id, key: `key of ${id}`, destination: `email:${id}@example.com` });
    await settled(first, [child('follow_up')]);
    const mails = Array.from({ length: count }, (_, number) => child(`mail_${number}`));
    await settled('follow_up', mails);
    for (const { id } of mails) await performed(store, id);

    expect(await forgetAll(store)).toEqual({ webhooks: 1, resources: 1, deliveries: count + 2 });
  });

  it('keeps its counts right afterwards, and accepts a forgotten webhook as new', async () => {
    const store = await opened();
    const [known = ''] = await tell(store, { id: 'bk_1' });
    await performed(store, await planned(store));
    await performed(store, await planned(store, {}, LATER), LATER);
    await performed(store, await planned(store));
    await forgetAll(store);
    expect(await store.status()).toMatchObject({ webhooks: 1, deliveries: { done: 1 } });

    expect(await store.accept(aReceived({ id: known, receivedAt: LATER }))).toBe('stored');
    await died(store, await planned(store));
    expect(await store.status()).toMatchObject({ webhooks: 3, deliveries: { done: 1, dead: 1 } });
  });

  it('forgets a rerun with the act that it refers to', async () => {
    const store = await opened();
    const [webhookId = '', first = ''] = await tell(store, { id: 'bk_1' }, [{}]);
    await performed(store, first);
    const again = aPlannedDelivery({ id: 'dl_again', webhookId, key: 'booking:bk_1|again' });
    const act = anAct({ kind: 'rerun', subject: 'bk_1', by: anActor() });
    expect(await store.rerun({ webhookId, token: 'click', deliveries: [again], act })).toBe('planned');
    await performed(store, 'dl_again');

    await forgetAll(store);

    const { rows } = await store.size();
    expect(KEPT_TABLE_NAMES.filter((table) => rows[table] > 0)).toEqual([]);
  });
};
