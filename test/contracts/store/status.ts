import { expect, it } from 'vitest';
import { aReceived, T0 } from '../../support/builders.ts';
import { claimed, died, dueIds, failure, freshStores, type OpenStore, performed, planned } from './harness.ts';

export const statusContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('is empty in an empty store', async () => {
    const { store } = await fresh();

    expect(await store.status()).toEqual({
      webhooks: 0,
      unrouted: 0,
      deliveries: { pending: 0, running: 0, done: 0, dead: 0, superseded: 0 },
      open: [],
      oldestWaiting: null,
      rejections: [],
      lastRejections: [],
      pauses: [],
    });
  });

  it('counts webhooks and deliveries by their status', async () => {
    const { store } = await fresh();
    for (let number = 0; number < 3; number += 1)
      await performed(store, await planned(store, { key: 'k', version: 20 }));
    for (let number = 0; number < 2; number += 1) await died(store, await planned(store));
    await planned(store, { key: 'k', version: 10 });
    await dueIds(store);
    await claimed(store, await planned(store));
    await planned(store);
    await store.accept(aReceived());
    await store.accept(aReceived());

    expect(await store.status()).toMatchObject({
      webhooks: 10,
      unrouted: 2,
      deliveries: { pending: 1, running: 1, done: 3, dead: 2, superseded: 1 },
    });
  });

  it('counts open deliveries by their kind', async () => {
    const { store } = await fresh();
    for (let number = 0; number < 2; number += 1) await planned(store, { kind: 'slack' });
    await planned(store, { kind: 'sheet' });
    await claimed(store, await planned(store));
    await died(store, await planned(store));

    const { open: found } = await store.status();
    expect(found.toSorted((one, other) => one.kind.localeCompare(other.kind))).toEqual([
      { kind: 'email', status: 'running', count: 1 },
      { kind: 'sheet', status: 'pending', count: 1 },
      { kind: 'slack', status: 'pending', count: 2 },
    ]);
  });

  it('shows since when the oldest work waits, a webhook or a delivery', async () => {
    const { store } = await fresh();
    await store.accept(aReceived({ receivedAt: T0 + 50 }));
    await store.accept(aReceived({ receivedAt: T0 + 40 }));
    expect((await store.status()).oldestWaiting).toBe(T0 + 50);

    const id = await planned(store, {}, T0 + 10);
    expect((await store.status()).oldestWaiting).toBe(T0 + 10);

    await performed(store, id, T0 + 10);
    expect((await store.status()).oldestWaiting).toBe(T0 + 50);
  });

  it('shows when the first work is due if all of it lies in the future', async () => {
    const { store } = await fresh();
    await store.settle(failure(await claimed(store, await planned(store)), { dueAt: T0 + 99 }));

    expect((await store.status()).oldestWaiting).toBe(T0 + 99);
  });

  it('shows which channels are paused, until they are resumed', async () => {
    const { store, reopen } = await fresh();
    const pause = {
      since: T0,
      until: T0 + 60_000,
      code: 'smtp_535',
      message: 'The password is refused; mend SMTP_URL.',
    };
    await store.setPause('email', pause);
    await store.setPause('slack', pause);
    await store.setPause('email', { ...pause, until: T0 + 90_000 });
    await store.setPause('slack', undefined);
    await store.setPause('sheet', undefined);

    const again = await reopen();
    expect((await again.status()).pauses).toEqual([{ kind: 'email', ...pause, until: T0 + 90_000 }]);
    await again.setPause('email', undefined);
    expect((await again.status()).pauses).toEqual([]);
  });
};
