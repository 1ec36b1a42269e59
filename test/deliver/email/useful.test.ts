import { describe, expect, test } from 'vitest';
import type { ClaimedDelivery, PlannedEmail } from '../../../src/core/delivery.ts';
import { applyWebhook, type Resource, resourceKey } from '../../../src/core/resource.ts';
import type { UsefulUntil } from '../../../src/core/rule.ts';
import { versionOf, type Webhook } from '../../../src/core/webhook.ts';
import { uselessNow } from '../../../src/deliver/email/useful.ts';
import { channelTo, delivery, tools } from './channel.ts';
import { failureOf, serve } from './mails.ts';

const HOUR = 3_600_000;
const START = Date.parse('2027-02-15T10:00:00Z');
const NOW = START - 24 * HOUR;
const JOHN = { to: 'john@example.com' };

const webhook = (type: string, data: object = {}, minute = 0): Webhook => ({
  id: `wh_${minute}`,
  type,
  created_at: new Date(NOW - 10 * HOUR + minute * 60_000).toISOString(),
  data: { id: 'x_1', attendee_email: 'John@Example.com', start_time: '2027-02-15T10:00:00Z', ...data },
});

/** The newest known state after these webhooks, in any order. */
const stateAfter = (...webhooks: readonly Webhook[]): Resource | null =>
  webhooks.reduce<Resource | null>((state, next) => {
    const key = resourceKey(next);
    return key ? applyWebhook(state ?? undefined, key, next, NOW, 'UTC').resource : state;
  }, null);

const reason = (
  told: Webhook,
  others: readonly Webhook[] = [],
  {
    now = NOW,
    email = JOHN,
    ...rest
  }: { now?: number; email?: Pick<PlannedEmail, 'to' | 'until' | 'registration'> } & Partial<ClaimedDelivery> = {},
) =>
  uselessNow(
    delivery(
      {},
      { webhook: told, version: versionOf(told, NOW), receivedAt: NOW, latest: stateAfter(told, ...others), ...rest },
    ),
    email,
    now,
    'UTC',
  );

const requested = webhook('booking.created', { status: 'PENDING' });
const confirmed = webhook('booking.confirmed', { status: 'CONFIRMED' }, 1);
const cancelled = webhook('booking.cancelled', { status: 'CANCELLED' }, 2);
const moved = webhook('booking.confirmed', { status: 'CONFIRMED', start_time: '2027-02-16T10:00:00Z' }, 3);

describe('a newer state', () => {
  test.each([
    ['a request, once confirmed', requested, [confirmed], 'it was confirmed meanwhile'],
    ['a request, once cancelled', requested, [cancelled], 'it was cancelled meanwhile'],
    ['a confirmation, once cancelled', confirmed, [cancelled], 'it was cancelled meanwhile'],
    ['a confirmation, once moved', confirmed, [moved], 'it was moved meanwhile'],
    ['a cancellation, once taken back', cancelled, [moved], 'it was confirmed meanwhile'],
    ['whatever came between', requested, [moved, confirmed], 'it was confirmed meanwhile'],
  ])('ends %s', (_, told, others, why) => {
    expect(reason(told, others)).toEqual({ code: 'contradicted', why });
  });

  test.each([
    ['that says the same again', confirmed, [webhook('booking.confirmed', { status: 'CONFIRMED' }, 2)]],
    ['of a booking that was confirmed at once', webhook('booking.created', { status: 'CONFIRMED' }), [confirmed]],
    ['that is older', confirmed, [requested]],
    [
      'in which the same start is written otherwise',
      confirmed,
      [webhook('booking.confirmed', { start_time: '2027-02-15T11:00:00+01:00' }, 2)],
    ],
    ['that there is none of', requested, []],
    ['of a kind that nobody knows', webhook('booking.teleported'), [cancelled]],
  ])('%s ends nothing', (_, told, others) => {
    expect(reason(told, others)).toBeUndefined();
  });
});

