import { expect, test } from 'vitest';
import { addSubscription, EMPTY_TEAM } from '../../src/core/team-changes.ts';
import { describeRules } from '../../src/route/describe.ts';
import { subscriptionRule } from '../../src/route/subscription.ts';
import { aCompiledRule } from './support.ts';

const DEFAULTS = { slackChannel: '#bookings' };
const described = (yaml: string) => describeRules([aCompiledRule(yaml)], DEFAULTS)[0];

test('a rule in words, with the channels its deliveries will have', () => {
  const yaml = `
    id: confirm
    on: [booking.created, "registration.*"]
    when: { data.schedule_id: { $in: [sch_1] } }
    actions:
      - email: { to: ["{{ data.attendee_email }}", office@example.com], template: t }
      - slack: { template: booking }
      - slack: { channel: visits, text: x, as: thread }
      - slack: { channel: C0123ABCD, text: x, as: plain }
      - slack: { channel: "#{{ data.schedule_id }}", text: x }
      - slack: { channel: "#visits", text: y, as: card }
      - sheet: { file: bookings.csv, columns: { A: a } }
      - sheet: { google: 1AbCdEfGhIjKlMnOpQrStUvWxYz, tab: Visits, columns: { A: a } }`;
  expect(described(yaml)).toEqual({
    id: 'confirm',
    on: ['booking.created', 'registration.*'],
    when: ['data.schedule_id is in ["sch_1"]'],
    actions: [
      'mail to {{ data.attendee_email }}, office@example.com',
      'Slack #bookings',
      'Slack #visits (thread)',
      'Slack C0123ABCD (plain)',
      'Slack #{{ data.schedule_id }}',
      'Slack #visits',
      'sheet bookings.csv',
      'Google sheet 1AbCdEfGhIjKlMnOpQrStUvWxYz, Visits',
    ],
    channels: ['#bookings', '#visits', 'C0123ABCD'],
  });
});

test.each([
  ['{ data.status: CONFIRMED }', ['data.status is "CONFIRMED"']],
  [
    '{ data.status: { $ne: A }, data.guest_count: { $gte: 5, $lt: 9 } }',
    ['data.status is not "A"', 'data.guest_count is at or above 5', 'data.guest_count is below 9'],
  ],
  ['{ data.schedule_id: { $nin: [a, b] } }', ['data.schedule_id is not in ["a","b"]']],
  ['{ data.notes: { $exists: true } }', ['data.notes is there']],
  ['{ data.notes: { $exists: false } }', ['data.notes is not there']],
  ['{ data.attendee_email: { $regex: "@x$", $options: i } }', ['data.attendee_email matches @x$']],
  ['{ data.attendee_email: { $not: { $regex: "@x$" } } }', ['data.attendee_email does not match @x$']],
  ['{ data.tags: { $all: [a], $size: 2 } }', ['data.tags holds all of ["a"]', 'data.tags is a list of 2']],
  ['{ data.guest_count: { $mod: [2, 0] } }', ['data.guest_count fits $mod [2,0]']],
  ['{ moved: true }', ['moved is true']],
  ['{ $or: [{ moved: true }, { data.a: 1, data.b: 2 }] }', ['one of: moved is true; or data.a is 1 and data.b is 2']],
  ['{ $nor: [{ moved: true }, { data.a: 1 }] }', ['none of: moved is true; or data.a is 1']],
  ['{ $not: { data.a: 1, data.b: 2 } }', ['not: data.a is 1 and data.b is 2']],
  ['{ $and: [{ data.a: 1 }, { $or: [{ data.b: 2 }] }] }', ['data.a is 1', 'one of: data.b is 2']],
])('the conditions %s in words', (when, words) => {
  expect(described(`{ when: ${when}, actions: [{ slack: { text: x } }] }`)?.when).toEqual(words);
});

test('a subscription is described like a rule', () => {
  const { outcome } = addSubscription(EMPTY_TEAM, {
    channel: 'C0VISITS01',
    channelName: '#visits',
    types: ['booking.*'],
    filters: [{ field: 'schedule', not: true, value: 'sch_1' }],
    by: { id: 'U0ANNA', name: 'anna', via: 'slack' },
    at: '2027-01-15T10:30:00.000Z',
  });
  expect(describeRules([subscriptionRule(outcome.subscription)], DEFAULTS)).toEqual([
    {
      id: outcome.subscription.id,
      on: ['booking.*'],
      when: ['schedule is not sch_1'],
      actions: ['Slack C0VISITS01'],
      channels: ['C0VISITS01'],
    },
  ]);
});
