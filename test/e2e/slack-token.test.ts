import { expect, test, vi } from 'vitest';
import { aWebhook } from '../support/builders.ts';
import { cardsIn, startWorld } from './slack-world.ts';

const TELL = `rules:
  - id: tell-team
    on: ["booking.*"]
    actions:
      - slack: { channel: "#bookings", template: booking }
`;

test('what a revoked token held is posted soon after the token works again', async () => {
  const world = await startWorld({ rules: TELL, prepare: (slack) => slack.refuse('bot', 'token_revoked') });
  const { slack, store, settled } = world;
  await world.send(aWebhook({ data: { id: 'bk_1' } }));
  await vi.waitFor(async () => expect((await store.status()).pauses).toMatchObject([{ kind: 'slack' }]), {
    timeout: 10_000,
  });
  slack.refuse('bot', undefined);
  await settled();
  expect(cardsIn(slack, 'C0BOOKINGS')).toHaveLength(1);
  expect((await store.status()).pauses).toEqual([]);
}, 30_000);
