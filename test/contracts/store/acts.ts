import { describe, expect, it } from 'vitest';
import { anAct, anActor, aWebhook, T0 } from '../../support/builders.ts';
import { accepted, died, freshStores, type OpenStore, planned, routed } from './harness.ts';

const ALL = { limit: 100, offset: 0 };

export const actContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('keeps who did what and when, newest first and in pages', async () => {
    const { store, reopen } = await fresh();
    const cli = anActor({ id: 'ops', name: 'ops', via: 'command line' });
    const done = [
      anAct(),
      anAct({ kind: 'resume', at: T0 + 5, by: cli, summary: 'goes on' }),
      // A clock that was set back changes nothing about the order.
      anAct({ kind: 'subscribe', at: T0 - 5, subject: 'sub_1', by: anActor({ name: '<!channel> "Łukasz" 🦊' }) }),
    ];
    for (const act of done) await store.recordAct(act);

    const again = await reopen();

    expect(await again.acts(ALL)).toEqual(done.toReversed());
    expect(await again.acts({ limit: 1, offset: 1 })).toEqual([done[1]]);
    expect(await again.acts({ limit: 5, offset: 3 })).toEqual([]);
  });

  it('lists what was done to one subject, by its whole name', async () => {
    const { store } = await fresh();
    const acts = ['tell', 'tell-guest', 'tell'].map((subject, index) => anAct({ subject, at: T0 + index }));
    for (const act of acts) await store.recordAct(act);

    expect(await store.acts(ALL, 'tell')).toEqual([acts[2], acts[0]]);
    expect(await store.acts({ limit: 1, offset: 1 }, 'tell')).toEqual([acts[0]]);
    expect(await store.acts(ALL, 'TELL')).toEqual([]);
  });

  describe('of a retry', () => {
    it('say how many deliveries were made due', async () => {
      const { store } = await fresh();
      const ids = await routed(store, aWebhook({ data: { id: 'bk_1' } }), [{}, { kind: 'slack' }]);
      for (const id of ids) await died(store, id);

      await store.retry(ids[0] ?? '', T0 + 1, anActor());
      await store.retry('bk_1', T0 + 2, anActor({ name: 'bob' }));
      await died(store, ids[0] ?? '', T0 + 2);
      await died(store, ids[1] ?? '', T0 + 2);
      await store.retry('bk_1', T0 + 3, anActor());

      const retry = { kind: 'retry', by: anActor() } as const;
      expect(await store.acts(ALL)).toEqual([
        { ...retry, at: T0 + 3, subject: 'bk_1', summary: '2 deliveries made due' },
        { ...retry, at: T0 + 2, subject: 'bk_1', summary: '1 delivery made due', by: anActor({ name: 'bob' }) },
        { ...retry, at: T0 + 1, subject: ids[0], summary: '1 delivery made due' },
      ]);
    });

    it('are none where nothing was retried', async () => {
      const { store } = await fresh();
      await store.retry('bk_unknown', T0, anActor());
      await store.retry(await planned(store), T0, anActor());

      expect(await store.acts(ALL)).toEqual([]);
    });

    it('are one for a click that is repeated concurrently', async () => {
      const { store } = await fresh();
      const id = await planned(store);
      await died(store, id);

      await Promise.all(Array.from({ length: 10 }, () => store.retry(id, T0 + 1, anActor())));

      expect(await store.acts(ALL)).toHaveLength(1);
    });
  });

  describe('in a story', () => {
    it('are those about the resource, its webhooks and their deliveries, oldest first, whichever is asked for', async () => {
      const { store } = await fresh();
      const [created, confirmed] = [
        aWebhook({ data: { id: 'bk_1' } }),
        aWebhook({ type: 'booking.confirmed', data: { id: 'bk_1' } }),
      ];
      const [first = ''] = await routed(store, created, [{}]);
      const [second = ''] = await routed(store, confirmed, [{ kind: 'slack' }]);
      const others = await routed(store, aWebhook({ data: { id: 'bk_10' } }), [{}]);
      const own = [second, 'bk_1', created.id, first, 'bk_1'].map((subject, index) =>
        anAct({ subject, at: T0 + index }),
      );
      for (const act of own) {
        await store.recordAct(act);
        await store.recordAct(anAct({ subject: others[0] ?? '' }));
        await store.recordAct(anAct({ subject: 'bk_10' }));
        await store.recordAct(anAct());
      }

      for (const id of ['bk_1', created.id, confirmed.id, first, second]) {
        expect((await store.story(id)).acts, id).toEqual(own);
      }
    });

    it('are listed once if a booking and an event have the same id', async () => {
      const { store } = await fresh();
      await routed(store, aWebhook({ data: { id: 'same' } }));
      await routed(store, aWebhook({ type: 'event.created', data: { id: 'same' } }));
      await store.recordAct(anAct({ subject: 'same' }));

      expect((await store.story('same')).acts).toEqual([anAct({ subject: 'same' })]);
    });

    it('are listed for a webhook that is about no resource, and for one that is not routed yet', async () => {
      const { store } = await fresh();
      const nameless = aWebhook({ data: null });
      const [id = ''] = await routed(store, nameless, [{}]);
      await store.recordAct(anAct({ subject: id }));
      const waiting = aWebhook();
      await accepted(store, waiting);
      await store.recordAct(anAct({ subject: waiting.id }));

      expect((await store.story(nameless.id)).acts).toEqual([anAct({ subject: id })]);
      expect((await store.story(waiting.id)).acts).toEqual([anAct({ subject: waiting.id })]);
    });
  });
};
