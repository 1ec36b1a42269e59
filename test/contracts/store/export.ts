import { expect, it } from 'vitest';
import type { Span } from '../../../src/store/export-ports.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook, T0 } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const ALWAYS: Span = { from: null, to: null };
const DAY = 86_400_000;

const book = (store: Store, id: string, start_time: string, at = T0) =>
  routed(
    store,
    aWebhook({ created_at: new Date(at).toISOString(), data: { id, start_time } }),
    [{ id: `dl_${id}` }],
    at,
  );

/** All of them, a page of two at a time. */
const paged = async <Row extends { readonly seq: number }>(
  next: (page: { after: number; limit: number }) => Promise<readonly Row[]>,
): Promise<Row[]> => {
  const all: Row[] = [];
  for (;;) {
    const rows = await next({ after: all.at(-1)?.seq ?? 0, limit: 2 });
    all.push(...rows);
    if (rows.length === 0) return all;
  }
};

export const exportContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('returns everything of a kind once, oldest first, whatever changes between the pages', async () => {
    const { store } = await fresh();
    for (const number of [1, 2, 3, 4, 5]) await book(store, `bk_${number}`, '2027-02-15T10:00:00Z');
    await routed(store, aWebhook({ type: 'event.created' }));
    let pages = 0;
    const rows = await paged(async (page) => {
      pages += 1;
      if (pages === 2) await book(store, 'bk_1', '2027-02-20T10:00:00Z', T0 + DAY);
      return await store.exportResources('booking', ALWAYS, page);
    });
    expect(rows.map(({ id }) => id)).toEqual(['bk_1', 'bk_2', 'bk_3', 'bk_4', 'bk_5']);
    const [again] = await store.exportResources('booking', ALWAYS, { after: 0, limit: 1 });
    expect(again).toMatchObject({ start: '2027-02-20T10:00:00.000Z', firstAt: T0, lastAt: T0 + DAY });
    expect(again?.data.id).toBe('bk_1');
  });

  it('returns registrations with their event, if that is known', async () => {
    const { store } = await fresh();
    const event = { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', start_time: '10:00', timezone: 'UTC' };
    await routed(store, aWebhook({ type: 'event.created', data: event }));
    for (const [id, event_id] of [
      ['reg_1', 'evt_1'],
      ['reg_2', 'evt_unknown'],
    ])
      await routed(store, aWebhook({ type: 'registration.created', data: { id, event_id } }));
    const rows = await store.exportResources('registration', ALWAYS, { after: 0, limit: 10 });
    expect(rows).toMatchObject([
      { id: 'reg_1', eventTitle: 'Open day', eventStartsAt: Date.UTC(2027, 2, 20, 10) },
      { id: 'reg_2', eventTitle: null, eventStartsAt: null },
    ]);
  });

  it('applies the span to the start of bookings, the first webhook of registrations, the planning of deliveries', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', '2027-02-14T23:59:59Z');
    await book(store, 'bk_2', '2027-02-15T00:00:00Z', T0 + DAY);
    await book(store, 'bk_3', '2027-02-16T00:00:00Z');
    const register = (id: string, at: number) =>
      routed(
        store,
        aWebhook({ type: 'registration.created', created_at: new Date(at).toISOString(), data: { id } }),
        [],
        at,
      );
    await register('reg_1', T0);
    await register('reg_2', T0 + DAY);
    const day = (start: number): Span => ({ from: start, to: start + DAY });
    const page = { after: 0, limit: 10 };

    const bookings = await store.exportResources('booking', day(Date.UTC(2027, 1, 15)), page);
    expect(bookings.map(({ id }) => id)).toEqual(['bk_2']);
    const registrations = await store.exportResources('registration', day(T0 + 1), page);
    expect(registrations.map(({ id }) => id)).toEqual(['reg_2']);
    const deliveries = await store.exportDeliveries(day(T0 + DAY), page);
    expect(deliveries).toMatchObject([
      {
        id: 'dl_bk_2',
        plannedAt: T0 + DAY,
        status: 'pending',
        tries: 0,
        attemptedAt: null,
        outcome: null,
        resourceId: 'bk_2',
      },
    ]);
  });

  it('returns how the last attempt at a delivery ended', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', '2027-02-15T10:00:00Z');
    const [claim] = await store.claim(['dl_bk_1'], T0 + 5);
    if (!claim) throw new Error('it is due');
    const outcome = { status: 'done', receipt: { summary: 'accepted' } } as const;
    await store.settle({ attempt: claim.attempt, id: claim.id, at: T0 + 9, outcome });
    expect(await paged((page) => store.exportDeliveries(ALWAYS, page))).toMatchObject([
      { status: 'done', tries: 1, attemptedAt: T0 + 9, outcome: 'done', message: 'accepted' },
    ]);
  });
};
