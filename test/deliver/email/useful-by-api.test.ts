import { expect, test } from 'vitest';
import type { ClaimedDelivery } from '../../../src/core/delivery.ts';
import { viewOf } from '../../../src/template/view.ts';
import { channelTo, delivery, tools } from './channel.ts';
import { failureOf, serve } from './mails.ts';

const settings = { timezone: 'UTC', locale: 'en-US', public_url: 'http://localhost' };

const START = '2027-02-15T10:00:00Z';

const about = (type: string, email: Parameters<typeof delivery>[0] = {}, rest: Partial<ClaimedDelivery> = {}) => {
  const data = { id: 'bk_1', status: 'CONFIRMED', start_time: START, attendee_email: 'john@example.com' };
  return delivery(email, { webhook: { id: 'wh_evt_1', type, data }, ...rest });
};

/** A channel that knows the booking's state from the API. */
const channelWith = async (status: unknown) => {
  const server = await serve();
  const booking = { id: 'bk_1', start_time: '2027-02-16T10:00:00Z', status };
  const channel = await channelTo(server.url, {
    view: async ({ webhook }) =>
      viewOf(webhook, { movedFrom: null, event: null, facts: { booking, schedule: null, event: null } }, settings),
  });
  return { server, channel };
};

test.each(['booking.created', 'booking.confirmed'])(
  '%s is not told to the attendee once the API knows that it was cancelled',
  async (type) => {
    const { server, channel } = await channelWith('CANCELLED');
    for (const email of [{}, { until: 'change' as const }]) {
      expect(await failureOf(channel.perform(about(type, email), tools))).toMatchObject({
        code: 'contradicted',
        verdict: 'obsolete',
        message: expect.stringContaining("WebKasa's API says that it was cancelled; its own mail tells that"),
      });
    }
    expect(server.connections()).toBe(0);
  },
);

test.each([
  ['is told', 'CANCELLED', about('booking.cancelled')],
  ['is told to the team', 'CANCELLED', about('booking.created', { to: 'team@example.com' })],
  ['is told where the rule always wants it', 'CANCELLED', about('booking.created', { until: 'always' })],
  [
    'is told when somebody ran it again',
    'CANCELLED',
    about('booking.created', {}, { rerun: { by: { id: 'ann', name: 'ann', via: 'command line' }, at: 0 } }),
  ],
  ['is told where the API knows of another time alone', 'CONFIRMED', about('booking.created')],
  ['is told where the API says nothing', null, about('booking.created')],
])('a mail %s (%s)', async (_, status, told) => {
  const { server, channel } = await channelWith(status);
  await channel.perform(told, tools);
  expect(await server.parsed()).toHaveLength(1);
});
