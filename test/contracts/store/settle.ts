import { describe, expect, it } from 'vitest';
import { anActor, T0 } from '../../support/builders.ts';
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
} from './harness.ts';

const MINUTE = 60_000;

export const settleContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('keeps the receipt of what is done', async () => {
    const { store, reopen } = await fresh();
    const id = await planned(store);
    const claim = await claimed(store, id, T0 + 1);
    const receipt = { summary: '250 2.0.0 OK', detail: { ts: '1700000000.000100', channel: 'C1' } };

    await store.settle({ attempt: claim.attempt, id, at: T0 + 2, outcome: { status: 'done', receipt } });

    const told = await deliveryOf(await reopen(), id);
    expect(told.status).toBe('done');
    expect(told.attempts).toEqual([
      {
        startedAt: T0 + 1,
        endedAt: T0 + 2,
        outcome: 'done',
        code: null,
        message: '250 2.0.0 OK',
        detail: { ts: '1700000000.000100', channel: 'C1' },
      },
    ]);
  });

  it('keeps the digest of what was delivered, and the summary that combined it with others', async () => {
    const { store, reopen } = await fresh();
    const [plain, together] = [await planned(store), await planned(store)];
    await performed(store, plain);
    const receipt = { summary: 'in a summary of 2', fingerprint: 'sha256:abc', together: 'sum_1' };
    await store.settle({ ...done(await claimed(store, together)), outcome: { status: 'done', receipt } });

    const again = await reopen();

    expect(await deliveryOf(again, together)).toMatchObject({ fingerprint: 'sha256:abc', together: 'sum_1' });
    expect(await deliveryOf(again, plain)).toMatchObject({ fingerprint: null, together: null });
  });

  it('lists the deliveries of a summary, in the order they were planned and in pages', async () => {
    const { store } = await fresh();
    const ids = [];
    for (let number = 0; number < 5; number += 1) ids.push(await planned(store));
    const tell = async (id: string, together: string) =>
      store.settle({
        ...done(await claimed(store, id)),
        outcome: { status: 'done', receipt: { summary: 'told', together } },
      });
    for (const index of [4, 0, 2]) await tell(ids[index] ?? '', 'sum_1');
    await tell(ids[1] ?? '', 'sum_2');
    const page = async (id: string, limit: number, offset: number) =>
      (await store.together(id, { limit, offset })).map((delivery) => delivery.id);

    expect(await page('sum_1', 10, 0)).toEqual([ids[0], ids[2], ids[4]]);
    expect(await page('sum_1', 1, 1)).toEqual([ids[2]]);
    expect(await page('sum_1', 10, 3)).toEqual([]);
    for (const id of ['sum_3', 'sum', '']) expect(await page(id, 10, 0)).toEqual([]);
    expect((await store.together('sum_2', { limit: 1, offset: 0 }))[0]).toEqual(await deliveryOf(store, ids[1] ?? ''));
  });

  it('ends what is obsolete as superseded by no webhook, and keeps why', async () => {
    const { store, reopen } = await fresh();
    const id = await planned(store, { key: 'k', version: 10 });
    const next = await planned(store, { key: 'k', version: 20 });
    const outcome = { status: 'superseded', verdict: 'obsolete', code: 'began', message: 'It began.' } as const;
    await store.settle(failure(await claimed(store, id), { ...outcome, dueAt: T0, counts: false }));

    const again = await reopen();

    expect(await deliveryOf(again, id)).toMatchObject({
      status: 'superseded',
      supersededBy: null,
      tries: 0,
      attempts: [{ outcome: 'obsolete', code: 'began', message: 'It began.' }],
    });
    expect(await dueIds(again)).toEqual([next]);
    expect(await again.failed(10)).toEqual([]);
    expect(await again.retry(id, T0, anActor())).toEqual([]);
    expect((await again.status()).deliveries).toMatchObject({ superseded: 1, dead: 0, done: 0 });
  });

  it('makes a failed delivery due again at the given time, and keeps why it failed', async () => {
    const { store } = await fresh();
    const id = await planned(store);

    await store.settle(
      failure(await claimed(store, id), { code: 'smtp_451', message: 'Greylisted.', dueAt: T0 + 9 }, T0 + 3),
    );

    expect(await dueIds(store, T0 + 8)).toEqual([]);
    expect(await dueIds(store, T0 + 9)).toEqual([id]);
    expect(await deliveryOf(store, id)).toMatchObject({
      status: 'pending',
      dueAt: T0 + 9,
      tries: 1,
      attempts: [{ startedAt: T0, endedAt: T0 + 3, outcome: 'retry', code: 'smtp_451', message: 'Greylisted.' }],
    });
  });

  it('does not count an attempt that the provider asked to wait', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id)));
    for (let turn = 0; turn < 5; turn += 1) {
      await store.settle(failure(await claimed(store, id), { verdict: 'wait', counts: false }));
    }

    expect((await claimed(store, id)).tries).toBe(2);
  });

  it('ends a dead delivery for good', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id), { status: 'dead', verdict: 'permanent', code: 'smtp_550' }));

    expect(await dueIds(store, T0 + 1_000 * MINUTE)).toEqual([]);
    expect(await store.claim([id], T0)).toEqual([]);
    expect(await deliveryOf(store, id)).toMatchObject({
      status: 'dead',
      attempts: [{ outcome: 'permanent', code: 'smtp_550' }],
    });
  });

  it.each(['retry', 'wait', 'permanent', 'channel', 'stopped'] as const)('keeps the verdict %s', async (verdict) => {
    const { store } = await fresh();
    const id = await planned(store);
    await store.settle(failure(await claimed(store, id), { verdict }));

    expect((await deliveryOf(store, id)).attempts.map(({ outcome }) => outcome)).toEqual([verdict]);
  });

  it('changes nothing about an attempt that has ended', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    const claim = await claimed(store, id);
    await store.settle(done(claim));
    const before = await deliveryOf(store, id);

    await store.settle(failure(claim, { status: 'dead', verdict: 'permanent' }));
    await store.settle(done(claim, T0 + MINUTE));

    expect(await deliveryOf(store, id)).toEqual(before);
  });

  it('does not let an attempt that was recovered as interrupted settle the next one', async () => {
    const { store } = await fresh();
    const id = await planned(store);
    const first = await claimed(store, id);
    await store.recoverRunning(T0);
    const second = await claimed(store, id);

    await store.settle(failure(first, { status: 'dead', verdict: 'permanent' }));
    expect((await deliveryOf(store, id)).status).toBe('running');

    await store.settle(done(second));
    expect((await deliveryOf(store, id)).status).toBe('done');
  });

  describe('after a crash', () => {
    it('ends running attempts as unclear, and makes their deliveries due before later ones', async () => {
      const { store, reopen } = await fresh();
      const ids = [await planned(store), await planned(store, { kind: 'slack' })];
      for (const id of ids) await claimed(store, id, T0 + 1);
      const finished = await planned(store);
      await store.settle(done(await claimed(store, finished)));

      const again = await reopen();
      expect(await again.recoverRunning(T0 + 5)).toBe(2);

      for (const id of ids) {
        expect(await deliveryOf(again, id)).toMatchObject({
          status: 'pending',
          attempts: [{ startedAt: T0 + 1, endedAt: T0 + 5, outcome: 'unclear', code: 'interrupted' }],
        });
      }
      expect((await deliveryOf(again, finished)).status).toBe('done');
      const later = await planned(again, {}, T0 + 3);
      expect(await dueIds(again, T0 + 5)).toEqual([ids[0], later]);
    });

    it('finds nothing a second time', async () => {
      const { store } = await fresh();
      await claimed(store, await planned(store));

      expect(await store.recoverRunning(T0)).toBe(1);
      expect(await store.recoverRunning(T0)).toBe(0);
    });
  });
};
