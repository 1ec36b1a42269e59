import type { ClaimedDelivery, PlannedEmail } from '../../../src/core/delivery.ts';
import type { Channel } from '../../../src/deliver/channel.ts';
import { createEmailChannel, type EmailChannelDeps } from '../../../src/deliver/email/channel.ts';
import type { EmailTemplate } from '../../../src/template/library.ts';
import { viewOf } from '../../../src/template/view.ts';
import { tempStore } from '../../support/temp.ts';
import { connect, never } from './mails.ts';

export const NOW = Date.parse('2027-01-15T12:00:00Z');

/** What a deliverer hands to an attempt. */
export const tools = { signal: never, note: async () => {} };

/** A mail that is planned; a test names only what it is about. */
export const delivery = (email: Partial<PlannedEmail> = {}, rest: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id: 'dl_abc',
  rule: 'confirm-booking',
  kind: 'email',
  destination: 'email:john@example.com',
  action: { kind: 'email', email: { to: 'john@example.com', template: 'greeting', ...email } },
  webhook: { id: 'wh_evt_1', type: 'booking.created', data: { attendee_name: 'John' } },
  receivedAt: 0,
  movedFrom: null,
  event: null,
  tries: 1,
  attempt: 1,
  rerun: null,
  version: 1,
  latest: null,
  unclear: null,
  ...rest,
});

const greeting: EmailTemplate = {
  name: 'greeting',
  render: ({ data }) => ({ subject: `Hello ${data.attendee_name}`, html: '<p>Hello</p>', text: 'Hello' }),
};
const broken: EmailTemplate = {
  name: 'broken',
  render: () => {
    throw new Error('invalid value for money, file:broken.html, line:3');
  },
};

/** A channel to a server, with a store of its own. */
export const channelTo = async (url: string, rest: Partial<EmailChannelDeps> = {}): Promise<Channel> => {
  const templates = new Map([greeting, broken].map((template) => [template.name, template]));
  const settings = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' };
  return createEmailChannel({
    transport: connect(url),
    from: 'Studio Ü <bookings@example.com>',
    replyTo: 'team@example.com',
    templates: () => templates,
    view: async ({ webhook, movedFrom, event }) => viewOf(webhook, { movedFrom, event }, settings),
    store: rest.store ?? (await tempStore()),
    timezone: 'UTC',
    now: () => NOW,
    ...rest,
  });
};
