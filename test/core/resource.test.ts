import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyWebhook, type Resource, resourceKey } from '../../src/core/resource.ts';
import { versionOf, type Webhook } from '../../src/core/webhook.ts';
import { aWebhook, T0 } from '../support/builders.ts';

const KEY = { kind: 'booking', id: 'bk_1' };
const MINUTE = 60_000;

const at = (minute: number, data: Record<string, unknown>, type = 'booking.confirmed'): Webhook =>
  aWebhook({ type, created_at: new Date(T0 + minute * MINUTE).toISOString(), data: { id: 'bk_1', ...data } });

const apply = (webhooks: readonly Webhook[], zone = 'UTC') => {
  let current: Resource | undefined;
  const moves: (string | null)[] = [];
  for (const webhook of webhooks) {
    const { resource, movedFrom } = applyWebhook(current, KEY, webhook, T0, zone);
    current = resource;
    moves.push(movedFrom);
  }
  if (!current) throw new Error('no webhook, no resource');
  return { resource: current, moves };
};

const stateOf = (data: Record<string, unknown>, zone = 'UTC') => apply([at(0, data)], zone).resource;

const A = '2027-02-15T10:00:00.000Z';
const B = '2027-02-16T10:00:00.000Z';
const C = '2027-02-17T10:00:00.000Z';

describe('which resource a webhook is about', () => {
  it.each([
    ['booking.created', { id: 'bk_1' }, { kind: 'booking', id: 'bk_1' }],
    ['registration.cancelled', { id: 'reg_1' }, { kind: 'registration', id: 'reg_1' }],
    ['a.b.c', { id: 7 }, { kind: 'a', id: '7' }],
    ['nodot', { id: 0 }, { kind: 'nodot', id: '0' }],
  ])('is told by the type %s and the id %j', (type, data, key) => {
    expect(resourceKey({ id: 'wh_1', type, data })).toEqual(key);
  });

  it.each([undefined, null, [], 'text', {}, { id: '' }, { id: null }, { id: true }, { id: ['x'] }, { id: {} }])(
    'is not known where data is %j',
    (data) => {
      expect(resourceKey({ id: 'wh_1', type: 'booking.created', data })).toBeUndefined();
    },
  );
});

describe('the state of a resource', () => {
  it('is what the data says, and null where it says nothing usable', () => {
    const webhook = at(0, {
      title: 5,
      attendee_name: '',
      schedule_id: null,
      event_id: ['x'],
      status: 'PENDING',
      extra: 1,
    });

    expect(applyWebhook(undefined, KEY, webhook, T0, 'UTC')).toEqual({
      stale: false,
      movedFrom: null,
      resource: {
        ...KEY,
        status: 'PENDING',
        title: null,
        attendeeName: null,
        attendeeEmail: 'john@example.com',
        scheduleId: null,
        eventId: null,
        start: A,
        startsAt: Date.parse(A),
        previousStart: null,
        previousStartVersion: 0,
        lastType: 'booking.confirmed',
        lastWebhookId: webhook.id,
        version: versionOf(webhook, T0),
        data: webhook.data,
      },
    });
  });

  it.each([
    ['an instant', { start_time: '2027-02-15T11:00:00+01:00' }, A, Date.parse(A)],
    [
      'a local time, in the zone the bot is set to',
      { start_time: '2027-02-15T10:00:00' },
      '2027-02-15T10:00:00',
      Date.parse(A) - 60 * MINUTE,
    ],
    [
      'a local time, in its own zone',
      { start_time: '2027-02-15T10:00', timezone: 'America/New_York' },
      '2027-02-15T10:00',
      Date.parse(A) + 300 * MINUTE,
    ],
    [
      'a date and a time',
      { start_date: '2027-02-15', start_time: '10:00', timezone: 'UTC' },
      '2027-02-15T10:00',
      Date.parse(A),
    ],
    [
      'a date',
      { start_date: '2027-02-15', start_time: undefined, timezone: 'UTC' },
      '2027-02-15',
      Date.UTC(2027, 1, 15),
    ],
    [
      'a zone nobody knows',
      { start_date: '2027-02-15', start_time: '11:00', timezone: 'Mars/Olympus' },
      '2027-02-15T11:00',
      Date.parse(A),
    ],
    ['words', { start_time: 'soon' }, 'soon', null],
    ['a lone hour', { start_time: '10' }, '10', null],
    ['words that end like an instant', { start_time: 'JAZZ' }, 'JAZZ', null],
    ['a day that does not exist', { start_date: '2027-02-30', start_time: '10:00' }, '2027-02-30T10:00', null],
    ['a number', { start_time: 1_800_000_000 }, null, null],
    ['nothing', { start_time: null }, null, null],
  ])('starts as told by %s', (_, data, start, startsAt) => {
    expect(stateOf(data, 'Europe/Warsaw')).toMatchObject({ start, startsAt });
  });
});

