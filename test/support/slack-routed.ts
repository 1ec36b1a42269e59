import { expect } from 'vitest';
import type { PlannedDelivery, PlannedSlack } from '../../src/core/delivery.ts';
import { resourceKey } from '../../src/core/resource.ts';
import type { Webhook } from '../../src/core/webhook.ts';
import type { Store } from '../../src/store/ports.ts';
import { aReceived, aRouting } from './builders.ts';

/** Accepts and routes webhooks, planning one delivery to Slack for each as the router would. */
export const routeToSlack = async (
  store: Store,
  webhooks: readonly Webhook[],
  slack: Partial<PlannedSlack> = {},
): Promise<void> => {
  const accepted = await Promise.all(
    webhooks.map((webhook) => store.accept(aReceived({ webhook, receivedAt: Date.now() }))),
  );
  expect(accepted).toEqual(webhooks.map(() => 'stored'));
  const waiting = new Map((await store.unrouted(10_000)).map((stored) => [stored.id, stored]));
  for (const webhook of webhooks) {
    const stored = waiting.get(webhook.id);
    if (!stored) throw new Error(`${webhook.id} is not among the unrouted`);
    const key = resourceKey(webhook);
    const current = key && (await store.getResource(key));
    const routing = aRouting(stored, { current, deliveries: [deliveryOf(webhook, slack)] });
    expect(await store.saveRouting(routing)).toBe('saved');
  }
};

const deliveryOf = (webhook: Webhook, given: Partial<PlannedSlack>): Partial<PlannedDelivery> => {
  const slack: PlannedSlack = { channel: '#bookings', as: 'card', ...given };
  const destination = `slack:${slack.channel}`;
  const about = resourceKey(webhook);
  return {
    id: `dl_${webhook.id}`,
    rule: 'tell-team',
    kind: 'slack',
    destination,
    key: `${about?.kind}:${about?.id}|${destination}`,
    late: 'deliver',
    action: { kind: 'slack', slack },
  };
};