describe('the start', () => {
  test.each([
    ['a confirmation', confirmed, 0, 'begun'],
    ['a request', requested, 0, 'begun'],
    ['a cancellation', cancelled, 24, 'too_late'],
    ['an event that is cancelled', webhook('event.cancelled', { attendee_email: undefined }), 24, 'too_late'],
    ['an event that is changed', webhook('event.updated', { attendee_email: undefined }), 0, 'begun'],
  ])('ends %s', (_, told, hours, code) => {
    expect(reason(told, [], { now: START + hours * HOUR - 1 })).toBeUndefined();
    expect(reason(told, [], { now: START + hours * HOUR })?.code).toBe(code);
  });

  test('of a registration is that of its event, and a day is over at its end', () => {
    const registered = webhook('registration.created', { start_time: undefined, status: 'CONFIRMED' });
    const at = (now: string, event: Record<string, unknown>) => reason(registered, [], { event, now: Date.parse(now) });
    const evening = { start_date: '2027-03-20', start_time: '18:00', timezone: 'Europe/Berlin' };
    expect(at('2027-03-20T16:59:59Z', evening)).toBeUndefined();
    expect(at('2027-03-20T17:00:00Z', evening)).toEqual({ code: 'begun', why: 'it began at 2027-03-20 17:00 UTC' });
    expect(at('2027-03-20T23:59:59Z', { start_date: '2027-03-20' })).toBeUndefined();
    expect(at('2027-03-21T00:00:00Z', { start_date: '2027-03-20' })?.code).toBe('begun');
  });

  test('does not end a thank-you, which two weeks do', () => {
    const completed = webhook('booking.completed', { status: 'COMPLETED' });
    expect(reason(completed, [], { now: START + 48 * HOUR })).toBeUndefined();
    expect(reason(completed, [], { now: START + 15 * 24 * HOUR })?.code).toBe('too_late');
  });

  test('that cannot be told ends nothing', () => {
    expect(reason(webhook('booking.confirmed', { start_time: 'soon' }), [], { now: START * 2 })).toBeUndefined();
  });
});

test('a rule decides otherwise, and what others than the attendee get is a record', () => {
  const late = { now: START + HOUR };
  const until = (kind: UsefulUntil) => ({ email: { ...JOHN, until: kind } });
  expect(reason(requested, [cancelled], { ...late, ...until('always') })).toBeUndefined();
  expect(reason(cancelled, [], { ...late, ...until('start') })?.code).toBe('begun');
  expect(reason(confirmed, [], { ...late, ...until('change') })).toBeUndefined();
  const team = { email: { to: 'team@example.com' } };
  expect(reason(requested, [cancelled], { ...late, ...team })).toBeUndefined();
  expect(reason(requested, [cancelled], { email: { ...team.email, until: 'change' } })?.code).toBe('contradicted');
});

test('what somebody had run again is wanted', () => {
  const rerun = { by: { id: 'U1', name: 'anna', via: 'slack' }, at: NOW } as const;
  expect(reason(requested, [cancelled], { now: START * 2, rerun })).toBeUndefined();
});

test('a mail that makes no sense any more ends as obsolete, with the reason, and is not sent', async () => {
  const server = await serve();
  const channel = await channelTo(server.url, { now: () => NOW });
  const late = delivery(
    {},
    { webhook: requested, version: versionOf(requested, NOW), latest: stateAfter(requested, cancelled) },
  );
  expect(await failureOf(channel.perform(late, tools))).toMatchObject({
    code: 'contradicted',
    verdict: 'obsolete',
    message: 'Not sent, since it no longer makes sense: it was cancelled meanwhile.',
  });
  expect(server.connections()).toBe(0);
});

test('what was changed and changed back is nothing to tell those registered, unless somebody wants it told again', () => {
  const updated = webhook('event.updated');
  const email = { to: 'a@example.com', registration: { id: 'reg_1', data: {} } };
  const nothing = { code: 'nothing_new', why: 'what changed was changed back' };
  const rerun = { by: { id: 'U1', name: 'anna', via: 'slack' }, at: NOW } as const;

  expect(reason(updated, [], { email, changedBack: true })).toEqual(nothing);
  expect(reason(updated, [], { email })).toBeUndefined();
  expect(reason(updated, [], { changedBack: true })).toBeUndefined();
  expect(reason(updated, [], { email, changedBack: true, rerun })).toBeUndefined();
});