describe('moving', () => {
  it('is known from a later webhook with another start', () => {
    const { resource, moves } = apply([at(0, { start_time: A }), at(1, { start_time: B }), at(2, { start_time: B })]);

    expect(moves).toEqual([null, A, null]);
    expect(resource).toMatchObject({ start: B, previousStart: A, previousStartVersion: (T0 + 0 * MINUTE) * 10 + 1 });
  });

  it('is not seen in the same instant written in another way', () => {
    expect(apply([at(0, { start_time: A }), at(1, { start_time: '2027-02-15T12:00:00+02:00' })]).moves).toEqual([
      null,
      null,
    ]);
  });

  it('is not seen in a late, older webhook, which changes nothing but what is known of before', () => {
    const newer = at(5, { start_time: B, status: 'CANCELLED' }, 'booking.cancelled');
    const { resource, moves } = apply([newer, at(1, { start_time: A, status: 'PENDING' }, 'booking.created')]);

    expect(moves).toEqual([null, null]);
    expect(resource).toEqual({
      ...apply([newer]).resource,
      previousStart: A,
      previousStartVersion: (T0 + MINUTE) * 10,
    });
  });

  it('is not seen where either start is missing', () => {
    expect(apply([at(0, { start_time: A }), at(1, { start_time: null }), at(2, { start_time: B })]).moves).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('says of an older one that it is stale', () => {
    const { resource } = apply([at(5, {})]);
    expect(applyWebhook(resource, KEY, at(4, {}), T0, 'UTC').stale).toBe(true);
    expect(applyWebhook(resource, KEY, at(5, {}), T0, 'UTC').stale).toBe(false);
  });
});

describe('the order of arrival', () => {
  const start = fc.constantFrom(A, B, C, null);
  const fieldsOf = (resource: Resource) => ({ ...resource });

  it('makes no difference to the outcome', () => {
    const history = fc
      .array(start, { minLength: 1, maxLength: 7 })
      .map((starts) => starts.map((start_time, minute) => at(minute, { start_time, status: `S${minute}` })));
    const shuffled = history.chain((webhooks) =>
      fc.tuple(fc.constant(webhooks), fc.shuffledSubarray(webhooks, { minLength: webhooks.length })),
    );
    fc.assert(
      fc.property(shuffled, ([inOrder, arrived]) => {
        const { resource } = apply(arrived);

        expect(fieldsOf(resource)).toEqual(fieldsOf(apply(inOrder).resource));
        expect(resource.lastWebhookId).toBe(inOrder.at(-1)?.id);
        const before = inOrder.findLast((webhook) => apply([webhook]).resource.start !== resource.start);
        expect(resource.previousStart).toBe(before ? apply([before]).resource.start : null);
      }),
    );
  });

  it('decides among webhooks of the same version, the later to arrive being the newer', () => {
    const moment = fc.record({ start_time: start, minute: fc.nat({ max: 2 }) });
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), (moments) => {
        const arrived = moments.map(({ start_time, minute }) => at(minute, { start_time }));
        const inOrder = arrived.toSorted((a, b) => versionOf(a, T0) - versionOf(b, T0));

        expect(apply(arrived).resource).toEqual(apply(inOrder).resource);
        expect(apply(arrived).resource.lastWebhookId).toBe(inOrder.at(-1)?.id);
      }),
    );
  });
});
