import { describe, expect, it } from 'vitest';
import type { PlannedDelivery } from '../../../src/core/delivery.ts';
import type { Rerun } from '../../../src/store/ports.ts';
import { anAct, anActor, aPlannedDelivery, aWebhook, T0 } from '../../support/builders.ts';
import {
  accepted,
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

const LATER = T0 + 60_000;
const ALL = { limit: 100, offset: 0 };

let reruns = 0;
const aRerun = (
  webhookId: string,
  deliveries: readonly Partial<PlannedDelivery>[],
  overrides: Partial<Rerun> = {},
): Rerun => {
  reruns += 1;
  return {
    webhookId,
    token: `click_${reruns}`,
    deliveries: deliveries.map((delivery) => aPlannedDelivery({ webhookId, ...delivery })),
    act: anAct({ kind: 'rerun', at: LATER, subject: webhookId, summary: 'run again: 1 mail' }),
    ...overrides,
  };
};

export const rerunContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it('plans deliveries that are due at once and record who asked for them', async () => {
    const { store, reopen } = await fresh();
    const webhook = aWebhook({ data: { id: 'bk_1' } });
    const [before = ''] = await routed(store, webhook, [{ key: 'k', version: 7 }]);
    await performed(store, before);
    const by = anActor({ name: 'Łukasz' });
    const rerun = aRerun(webhook.id, [{ id: 'dl_again', key: 'k', version: 7 }], {
      act: anAct({ kind: 'rerun', at: LATER, by, subject: 'bk_1' }),
    });

    expect(await store.rerun(rerun)).toBe('planned');

    const again = await reopen();
    expect(await again.acts(ALL)).toEqual([rerun.act]);
    expect(await deliveryOf(again, 'dl_again')).toMatchObject({
      webhookId: webhook.id,
      resource: { kind: 'booking', id: 'bk_1' },
      status: 'pending',
      dueAt: LATER,
      tries: 0,
      rerunBy: by,
      action: rerun.deliveries[0]?.action,
    });
    expect(await deliveryOf(again, before)).toMatchObject({ status: 'done', rerunBy: null });
    expect((await again.story('bk_1')).acts).toEqual([rerun.act]);
    expect(await dueIds(again, LATER - 1)).toEqual([]);
    expect(await dueIds(again, LATER)).toEqual(['dl_again']);
    const claim = await claimed(again, 'dl_again', LATER);
    expect(claim).toMatchObject({ rerun: { by, at: LATER }, version: 7, tries: 1, unclear: null, webhook });
  });

  it('keeps the act even if nothing was chosen', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);
    const rerun = aRerun(webhook.id, []);

    expect(await store.rerun(rerun)).toBe('planned');

    expect(await store.acts(ALL)).toEqual([rerun.act]);
    expect(await store.deliveries(ALL)).toEqual([]);
  });

  it('performs a click once, however often and however concurrently it comes', async () => {
    const { store } = await fresh();
    const webhook = aWebhook();
    await routed(store, webhook);
    const clicks = Array.from({ length: 10 }, (_, index) =>
      aRerun(webhook.id, [{ id: `dl_click_${index}` }], { token: 'the same' }),
    );

    const answers = await Promise.all(clicks.map((click) => store.rerun(click)));

    expect(answers.toSorted()).toEqual(['planned', ...Array(9).fill('repeated')]);
    expect(await store.deliveries(ALL)).toHaveLength(1);
    expect(await store.acts(ALL)).toHaveLength(1);
    expect(await store.rerun(aRerun(webhook.id, [{ id: 'dl_other_click' }]))).toBe('planned');
    expect(await store.deliveries(ALL)).toHaveLength(2);
  });

  it('refuses a webhook that is unknown or not routed yet', async () => {
    const { store } = await fresh();
    const waiting = aWebhook({ data: { id: 'bk_1' } });
    await accepted(store, waiting);

    for (const id of ['wh_evt_unknown', waiting.id, 'bk_1']) {
      expect(await store.rerun(aRerun(id, [{}])), id).toBe('unknown');
    }

    expect(await store.acts(ALL)).toEqual([]);
    expect(await store.deliveries(ALL)).toEqual([]);
  });

  describe('its deliveries', () => {
    it.each(['done', 'dead'] as const)('are due though one of the same key and version is %s', async (status) => {
      const { store } = await fresh();
      const webhook = aWebhook();
      const [before = ''] = await routed(store, webhook, [{ key: 'k', version: 7, late: 'skip' }]);
      await (status === 'done' ? performed : died)(store, before);

      await store.rerun(aRerun(webhook.id, [{ id: 'dl_again', key: 'k', version: 7, late: 'skip' }]));

      expect(await dueIds(store, LATER)).toEqual(['dl_again']);
      await performed(store, 'dl_again', LATER);
      expect((await deliveryOf(store, 'dl_again')).status).toBe('done');
    });

    it('are due though an older one of the same key is dead', async () => {
      const { store } = await fresh();
      await died(store, await planned(store, { key: 'k', version: 1 }));
      const webhook = aWebhook();
      await routed(store, webhook);

      await store.rerun(aRerun(webhook.id, [{ id: 'dl_again', key: 'k', version: 7 }]));

      expect(await dueIds(store, LATER)).toEqual(['dl_again']);
    });

    it('come before newer pending ones, and after older ones', async () => {
      const { store } = await fresh();
      const older = await planned(store, { key: 'k', version: 1 });
      const newer = await planned(store, { key: 'k', version: 9 });
      const webhook = aWebhook();
      await routed(store, webhook);
      await store.rerun(aRerun(webhook.id, [{ id: 'dl_again', key: 'k', version: 7 }]));

      for (const id of [older, 'dl_again', newer]) {
        expect(await dueIds(store, LATER)).toEqual([id]);
        await performed(store, id, LATER);
      }
    });

    it('are superseded if a newer one is done, unless they are performed even when late', async () => {
      const { store } = await fresh();
      await performed(store, await planned(store, { key: 'k', version: 9 }));
      const webhook = aWebhook();
      await routed(store, webhook);

      await store.rerun(
        aRerun(webhook.id, [
          { id: 'dl_skip', key: 'k', version: 7, late: 'skip' },
          { id: 'dl_anyway', key: 'k', version: 7, late: 'deliver' },
        ]),
      );

      expect(await dueIds(store, LATER)).toEqual(['dl_anyway']);
      expect((await deliveryOf(store, 'dl_skip')).status).toBe('superseded');
    });

    it('do not supersede what was planned before them of the same version', async () => {
      const { store } = await fresh();
      const webhook = aWebhook();
      const [before = ''] = await routed(store, webhook, [{ key: 'k', version: 7, late: 'skip' }]);
      await died(store, before);
      await store.rerun(aRerun(webhook.id, [{ id: 'dl_again', key: 'k', version: 7, late: 'skip' }]));
      await performed(store, 'dl_again', LATER);
      await store.retry(before, LATER, anActor());

      expect(await dueIds(store, LATER)).toEqual([before]);
    });

    it('fail, wait and are retried like any other', async () => {
      const { store } = await fresh();
      const webhook = aWebhook();
      await routed(store, webhook);
      await store.rerun(aRerun(webhook.id, [{ id: 'dl_again' }]));
      await store.settle(failure(await claimed(store, 'dl_again', LATER), {}, LATER));

      expect((await store.failed(10)).map(({ id, rerunBy }) => [id, rerunBy])).toEqual([['dl_again', anActor()]]);
      expect(await store.retry(webhook.id, LATER + 1, anActor())).toEqual(['dl_again']);
    });
  });
};
