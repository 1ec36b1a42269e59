import { expect, test } from 'vitest';
import type { PlannedDelivery } from '../../src/core/delivery.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { whyText } from '../../src/query/cli/why.ts';
import { why } from '../../src/query/why.ts';
import { whyView } from '../../src/slack/view/why.ts';
import { shownIn } from '../slack/view/reading.ts';
import { LOOK } from '../slack/view/samples.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../support/builders.ts';
import { tempStore } from '../support/temp.ts';
import { attempt, takeIn } from './filled.ts';

const look = { paint: paints(false), width: undefined, times: timesIn('UTC') };
const HOUR = 3_600_000;

const registered = (id: string) =>
  aWebhook({
    id: `wh_${id}`,
    type: 'registration.created',
    created_at: new Date(T0).toISOString(),
    data: { id, event_id: 'evt_1', attendee_name: 'John Doe', status: 'CONFIRMED' },
  });

const mailTo = (id: string): PlannedDelivery =>
  aPlannedDelivery({
    id: `dl_of_${id}`,
    rule: 'mail-event-cancelled',
    destination: `email:${id}@example.com`,
    key: `registration:${id}|email:${id}@example.com`,
    action: {
      kind: 'email',
      email: { to: `${id}@example.com`, template: 'event-cancelled', registration: { id, data: { id } } },
    },
  });

/** An event that two registered for, and that was cancelled an hour later. */
const cancelled = async () => {
  const store = await tempStore();
  for (const id of ['reg_1', 'reg_12']) await takeIn(store, registered(id), { receivedAt: T0 });
  const webhook = aWebhook({
    id: 'wh_cancelled',
    type: 'event.cancelled',
    created_at: new Date(T0 + HOUR).toISOString(),
    data: { id: 'evt_1', title: 'Open day' },
  });
  await takeIn(store, webhook, {
    receivedAt: T0 + HOUR,
    decisions: [{ rule: 'mail-event-cancelled', planned: ['dl_all'], reasons: [] }],
    deliveries: [{ id: 'dl_all', rule: 'mail-event-cancelled', kind: 'email' }],
  });
  const planned = [mailTo('reg_1'), mailTo('reg_12')];
  await attempt(store, 'dl_all', T0 + HOUR, { status: 'done', receipt: { summary: '2 registered' }, planned });
  await attempt(store, 'dl_of_reg_1', T0 + HOUR + 1_000, { status: 'done', receipt: { summary: '250 2.0.0 OK' } });
  return store;
};

test('why of a registration tells of the mail that it got because of its event, and of nobody else', async () => {
  const store = await cancelled();
  expect(whyText(await why(store, 'reg_1', T0 + 2 * HOUR), look)).toContain(`
2027-01-15 11:30:01  event.cancelled  wh_cancelled
  ▸ of its event, by rule mail-event-cancelled:
    ✓ email reg_1@example.com: done
        11:30:01  done: 250 2.0.0 OK
`);
  expect(JSON.stringify(await why(store, 'reg_1', T0 + 2 * HOUR))).not.toContain('reg_12');
  expect(await why(store, 'evt_1', T0 + 2 * HOUR)).toMatchObject({ elsewhere: [] });
});

test('the same in Slack, also while the mail waits', async () => {
  const store = await cancelled();
  const shown = shownIn(whyView(await why(store, 'reg_12', T0 + 2 * HOUR), { question: 'why reg_12' }, LOOK));
  expect(shown).toContain('*event.cancelled*');
  expect(shown).toContain('▸ of its event, by rule *mail-event-cancelled*');
  expect(shown).toContain('reg_12@example.com: waits for its turn');
});
