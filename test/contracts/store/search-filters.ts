import { describe, expect, it } from 'vitest';
import type { SearchQuery } from '../../../src/core/search-query.ts';
import type { Store } from '../../../src/store/ports.ts';
import { aWebhook } from '../../support/builders.ts';
import { freshStores, type OpenStore, routed } from './harness.ts';

const book = (store: Store, id: string, data: Record<string, unknown> = {}, type = 'booking.created') =>
  routed(store, aWebhook({ type, data: { id, attendee_name: 'Anna Kowalska', ...data } }));

const ids = async (store: Store, query: Partial<SearchQuery>, limit = 100, offset = 0): Promise<string[]> =>
  (await store.search({ words: '', ...query }, { limit, offset })).map(({ id }) => id);

const at = (time: string): number => Date.parse(time);

export const searchFilterContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('finds by status, in any case', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { status: 'PENDING' });
    await book(store, 'bk_2', { status: 'cancelled' });
    await book(store, 'bk_3', { status: null });

    for (const status of ['cancelled', 'CANCELLED', 'Cancelled'])
      expect(await ids(store, { status })).toEqual(['bk_2']);
    for (const status of ['CANCEL', 'nonsense', '', '"', "'; --"]) expect(await ids(store, { status })).toEqual([]);
  });

  it('finds by schedule, by the whole of its id', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { schedule_id: 'sch_1' });
    await book(store, 'bk_2', { schedule_id: 'sch_12' });
    await book(store, 'bk_3', { schedule_id: 'SCH_1' });

    expect(await ids(store, { schedule: 'sch_1' })).toEqual(['bk_1']);
    expect(await ids(store, { schedule: 'sch_' })).toEqual([]);
  });

  it('finds by kind, and by the type of the newest webhook', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1');
    await book(store, 'bk_2');
    await book(store, 'bk_2', {}, 'booking.cancelled');
    await routed(store, aWebhook({ type: 'event.created', data: { id: 'evt_1' } }));
    await routed(store, aWebhook({ type: 'registration.created', data: { id: 'reg_1' } }));
    const expected = {
      booking: ['bk_2', 'bk_1'],
      'booking.*': ['bk_2', 'bk_1'],
      'Booking.*': ['bk_2', 'bk_1'],
      'booking.cancelled': ['bk_2'],
      'booking.created': ['bk_1'],
      event: ['evt_1'],
      'registration.created': ['reg_1'],
      'event.cancelled': [],
      book: [],
      '*': [],
    };

    for (const [type, found] of Object.entries(expected)) expect(await ids(store, { type }), type).toEqual(found);
  });

  it('finds by start, from a time on and before a time, and never what has none', async () => {
    const { store } = await fresh();
    const starts = ['2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z', '2027-02-15T10:00:00Z', '2027-02-15T10:30:00Z'];
    for (const [index, start_time] of starts.entries()) await book(store, `bk_${index}`, { start_time });
    await book(store, 'bk_unknown', { start_time: 'soon' });
    const span = (from?: string, to?: string) =>
      ids(store, { ...(from && { from: at(from) }), ...(to && { to: at(to) }) });

    expect(await span('2027-01-01T00:00:00Z')).toEqual(['bk_3', 'bk_2', 'bk_1']);
    expect(await span(undefined, '2027-01-01T00:00:00Z')).toEqual(['bk_0']);
    expect(await span('2027-02-15T10:00:00Z', '2027-02-15T10:30:00Z')).toEqual(['bk_2']);
    expect(await span('2027-02-15T00:00:00Z', '2027-02-16T00:00:00Z')).toEqual(['bk_3', 'bk_2']);
    expect(await span('2026-12-31T00:00:00Z', '2027-01-01T00:00:00.001Z')).toEqual(['bk_1', 'bk_0']);
    expect(await span('2027-02-15T10:00:00Z', '2027-02-15T10:00:00Z')).toEqual([]);
    expect(await span('2027-03-01T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([]);
  });

  it('finds by start in years that nobody books for', async () => {
    const { store } = await fresh();
    const years = ['0001', '1969', '1999', '2000', '2100', '2101', '9999'];
    for (const year of years) await book(store, `bk_${year}`, { start_time: `${year}-06-01T00:00:00Z` });
    const newestFirst = years.map((year) => `bk_${year}`).reverse();

    expect(await ids(store, { from: -8.64e15 })).toEqual(newestFirst);
    expect(await ids(store, { to: 8.64e15 })).toEqual(newestFirst);
    expect(await ids(store, { from: at('2100-06-01T00:00:00Z') })).toEqual(newestFirst.slice(0, 3));
    expect(await ids(store, { from: at('2101-06-01T00:00:00.001Z') })).toEqual(['bk_9999']);
    expect(await ids(store, { to: at('2000-06-01T00:00:00Z') })).toEqual(['bk_1999', 'bk_1969', 'bk_0001']);
    expect(await ids(store, { from: at('1950-01-01T00:00:00Z'), to: at('1970-01-01T00:00:00Z') })).toEqual(['bk_1969']);
    expect(await ids(store, { order: 'soonest' })).toEqual(newestFirst.toReversed());
  });

  it('returns what matches every filter', async () => {
    const { store } = await fresh();
    const wanted = { status: 'PENDING', schedule_id: 'sch_1', start_time: '2027-02-15T10:00:00Z' };
    await book(store, 'bk_1', wanted);
    await book(store, 'bk_2', { ...wanted, status: 'CONFIRMED' });
    await book(store, 'bk_3', { ...wanted, schedule_id: 'sch_2' });
    await book(store, 'bk_4', { ...wanted, start_time: '2027-02-16T10:00:00Z' });
    await book(store, 'bk_5', { ...wanted, attendee_name: 'John' });
    await book(store, 'bk_6', wanted, 'booking.confirmed');
    const span = { from: at('2027-02-15T00:00:00Z'), to: at('2027-02-16T00:00:00Z') };
    const query = { words: 'kowalska', status: 'pending', schedule: 'sch_1', type: 'booking.created', ...span };

    expect(await ids(store, query)).toEqual(['bk_1']);
    expect(await ids(store, { ...query, order: 'soonest' })).toEqual(['bk_1']);
    expect(await ids(store, { ...query, words: '' })).toEqual(['bk_5', 'bk_1']);
  });

  it('lists everything without words or filters, and ignores a single letter beside a filter', async () => {
    const { store } = await fresh();
    await book(store, 'bk_1', { status: 'PENDING', start_time: '2027-02-16T10:00:00Z' });
    await book(store, 'bk_2', { status: 'CONFIRMED', start_time: '2027-02-15T10:00:00Z' });

    for (const words of ['', ' ', '\t\n']) expect(await ids(store, { words })).toEqual(['bk_2', 'bk_1']);
    expect(await ids(store, { words: '', order: 'soonest' })).toEqual(['bk_2', 'bk_1']);
    expect(await ids(store, { words: 'x', status: 'pending' })).toEqual(['bk_1']);
  });

  describe('after a change', () => {
    it('finds by the newest state only', async () => {
      const { store, reopen } = await fresh();
      await book(store, 'bk_1', { status: 'PENDING', schedule_id: 'sch_1', start_time: '2027-02-15T10:00:00Z' });
      await book(
        store,
        'bk_1',
        { status: 'CANCELLED', schedule_id: 'sch_2', start_time: '2027-05-15T10:00:00Z' },
        'booking.cancelled',
      );
      const before = [{ status: 'pending' }, { schedule: 'sch_1' }, { type: 'booking.created' }];
      const after = [{ status: 'cancelled' }, { schedule: 'sch_2' }, { type: 'booking.cancelled' }];
      const march = at('2027-03-01T00:00:00Z');

      for (const opened of [() => store, reopen]) {
        const now = await opened();
        for (const query of [...before, { to: march }]) expect(await ids(now, query)).toEqual([]);
        for (const query of [...after, { from: march }]) expect(await ids(now, query)).toEqual(['bk_1']);
      }
    });
  });

  describe('soonest first', () => {
    it('orders by start, then by arrival, with what has no known start at the end', async () => {
      const { store } = await fresh();
      const starts = ['2027-02-16', '2030-02-15', 'soon', '2027-02-15', '2027-02-16', 'later', '2020-01-01'];
      for (const [index, day] of starts.entries()) await book(store, `bk_${index}`, { start_time: `${day}T10:00:00Z` });
      const order = ['bk_6', 'bk_3', 'bk_0', 'bk_4', 'bk_1', 'bk_5', 'bk_2'];

      expect(await ids(store, { order: 'soonest' })).toEqual(order);
      expect(await ids(store, { order: 'soonest', words: 'anna' })).toEqual(order);
      expect(await ids(store, { order: 'soonest', words: 'anna kowalska john@example.com' })).toEqual(order);
      expect(await ids(store, { order: 'soonest', from: at('2027-01-01T00:00:00Z') })).toEqual(order.slice(1, 5));
      for (let offset = 0; offset <= order.length; offset += 1) {
        expect(await ids(store, { order: 'soonest' }, 2, offset)).toEqual(order.slice(offset, offset + 2));
      }
    });
  });
};
