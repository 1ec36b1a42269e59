import { describe, expect, it } from 'vitest';
import type { PlannedDelivery } from '../../../src/core/delivery.ts';
import type { Store } from '../../../src/store/ports.ts';
import { anAct, anActor, aPlannedDelivery, aWebhook, T0 } from '../../support/builders.ts';
import {
  claimed,
  deliveryOf,
  died,
  dueIds,
  failure,
  freshStores,
  type OpenStore,
  performed,
  planned,
  routed,
} from './harness.ts';

const HOLD = 30_000;

const heldOne = (store: Store, version: number, dueAt = T0, more: Partial<PlannedDelivery> = {}): Promise<string> =>
  planned(store, { key: 'k', late: 'skip', hold: HOLD, version, ...more }, dueAt);

export const holdContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('are due when the hold is over, and no sooner', async () => {
    const { store, reopen } = await fresh();
    const id = await heldOne(store, 10);

    expect(await dueIds(store, T0 + HOLD - 1)).toEqual([]);
    expect(await store.nextDue('email')).toBe(T0 + HOLD);
    expect(await dueIds(await reopen(), T0 + HOLD)).toEqual([id]);
  });

  it('are superseded by the newest pending one of their key', async () => {
    const { store } = await fresh();
    const first = await heldOne(store, 10);
    const second = await heldOne(store, 20, T0 + 1_000);
    const third = await heldOne(store, 30, T0 + 2_000);
    const other = await heldOne(store, 10, T0, { key: 'l' });

    expect(await dueIds(store, T0 + HOLD)).toEqual([other]);
    await performed(store, other);
    expect(await dueIds(store, T0 + HOLD + 2_000)).toEqual([third]);

    const { webhookId } = await deliveryOf(store, third);
    for (const id of [first, second]) {
      expect(await deliveryOf(store, id)).toMatchObject({
        status: 'superseded',
        supersededBy: webhookId,
        attempts: [],
      });
    }
  });

  describe('pass their untold changes on to the one that supersedes them', () => {
    const change = (at: number, data: object, type = 'event.updated') =>
      aWebhook({
        type,
        created_at: new Date(T0 + at).toISOString(),
        data: { id: 'evt_1', start_date: '2027-03-20', start_time: '10:00', location: 'Town Hall', ...data },
      });
    const mail = (version: number, more: Partial<PlannedDelivery> = {}) =>
      [{ key: 'k', late: 'skip', hold: HOLD, version, ...more }] as const;
    const moved = { start_time: '14:00' };
    const both = { ...moved, location: 'Studio 2' };

    it('all those since the last mail that was sent', async () => {
      const { store, reopen } = await fresh();
      await routed(store, change(0, {}), mail(1, { hold: 0 }));
      await performed(store, (await dueIds(store))[0] ?? '');
      await routed(store, change(1, moved), mail(2));
      const [last = ''] = await routed(store, change(2, both), mail(3));
      expect(await dueIds(store, T0 + 2 * HOLD)).toEqual([last]);

      expect(await claimed(await reopen(), last)).toMatchObject({
        movedFrom: '2027-03-20T10:00',
        changedFrom: { start_time: '10:00', location: 'Town Hall' },
      });
    });

    it('as do child deliveries of a mail to everyone registered', async () => {
      const { store } = await fresh();
      await routed(store, change(0, {}));
      await routed(store, change(1, moved), mail(2));
      const [parent = ''] = await routed(store, change(2, both), mail(3));
      await dueIds(store, T0 + 2 * HOLD);
      const child = aPlannedDelivery({ id: 'dl_child', key: 'registration:reg_1|k', version: 3 });
      const { attempt } = await claimed(store, parent);
      const outcome = { status: 'done', receipt: { summary: '' }, planned: [child] } as const;
      await store.settle({ attempt, id: parent, at: T0, outcome });

      expect((await claimed(store, 'dl_child')).movedFrom).toBe('2027-03-20T10:00');
    });

    it('as do the children of its follow-up', async () => {
      const { store } = await fresh();
      await routed(store, change(0, {}));
      await routed(store, change(1, moved), mail(2));
      const [first = ''] = await routed(store, change(2, both), mail(3));
      await dueIds(store, T0 + 2 * HOLD);
      const settled = async (id: string, child: PlannedDelivery): Promise<void> => {
        const { attempt } = await claimed(store, id);
        const outcome = { status: 'done', receipt: { summary: '' }, planned: [child] } as const;
        await store.settle({ attempt, id, at: T0, outcome });
      };
      await settled(first, aPlannedDelivery({ id: 'dl_later', key: 'k|later', version: 3 }));
      await settled('dl_later', aPlannedDelivery({ id: 'dl_child', key: 'registration:reg_1|k', version: 3 }));

      expect((await claimed(store, 'dl_child')).movedFrom).toBe('2027-03-20T10:00');
    });

    describe('to one recipient', () => {
      const registered = (at: number) =>
        aWebhook({
          type: 'registration.created',
          created_at: new Date(T0 + at).toISOString(),
          data: { id: 'reg_1', event_id: 'evt_1' },
        });
      const email = { to: 'a@example.com', template: 't', registration: { id: 'reg_1', data: {} } };
      /** The child delivery to this recipient. */
      const toReader = async (store: Store, parent: string, version: number) => {
        const action = { kind: 'email', email } as const;
        const child = aPlannedDelivery({ id: `dl_child_${version}`, key: 'registration:reg_1|k', version, action });
        const { attempt } = await claimed(store, parent);
        const outcome = { status: 'done', receipt: { summary: '' }, planned: [child] } as const;
        await store.settle({ attempt, id: parent, at: T0, outcome });
        return claimed(store, child.id);
      };

      it('except what was so when they registered', async () => {
        const { store } = await fresh();
        await routed(store, change(0, {}));
        await routed(store, change(1_000, { location: 'Roof' }), mail(2));
        await routed(store, registered(2_000));
        const renamed = { location: 'Roof', title: 'Opening' };
        const [parent = ''] = await routed(store, change(3_000, renamed), mail(3));
        await dueIds(store, T0 + 2 * HOLD);

        const { changedFrom } = await toReader(store, parent, 3);
        expect(Object.keys(changedFrom ?? {})).toEqual(['title']);
      });

      it('none if the change was taken back, then and later', async () => {
        const { store } = await fresh();
        await routed(store, registered(0));
        await routed(store, change(0, {}));
        await routed(store, change(1_000, { location: 'Roof' }), mail(2));
        const [back = ''] = await routed(store, change(1_000, {}), mail(2));
        expect(await dueIds(store, T0 + 2 * HOLD)).toEqual([back]);
        const nothing = await toReader(store, back, 2);
        expect([nothing.changedBack, nothing.movedFrom, nothing.changedFrom]).toEqual([true, null, undefined]);
        await store.settle(failure(nothing, { status: 'superseded', verdict: 'obsolete', code: 'nothing_new' }));

        const [renamed = ''] = await routed(store, change(4_000, { title: 'Opening' }), mail(4));
        const next = await toReader(store, renamed, 4);
        expect(Object.keys(next.changedFrom ?? {})).toEqual(['title']);
        expect('changedBack' in next).toBe(false);
      });

      it('even one that was taken back, to those who registered in between', async () => {
        const { store } = await fresh();
        await routed(store, change(0, {}));
        await routed(store, change(1_000, { location: 'Roof' }), mail(2));
        await routed(store, registered(2_000));
        const [back = ''] = await routed(store, change(3_000, {}), mail(3));
        await dueIds(store, T0 + 2 * HOLD);

        expect((await toReader(store, back, 3)).changedFrom).toEqual({ location: 'Roof' });
      });
    });

    it('but neither what was sent since, nor to a mail about the end', async () => {
      const { store } = await fresh();
      await routed(store, change(0, {}));
      const [told = ''] = await routed(store, change(1, moved), mail(2, { hold: 0 }));
      await performed(store, told);
      const [next = ''] = await routed(store, change(2, both), mail(3, { hold: 0 }));
      const claim = await claimed(store, next);
      expect(claim).toMatchObject({ movedFrom: null, changedFrom: { location: 'Town Hall' } });
      await store.settle(failure(claim, { status: 'superseded', verdict: 'obsolete' }));

      const [end = ''] = await routed(store, change(3, both, 'event.cancelled'), mail(4, { hold: 0 }));
      const last = await claimed(store, end);
      expect([last.movedFrom, last.changedFrom]).toEqual([null, undefined]);
    });
  });

  it('are superseded by a newer one without a hold, which is due at once', async () => {
    const { store } = await fresh();
    const first = await heldOne(store, 10);
    const urgent = await heldOne(store, 20, T0 + 5_000, { hold: 0 });

    expect(await dueIds(store, T0 + HOLD)).toEqual([urgent]);
    expect((await deliveryOf(store, first)).status).toBe('superseded');
  });

  it('are not superseded if they have no hold, or are performed even when late', async () => {
    const { store } = await fresh();
    const first = await heldOne(store, 10, T0, { hold: 0 });
    await heldOne(store, 20);
    const late = await heldOne(store, 10, T0, { key: 'l', late: 'deliver' });
    await heldOne(store, 20, T0, { key: 'l', late: 'deliver' });

    expect(await dueIds(store)).toEqual([first, late]);
  });

  it('are superseded by one of the same version whose webhook came later, but not by one of the same webhook', async () => {
    const { store } = await fresh();
    const held = { key: 'k', late: 'skip', hold: HOLD, version: 10 } as const;
    const first = await heldOne(store, 10);
    const [one = '', two = ''] = await routed(store, aWebhook(), [held, { ...held, rule: 'another' }]);

    expect(await dueIds(store, T0 + HOLD)).toEqual([one]);
    expect((await deliveryOf(store, first)).status).toBe('superseded');
    await performed(store, one, T0 + HOLD);
    expect(await dueIds(store, T0 + HOLD)).toEqual([two]);
  });

  it('are not superseded by dead deliveries, nor by those of another key', async () => {
    const { store } = await fresh();
    const dead = await heldOne(store, 30, T0, { hold: 0 });
    await died(store, dead);
    await heldOne(store, 20, T0, { key: 'l' });
    const first = await heldOne(store, 10);

    expect(await dueIds(store, T0 + HOLD)).toContain(first);
  });

  it('are superseded also after a failed attempt', async () => {
    const { store } = await fresh();
    const first = await heldOne(store, 10);
    const now = T0 + HOLD;
    await store.settle(failure(await claimed(store, first, now), { dueAt: now + 60_000 }, now));
    const second = await heldOne(store, 20, now);

    expect(await dueIds(store, now + 60_000)).toEqual([second]);
    expect(await deliveryOf(store, first)).toMatchObject({ status: 'superseded', attempts: [{ outcome: 'retry' }] });
  });

  it('are due at once on a retry', async () => {
    const { store } = await fresh();
    const id = await heldOne(store, 10);

    expect(await store.retry(id, T0 + 1, anActor())).toEqual([id]);

    expect(await dueIds(store, T0 + 1)).toEqual([id]);
  });

  it('are due at once in a rerun', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);
    const held = { key: 'k', version: 10, late: 'skip', hold: HOLD } as const;
    const again = aPlannedDelivery({ id: 'dl_again', webhookId: webhook.id, ...held });

    expect(await store.rerun({ webhookId: webhook.id, token: 't', deliveries: [again], act: anAct({ at: T0 }) })).toBe(
      'planned',
    );
    await heldOne(store, 20);

    expect(await dueIds(store, T0)).toEqual(['dl_again']);
  });
};
