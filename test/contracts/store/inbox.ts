import { expect, it } from 'vitest';
import { aReceived, aWebhook, bytesOf, T0 } from '../../support/builders.ts';
import { accepted, freshStores, type OpenStore, routed } from './harness.ts';

export const inboxContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('keeps a webhook once, however many copies arrive at the same time', async () => {
    const { store } = await fresh();
    const copies = Array.from({ length: 200 }, () => aReceived({ id: 'wh_evt_same' }));

    const answers = await Promise.all(copies.map((copy) => store.accept(copy)));

    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(199);
    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual(['wh_evt_same']);
    expect((await store.status()).webhooks).toBe(1);
  });

  it('keeps the first copy of an id, not a later one that says something else', async () => {
    const { store } = await fresh();
    const first = aReceived({ id: 'wh_evt_1', receivedAt: T0 });
    await store.accept(first);

    expect(await store.accept(aReceived({ id: 'wh_evt_1', type: 'event.created', receivedAt: T0 + 1 }))).toBe(
      'duplicate',
    );

    const [stored] = await store.unrouted(10);
    expect(stored).toMatchObject({ id: 'wh_evt_1', type: first.type, receivedAt: T0 });
    expect(Buffer.from(stored?.body ?? [])).toEqual(Buffer.from(first.body));
  });

  it('knows a duplicate whether it is routed or not', async () => {
    const { store } = await fresh();
    const webhooks = [aWebhook(), aWebhook()];
    await routed(store, webhooks[0]);
    await accepted(store, webhooks[1]);

    for (const webhook of webhooks) expect(await store.accept(aReceived({ webhook }))).toBe('duplicate');
    expect((await store.status()).webhooks).toBe(2);
  });

  it('knows a duplicate after a restart', async () => {
    const { store, reopen } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);
    await store.accept(aReceived({ id: 'wh_waiting' }));

    const again = await reopen();

    expect(await again.accept(aReceived({ webhook }))).toBe('duplicate');
    expect(await again.accept(aReceived({ id: 'wh_waiting' }))).toBe('duplicate');
  });

  it('tells ids apart that differ only in case, in a trailing space or in how a letter is composed', async () => {
    const { store } = await fresh();
    const ids = ['wh_a', 'WH_A', 'wh_a ', ' wh_a', 'wh_\u00e9', 'wh_e\u0301'];

    const answers = await Promise.all(ids.map((id) => store.accept(aReceived({ id }))));

    expect(answers).toEqual(ids.map(() => 'stored'));
  });

  it('keeps the exact bytes, whatever they are', async () => {
    const { store } = await fresh();
    const body = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) % 256);

    await store.accept(aReceived({ body }));

    const [stored] = await store.unrouted(1);
    expect(Buffer.compare(Buffer.from(stored?.body ?? []), Buffer.from(body))).toBe(0);
  });

  it('hands out what is unrouted in order of arrival, the oldest first', async () => {
    const { store } = await fresh();
    const ids = Array.from({ length: 50 }, (_, index) => `wh_evt_${99 - index}`);
    for (const id of ids) await store.accept(aReceived({ id, receivedAt: T0 - Number(id.slice(-2)) }));

    expect((await store.unrouted(1_000)).map(({ id }) => id)).toEqual(ids);
    expect((await store.unrouted(3)).map(({ id }) => id)).toEqual(ids.slice(0, 3));
  });

  it('keeps the order of calls made at once', async () => {
    const { store } = await fresh();
    const ids = Array.from({ length: 300 }, (_, index) => `wh_${index}`);

    await Promise.all(ids.map((id) => store.accept(aReceived({ id }))));

    expect((await store.unrouted(1_000)).map(({ id }) => id)).toEqual(ids);
  });

  it('counts rejections by reason and keeps the last 50 of them', async () => {
    const { store, reopen } = await fresh();
    const rejection = (at: number, reason: string) => ({
      at,
      reason,
      remote: '192.0.2.7',
      bytes: at % 100,
      userAgent: 'ua',
    });
    await store.recordRejections(Array.from({ length: 120 }, (_, index) => rejection(T0 + index, 'invalid_signature')));
    await store.recordRejections([rejection(T0 + 500, 'payload_too_large'), rejection(T0 + 501, 'invalid_signature')]);
    await store.recordRejections([]);

    const { rejections, lastRejections } = await (await reopen()).status();

    expect(rejections).toEqual([
      { reason: 'invalid_signature', count: 121, lastAt: T0 + 501 },
      { reason: 'payload_too_large', count: 1, lastAt: T0 + 500 },
    ]);
    expect(lastRejections).toHaveLength(50);
    expect(lastRejections[0]).toEqual(rejection(T0 + 501, 'invalid_signature'));
    expect(lastRejections.at(-1)?.at).toBe(T0 + 72);
  });

  it('goes on after a call that failed', async () => {
    const { store } = await fresh();
    // A type that does not belong there stands for any fault of one call; its neighbours share its commit.
    const faulty = { ...aReceived(), receivedAt: 'yesterday' as unknown as number };

    const outcomes = await Promise.allSettled([
      store.accept(aReceived({ id: 'wh_before' })),
      store.accept(faulty),
      store.accept(aReceived({ id: 'wh_after', body: bytesOf({}) })),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.unrouted(10)).map(({ id }) => id)).toEqual(['wh_before', 'wh_after']);
    expect(await store.accept(aReceived({ id: faulty.id }))).toBe('stored');
    expect(await store.accept(aReceived({ id: 'wh_after' }))).toBe('duplicate');
  });

  it('refuses what is asked of it after it was closed', async () => {
    const harness = await fresh();
    await harness.store[Symbol.asyncDispose]();

    await expect(harness.store.accept(aReceived())).rejects.toThrow(/closed/);
    await expect(harness.store.status()).rejects.toThrow(/closed/);
  });
};
