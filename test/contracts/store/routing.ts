import { expect, it } from 'vitest';
import { applyWebhook } from '../../../src/core/resource.ts';
import { aRouting, aWebhook, T0 } from '../../support/builders.ts';
import { accepted, dueIds, freshStores, type OpenStore, routed } from './harness.ts';

const KEY = { kind: 'booking', id: 'bk_1' };
const booking = (fields: Record<string, unknown> = {}, rest = {}) =>
  aWebhook({ ...rest, data: { id: 'bk_1', ...fields } });

export const routingContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('takes a webhook off the queue together with its decision', async () => {
    const { store, reopen } = await fresh();
    const stored = await accepted(store);

    expect(await store.saveRouting(aRouting(stored))).toBe('saved');

    expect(await store.unrouted(10)).toEqual([]);
    expect(await (await reopen()).unrouted(10)).toEqual([]);
  });

  it('keeps the resource as it was written, every field of it', async () => {
    const { store, reopen } = await fresh();
    const data = {
      title: 'Consultation',
      event_id: 'evt_1',
      timezone: 'Europe/Warsaw',
      location: { type: 'video', tags: ['a', 'ł', null], nothing: {} },
      guests: 3.5,
    };
    await routed(store, booking(data));
    const moved = booking(
      { ...data, start_time: '2027-02-16T08:00:00Z', status: 'CONFIRMED' },
      { type: 'booking.confirmed' },
    );
    const before = await store.getResource(KEY);
    const { resource } = applyWebhook(before, KEY, moved, T0, 'UTC');

    await routed(store, moved);

    expect(resource.previousStart).toBe('2027-02-15T10:00:00.000Z');
    expect(await store.getResource(KEY)).toEqual(resource);
    expect(await (await reopen()).getResource(KEY)).toEqual(resource);
  });

  it('knows no resource that no webhook was about, nor one of another kind', async () => {
    const { store } = await fresh();
    await routed(store, booking());

    expect(await store.getResource({ kind: 'booking', id: 'bk_2' })).toBeUndefined();
    expect(await store.getResource({ kind: 'event', id: 'bk_1' })).toBeUndefined();
  });

  it('routes a webhook that names no resource', async () => {
    const { store } = await fresh();
    const webhook = aWebhook({ type: 'account.changed', data: 'odd' });

    await routed(store, webhook, [{ kind: 'slack' }]);

    expect(await dueIds(store, T0, 'slack')).toHaveLength(1);
    expect((await store.story(webhook.id)).resources).toEqual([]);
  });

  it('refuses a second routing of the same webhook and writes nothing of it', async () => {
    const { store } = await fresh();
    const stored = await accepted(store, booking());
    await store.saveRouting(aRouting(stored, { deliveries: [{ id: 'dl_first' }] }));
    const known = await store.getResource(KEY);

    const second = aRouting(stored, { current: known, deliveries: [{ id: 'dl_second', key: 'another' }] });

    expect(await store.saveRouting(second)).toBe('conflict');
    expect(await dueIds(store)).toEqual(['dl_first']);
    expect(await store.getResource(KEY)).toEqual(known);
  });

  it('lets one of many simultaneous routings of a webhook through', async () => {
    const { store } = await fresh();
    const stored = await accepted(store, booking());
    const routings = Array.from({ length: 20 }, (_, index) =>
      aRouting(stored, { deliveries: [{ id: `dl_${index}` }] }),
    );

    const answers = await Promise.all(routings.map((routing) => store.saveRouting(routing)));

    expect(answers.filter((answer) => answer === 'saved')).toHaveLength(1);
    expect(await dueIds(store)).toHaveLength(1);
  });

  it.each([
    ['a resource that is known, decided as if it were new', undefined],
    ['another version of the resource', 7],
  ])('refuses a decision made on %s, writes nothing, and leaves the webhook waiting', async (_, expectedVersion) => {
    const { store } = await fresh();
    await routed(store, booking());
    const known = await store.getResource(KEY);
    const stored = await accepted(store, booking({ status: 'CONFIRMED' }, { type: 'booking.confirmed' }));

    const answer = await store.saveRouting(aRouting(stored, { deliveries: [{}], expectedVersion }));

    expect(answer).toBe('conflict');
    expect(await dueIds(store)).toEqual([]);
    expect(await store.getResource(KEY)).toEqual(known);
    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual([stored.id]);
    expect((await store.story(stored.id)).webhooks[0]?.decidedAt).toBeNull();
    expect(await store.saveRouting(aRouting(stored, { current: known, deliveries: [{}] }))).toBe('saved');
  });

  it('refuses a decision based on a resource that does not exist', async () => {
    const { store } = await fresh();
    const stored = await accepted(store, booking());

    expect(await store.saveRouting(aRouting(stored, { expectedVersion: 7 }))).toBe('conflict');
    expect(await store.getResource(KEY)).toBeUndefined();
  });

  it('keeps a webhook in its place in the queue after a conflict', async () => {
    const { store } = await fresh();
    const first = await accepted(store, booking());
    const second = await accepted(store);

    await store.saveRouting(aRouting(first, { expectedVersion: 7 }));

    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual([first.id, second.id]);
  });

  it.each([
    ['a conflict', { expectedVersion: 7 }, 'conflict'],
    ['a value that no store takes', { deliveries: [{ version: 'x' as unknown as number }] }, 'failed'],
  ])('saves what is decided at the same moment as %s', async (_, flaw, answer) => {
    const { store } = await fresh();
    const webhooks = ['bk_a', 'bk_b', 'bk_c', 'bk_d', 'bk_e'].map((id) => aWebhook({ data: { id } }));
    const stored = [];
    for (const webhook of webhooks) stored.push(await accepted(store, webhook));

    const answers = await Promise.all(
      stored.map((one, place) =>
        store.saveRouting(aRouting(one, place === 2 ? flaw : { deliveries: [{}] })).catch(() => 'failed'),
      ),
    );

    expect(answers).toEqual(['saved', 'saved', answer, 'saved', 'saved']);
    expect(await dueIds(store)).toHaveLength(4);
    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual([stored[2]?.id]);
  });

  it('writes all of a routing or nothing', async () => {
    const { store } = await fresh();
    const stored = await accepted(store, booking());
    const broken = aRouting(stored, {
      deliveries: [{ id: 'dl_1' }, { id: 'dl_2', version: 'x' as unknown as number }],
    });

    await expect(store.saveRouting(broken)).rejects.toThrow();

    expect(await dueIds(store)).toEqual([]);
    expect(await store.getResource(KEY)).toBeUndefined();
    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual([stored.id]);
  });
};
