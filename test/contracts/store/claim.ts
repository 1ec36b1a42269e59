import { expect, it } from 'vitest';
import type { PlannedAction } from '../../../src/core/delivery.ts';
import { eventOf } from '../../../src/core/event-of.ts';
import { aWebhook, T0 } from '../../support/builders.ts';
import {
  claimed,
  deliveryOf,
  done,
  dueIds,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const MINUTE = 60_000;

export const claimContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('gives a delivery to one of many concurrent claims', async () => {
    const { store } = await fresh();
    const ids = [await planned(store), await planned(store), await planned(store)];

    const claims = await Promise.all(Array.from({ length: 50 }, () => store.claim([...ids, ...ids], T0)));

    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([...ids].sort());
    expect(new Set(claims.flat().map(({ attempt }) => attempt)).size).toBe(3);
  });

  it('skips ids that are unknown, done or dead', async () => {
    const { store } = await fresh();
    const [dead, finished, open_] = [await planned(store), await planned(store), await planned(store)];
    await store.settle(failure(await claimed(store, dead), { status: 'dead' }));
    await store.settle(done(await claimed(store, finished)));

    const claims = await store.claim(['dl_unknown', dead, finished, open_], T0);

    expect(claims.map(({ id }) => id)).toEqual([open_]);
    expect(await store.claim([], T0)).toEqual([]);
  });

  it('never has two deliveries of a key run at once, even where both are asked for', async () => {
    const { store } = await fresh();
    const first = await planned(store, { key: 'k', version: 20 });
    const second = await planned(store, { key: 'k', version: 30 });
    const claims = await store.claim([first, second], T0);
    expect(claims.map(({ id }) => id)).toEqual([first]);

    // Nor may an older delivery that is planned late, found due before the first was claimed.
    const late = await planned(store, { key: 'k', version: 10 });
    expect(await store.claim([late], T0)).toEqual([]);

    for (const claim of claims) await store.settle(done(claim));
    // Nor may it be overtaken by one that was found due before it was planned.
    expect(await store.claim([second], T0)).toEqual([]);
    await performed(store, late);
    expect((await store.claim([second], T0)).map(({ id }) => id)).toEqual([second]);
  });

  it('returns everything needed to perform a delivery', async () => {
    const { store } = await fresh();
    const action: PlannedAction = {
      kind: 'email',
      email: { to: 'łukasz@example.com', name: 'Łukasz "Ł"', template: 't' },
    };
    await routed(store, aWebhook({ data: { id: 'bk_1', start_time: '2027-02-15T10:00:00Z' } }));
    const moved = aWebhook({
      type: 'booking.confirmed',
      data: { id: 'bk_1', start_time: '2027-02-16T10:00:00Z', more: [1, { deep: '🦊' }] },
    });
    const [id] = await routed(
      store,
      moved,
      [{ rule: 'tell', destination: 'email:łukasz@example.com', action }],
      T0 + 5,
    );

    const claim = await claimed(store, id ?? '', T0 + 9);

    expect(claim).toEqual({
      id,
      rule: 'tell',
      kind: 'email',
      destination: 'email:łukasz@example.com',
      action,
      webhook: moved,
      receivedAt: T0 + 5,
      movedFrom: '2027-02-15T10:00:00.000Z',
      changedFrom: { start_time: '2027-02-15T10:00:00Z', more: null },
      event: null,
      latest: {
        status: 'PENDING',
        startsAt: Date.parse('2027-02-16T10:00:00Z'),
        lastType: 'booking.confirmed',
        version: T0 * 10 + 1,
        data: moved.data,
      },
      rerun: null,
      version: T0 * 10 + 1,
      tries: 1,
      attempt: claim.attempt,
      unclear: null,
    });
  });

  it('returns the newest data of the event that a registration is for', async () => {
    const { store } = await fresh();
    const event = (title: string, type: string) => aWebhook({ type, data: { id: 'evt_1', title } });
    await routed(store, event('Open day', 'event.created'));
    const registration = aWebhook({ type: 'registration.created', data: { event_id: 'evt_1' } });
    const [id] = await routed(store, registration, [{}]);
    await routed(store, event('Open day, moved', 'event.updated'));

    const claim = await claimed(store, id ?? '');

    expect(claim.event).toMatchObject({ id: 'evt_1', title: 'Open day, moved' });
  });

  it('says of an event whose newest webhook cancelled it that it is cancelled', async () => {
    const { store } = await fresh();
    const cancelled = (id: string, data: object = {}) =>
      aWebhook({ type: 'event.cancelled', data: { id, title: 'Open day', ...data } });
    await routed(store, cancelled('evt_1'));
    await routed(store, cancelled('evt_2', { status: 'published' }));
    await routed(store, cancelled('evt_3', { status: 'Canceled' }));
    for (const [event, status] of [
      ['evt_1', 'cancelled'],
      ['evt_2', 'cancelled'],
      ['evt_3', 'Canceled'],
    ]) {
      const registration = aWebhook({ type: 'registration.created', data: { id: `reg_${event}`, event_id: event } });
      const [id] = await routed(store, registration, [{}]);
      expect((await claimed(store, id ?? '')).event).toMatchObject({ id: event, status, title: 'Open day' });
      expect(await eventOf(registration, store)).toMatchObject({ id: event, status });
    }
  });

  it('returns the newest state of the resource, which may be newer than the webhook', async () => {
    const { store } = await fresh();
    const [first] = await routed(store, aWebhook({ data: { id: 'bk_1' } }), [{}]);
    const cancelled = aWebhook({ type: 'booking.cancelled', data: { id: 'bk_1', status: 'CANCELLED' } });
    await routed(store, cancelled);

    const { webhook, latest } = await claimed(store, first ?? '');

    expect(webhook.type).toBe('booking.created');
    expect(latest).toEqual({
      status: 'CANCELLED',
      startsAt: Date.parse('2027-02-15T10:00:00Z'),
      lastType: 'booking.cancelled',
      version: T0 * 10 + 3,
      data: cancelled.data,
    });
  });

  it('returns no state if the webhook is about no resource', async () => {
    const { store } = await fresh();
    const [id] = await routed(store, aWebhook({ type: 'ping', data: null }), [{}]);

    expect((await claimed(store, id ?? '')).latest).toBeNull();
  });

  it('returns no event for a registration of an unknown event', async () => {
    const { store } = await fresh();
    const [id] = await routed(store, aWebhook({ type: 'registration.created', data: { event_id: 'evt_1' } }), [{}]);

    expect((await claimed(store, id ?? '')).event).toBeNull();
  });

  it('counts the tries, this one included', async () => {
    const { store } = await fresh();
    const id = await planned(store);

    for (const tries of [1, 2, 3]) {
      const claim = await claimed(store, id, T0 + tries * MINUTE);
      expect(claim.tries).toBe(tries);
      await store.settle(failure(claim));
    }
  });

  it('tells the next attempt what an interrupted one was about to do', async () => {
    const { store, reopen } = await fresh();
    const id = await planned(store);
    const interrupted = await claimed(store, id, T0 + 7);
    await store.note(interrupted.attempt, { step: 'looked' });
    await store.note(interrupted.attempt, { messageId: '<1@example.com>', parts: [1, 2] });

    const again = await reopen();
    expect(await dueIds(again)).toEqual([]);
    expect(await again.recoverRunning(T0 + MINUTE)).toBe(1);

    expect(await dueIds(again, T0 + MINUTE)).toEqual([id]);
    const claim = await claimed(again, id, T0 + MINUTE);
    expect(claim.unclear).toEqual({
      startedAt: T0 + 7,
      endedAt: T0 + MINUTE,
      note: { messageId: '<1@example.com>', parts: [1, 2] },
    });
    expect(claim.tries).toBe(2);
  });

  it('tells the next attempt of one whose outcome is unclear, without a note where none was kept', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id, T0 + 3), { unclear: true }));

    expect((await claimed(store, id)).unclear).toEqual({ startedAt: T0 + 3, endedAt: T0 + 3, note: null });
  });

  it('keeps telling of the first unclear attempt and of the last note after later failures', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id, T0 + 1)));
    const first = await claimed(store, id, T0 + 2);
    expect(first.unclear).toBeNull();
    await store.note(first.attempt, { key: 'one' });
    await store.settle(failure(first, { unclear: true }));
    const second = await claimed(store, id, T0 + 3);
    await store.note(second.attempt, { key: 'two' });
    await store.settle(failure(second, { unclear: true }));
    const third = await claimed(store, id, T0 + 4);
    await store.note(third.attempt, { key: 'clearly failed' });
    await store.settle(failure(third));

    expect((await claimed(store, id, T0 + 5)).unclear).toEqual({
      startedAt: T0 + 2,
      endedAt: T0,
      note: { key: 'two' },
    });
  });

  it('shows a claimed delivery as running', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await claimed(store, id, T0 + 4);

    const { status, attempts, tries } = await deliveryOf(store, id);

    expect({ status, tries }).toEqual({ status: 'running', tries: 1 });
    expect(attempts).toEqual([
      { startedAt: T0 + 4, endedAt: null, outcome: 'running', code: null, message: null, detail: null },
    ]);
  });
};
