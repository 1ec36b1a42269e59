import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstIdOf } from '../../src/core/delivery-id.ts';
import { decide } from '../../src/route/plan.ts';
import { planAgain } from '../../src/route/replan.ts';
import { aCompiledRule, aWebhook, inputFor, RECEIVED_AT, SETTINGS } from './support.ts';

const CONTEXT = { settings: SETTINGS, defaults: { slackChannel: '#bookings' } };
const RULES = [
  aCompiledRule(`
id: tell
actions:
  - email: { to: ["{{ data.attendee_email }}", "owner@example.com"], template: booking-created }
  - slack: { template: booking, as: plain }
  - sheet: { file: bookings.csv, columns: { Id: "{{ data.id }}", Moved: "{{ moved_from.text }}" } }
`),
  aCompiledRule(`
id: cancelled
on: [booking.cancelled]
actions: [{ slack: { template: booking } }]
`),
];

const routed = (webhook = aWebhook(), movedFrom: string | null = null) => ({
  webhook,
  receivedAt: RECEIVED_AT,
  movedFrom,
  event: null,
});

describe('planning a webhook again', () => {
  test('plans what routing plans under these rules, under ids of its own', () => {
    const movedFrom = '2027-02-14T10:00:00Z';
    const first = RULES.map((rule) => decide(rule, inputFor(aWebhook(), movedFrom)));
    const again = planAgain(routed(aWebhook(), movedFrom), CONTEXT, RULES, 'run 1');

    const firstDeliveries = first.flatMap(({ deliveries }) => deliveries);
    expect(again.deliveries.map(({ id, ...rest }) => ({ ...rest, id: firstIdOf(id) }))).toEqual(firstDeliveries);
    expect(again.deliveries.map(({ id }) => id)).not.toEqual(firstDeliveries.map(({ id }) => id));
    expect(again.decisions[0]?.planned).toEqual(again.deliveries.map(({ id }) => id));
    expect(again.decisions[1]).toEqual(first[1]?.decision);
  });

  test('plans the same for the same run, and shares no id with any other', () => {
    const idsOf = (run: string) => planAgain(routed(), CONTEXT, RULES, run).deliveries.map(({ id }) => id);
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 20 }), (runs) => {
        const ids = runs.flatMap(idsOf);
        expect(new Set(ids).size).toBe(ids.length);
        expect(runs.flatMap(idsOf)).toEqual(ids);
      }),
    );
  });

  test('plans nothing where the rule is paused', () => {
    const paused = RULES.map((rule) => ({ ...rule, paused: { code: 'paused' as const, text: 'paused by anna' } }));
    expect(planAgain(routed(), CONTEXT, paused, 'run 1')).toEqual({
      decisions: [
        { rule: 'tell', planned: [], reasons: [{ code: 'paused', text: 'paused by anna' }] },
        expect.objectContaining({ rule: 'cancelled', planned: [] }),
      ],
      deliveries: [],
    });
  });

  test('knows the event of a registration, and survives data of any shape', () => {
    const rule = aCompiledRule(`actions: [{ sheet: { file: a.csv, columns: { Event: "{{ event.title }}" } } }]`);
    const registration = aWebhook({ type: 'registration.created', data: { id: 'reg_1', event_id: 'evt_1' } });
    const { deliveries } = planAgain({ ...routed(registration), event: { title: 'Open day' } }, CONTEXT, [rule], 'r');
    expect(deliveries[0]?.action).toEqual({ kind: 'sheet', sheet: { file: 'a.csv', columns: { Event: 'Open day' } } });
    fc.assert(
      fc.property(fc.anything(), fc.option(fc.string()), (data, movedFrom) => {
        planAgain(routed(aWebhook({ data }), movedFrom), CONTEXT, RULES, 'r');
      }),
    );
  });
});
