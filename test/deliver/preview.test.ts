import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ClaimedDelivery, PlannedAction } from '../../src/core/delivery.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { RoutedWebhook } from '../../src/core/routed.ts';
import type { Channel } from '../../src/deliver/channel.ts';
import { createEmailChannel } from '../../src/deliver/email/channel.ts';
import { createMailOutbox } from '../../src/deliver/outbox/mail.ts';
import { createSlackOutbox } from '../../src/deliver/outbox/slack.ts';
import { previewDelivery, previewFingerprint } from '../../src/deliver/preview.ts';
import { createSheetChannel } from '../../src/deliver/sheet/channel.ts';
import { loadTemplates } from '../../src/template/load.ts';
import { viewOf } from '../../src/template/view.ts';
import { aPlannedDelivery, aWebhook, T0 } from '../support/builders.ts';
import { tempFolder, tempStore } from '../support/temp.ts';

const SETTINGS = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost:3000' };

const channels = async (): Promise<Channel[]> => {
  const folder = await tempFolder();
  const templates = await loadTemplates(resolve(import.meta.dirname, '../../templates'));
  const view = (delivery: ClaimedDelivery) => viewOf(delivery.webhook, delivery, SETTINGS);
  const transport = createMailOutbox(folder);
  const made = [
    createEmailChannel({
      transport,
      from: 'a@example.com',
      templates: () => templates.email,
      view: async (delivery: ClaimedDelivery) => view(delivery),
      store: await tempStore(),
      timezone: 'UTC',
      now: () => T0,
    }),
    createSlackOutbox({ folder, templates: () => templates.slack, view }),
    createSheetChannel({ folder }),
  ];
  onTestFinished(async () => void (await Promise.all(made.map((channel) => channel.close?.()))));
  return made;
};

const routed = (data: object = {}): RoutedWebhook => ({
  webhook: aWebhook({ id: 'wh_evt_1', type: 'booking.confirmed', data: { id: 'bk_1', ...data } }),
  receivedAt: T0,
  movedFrom: '2027-02-14T10:00:00Z',
  event: null,
});

const ACTIONS: readonly PlannedAction[] = [
  { kind: 'email', email: { to: 'john@example.com', template: 'booking-confirmed' } },
  { kind: 'slack', slack: { channel: '#bookings', template: 'booking', as: 'card' } },
  { kind: 'sheet', sheet: { file: 'bookings.csv', columns: { Id: 'bk_1' } } },
];

test.each(ACTIONS)('the digest of a preview is that of the receipt: %j', async (action) => {
  const made = await channels();
  const planned = aPlannedDelivery({ id: 'dl_first', kind: action.kind, action });
  const channel = made.find(({ kind }) => kind === action.kind);
  const tools = { signal: new AbortController().signal, note: async () => {} };
  const receipt = await channel?.perform(previewDelivery(planned, routed()), tools);

  expect(receipt?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(await previewFingerprint(made, { ...planned, id: 'dl_first_again' }, routed())).toBe(receipt?.fingerprint);
});

test('what would be told otherwise has another digest', async () => {
  const made = await channels();
  const [mail] = ACTIONS;
  const planned = aPlannedDelivery({ kind: 'email', ...(mail && { action: mail }) });
  const one = await previewFingerprint(made, planned, routed());
  const other = await previewFingerprint(made, planned, routed({ attendee_name: 'Jane' }));
  expect(one).not.toEqual(other);
});

test('what can not be rendered, or has no channel, is an error that says so', async () => {
  const made = await channels();
  const action: PlannedAction = { kind: 'email', email: { to: 'john@example.com', template: 'gone' } };
  const broken = await previewFingerprint(made, aPlannedDelivery({ kind: 'email', action }), routed());
  expect(broken).toBeInstanceOf(DeliveryError);
  expect(broken).toMatchObject({ code: 'unknown_template' });
  expect(await previewFingerprint([], aPlannedDelivery({ kind: 'slack' }), routed())).toMatchObject({
    message: expect.stringContaining('slack is not configured'),
  });
});
