import { expect, it } from 'vitest';
import { anActor, aReceived, aRouting, aWebhook, T0 } from '../../support/builders.ts';
import { claimed, deliveryOf, died, done, dueIds, freshStores, type OpenStore, routed } from './harness.ts';

const ODD = [
  ['emoji', '🦊👩‍👩‍👧'],
  ['a NUL', 'bk\0_1'],
  ['quotes', `'"\`'; DROP TABLE webhook; --`],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['a line break', 'bk\r\n1'],
  ['backslashes and wildcards', '\\%_*?[]'],
  ['the name of a prototype', '__proto__'],
  ['right-to-left text', 'שלום\u202e123'],
] as const;

export const oddTextContract = (open: OpenStore): void => {
  const fresh = freshStores(open);

  it.each(ODD)('keeps and finds ids made of %s', async (_, odd) => {
    const { store, reopen } = await fresh();
    const webhook = aWebhook({
      id: `wh ${odd}`,
      type: `booking.${odd}`,
      data: { id: `bk ${odd}`, attendee_name: odd },
    });
    const delivery = { id: `dl ${odd}`, rule: odd, key: odd, destination: `email:${odd}` };
    await routed(store, webhook, [delivery]);

    const again = await reopen();

    expect((await again.getResource({ kind: 'booking', id: `bk ${odd}` }))?.attendeeName).toBe(odd);
    for (const id of [webhook.id, delivery.id, `bk ${odd}`]) {
      const { webhooks, resources } = await again.story(id);
      expect(webhooks).toMatchObject([
        { id: webhook.id, type: webhook.type, deliveries: [{ id: delivery.id, rule: odd }] },
      ]);
      expect(resources).toMatchObject([{ id: `bk ${odd}` }]);
    }
    await died(again, delivery.id);
    expect(await again.retry(`bk ${odd}`, T0, anActor())).toEqual([delivery.id]);
    expect(await dueIds(again)).toEqual([delivery.id]);
    const claim = await claimed(again, delivery.id);
    expect(claim).toMatchObject({ id: delivery.id, destination: `email:${odd}`, webhook });
    await again.settle({ ...done(claim), outcome: { status: 'done', receipt: { summary: odd, detail: { odd } } } });
    expect((await deliveryOf(again, delivery.id)).attempts.at(-1)).toMatchObject({ message: odd, detail: { odd } });
  });

  it('keeps and routes a webhook that nests as deep as a megabyte can, byte for byte', async () => {
    const { store } = await fresh();
    const levels = 400_000;
    const data = `{"id":"bk_deep","deep":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const body = new TextEncoder().encode(`{"id":"wh_deep","type":"booking.created","data":${data}}`);
    await store.accept(aReceived({ id: 'wh_deep', body }));
    const [stored] = await store.unrouted(1);
    if (!stored) throw new Error('the webhook was not kept');

    expect(await store.saveRouting(aRouting(stored, { deliveries: [{ id: 'dl_deep' }] }))).toBe('saved');

    expect((await store.getResource({ kind: 'booking', id: 'bk_deep' }))?.lastWebhookId).toBe('wh_deep');
    expect((await claimed(store, 'dl_deep')).webhook).toMatchObject({ data: { id: 'bk_deep' } });
    const { webhooks } = await store.story('bk_deep');
    expect(Buffer.from(webhooks[0]?.body ?? []).equals(body)).toBe(true);
  });
};
