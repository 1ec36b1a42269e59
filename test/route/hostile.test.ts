import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Webhook } from '../../src/core/webhook.ts';
import { decide } from '../../src/route/plan.ts';
import { aCompiledRule, inputFor } from './support.ts';

const RULES = [
  '{ on: [booking.created, "registration.*"], actions: [{ slack: { template: booking } }] }',
  `
    when:
      data.schedule_id: { $in: [sch_1] }
      data.attendee_email: { $not: { $regex: '@ourteam\\.example$' } }
      $or: [{ data.guest_count: { $gte: 2 } }, { data.list: { $elemMatch: { a: 1 } } }, { data.list: { $size: 2 } }]
      data.nothing: { $exists: false }
    actions: [{ slack: { text: "{{ data.attendee_name }}" } }]
  `,
  `
    actions:
      - email: { to: ["{{ data.attendee_email }}", "{{ data.id }}"], template: t, subject: "{{ data.notes | truncate: 9 }}", reply_to: "{{ data.x }}", from_name: "{{ data.notes }}", cc: ["{{ data.x }}", "{{ data.attendee_email }}"], bcc: "{{ data.id }}" }
      - slack: { channel: "{{ data.channel }}", text: "{{ data }} {{ when.text }} {{ data.attendee_name | upcase | slice: 0, 5 }}" }
      - sheet: { file: "{{ data.schedule_id }}.csv", columns: { A: "{{ data.list | join }}", B: "{{ data.start_time | date: '%Y' }}", C: "{{ data.cost | money }}" } }
  `,
].map(aCompiledRule);

/** Any JSON, more often than not with the field names and values that rules look at. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>('sch_1', 'john@example.com', '#a', null, true, 0, -1, 1e308, '', '2027-02-15T10:00:00Z'),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'toJSON', 'length', 'a', 'then'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;

const field = fc.constantFrom(
  ...['id', 'schedule_id', 'attendee_name', 'attendee_email', 'guest_count', 'list', 'nothing', 'notes', 'channel'],
  ...['start_time', 'start_date', 'timezone', 'cost', 'x', '__proto__', 'constructor', 'toString'],
);

const webhook = fc
  .record(
    {
      id: fc.string({ unit: 'binary', minLength: 1 }),
      type: fc.oneof(fc.constantFrom('booking.created', 'registration.created', 'x'), fc.string({ minLength: 1 })),
      created_at: json,
      data: fc.oneof({ weight: 5, arbitrary: fc.dictionary(field, json) }, json),
      extra: json,
    },
    { requiredKeys: ['id', 'type'] },
  )
  // As it comes from the wire: plain objects, `__proto__` a key like any other.
  .map((value) => JSON.parse(JSON.stringify(value)) as Webhook);

describe('whatever a webhook holds', () => {
  test('each rule gives one decision, and it accounts for every delivery', () => {
    fc.assert(
      fc.property(webhook, fc.option(fc.constant('2027-02-14T10:00:00.000Z')), (hostile, movedFrom) => {
        const input = inputFor(hostile, movedFrom);
        for (const rule of RULES) {
          const { decision, deliveries } = decide(rule, input);
          expect(decision.rule).toBe(rule.id);
          expect(decision.planned).toEqual(deliveries.map(({ id }) => id));
          expect(new Set(decision.planned).size).toBe(deliveries.length);
          expect(deliveries.length + decision.reasons.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what is planned is fit for its channel', () => {
    fc.assert(
      fc.property(webhook, (hostile) => {
        const { deliveries } = decide(RULES[2] as (typeof RULES)[number], inputFor(hostile));
        for (const { action, destination } of deliveries) {
          expect(destination).toMatch(/^(?:email|slack|sheet):[^\p{Cc}]+$/u);
          if (action.kind === 'email') {
            expect(action.email.to).toMatch(/^[^\s@,;<>"]+@[^\s@,;<>"]+$/);
            const { subject, name, replyTo, fromName, cc = [], bcc = [] } = action.email;
            expect(`${subject}${name}${replyTo}${fromName}`).not.toMatch(/\p{Cc}/u);
            for (const copy of [...cc, ...bcc]) expect(copy).toMatch(/^[^\s@,;<>"]+@[^\s@,;<>"]+$/);
          }
          if (action.kind === 'slack') expect(action.slack.channel).toMatch(/^#?[\p{L}\p{M}\p{N}_-]+$/u);
          if (action.kind === 'sheet' && 'file' in action.sheet) expect(action.sheet.file).toMatch(/^[^/\\]+\.csv$/i);
          // It is kept as JSON and has to come back as it was.
          expect(JSON.parse(JSON.stringify(action))).toEqual(action);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('the same webhook gives the same plan', () => {
    fc.assert(
      fc.property(webhook, (hostile) => {
        for (const rule of RULES) {
          expect(decide(rule, inputFor(hostile))).toEqual(decide(rule, inputFor(hostile)));
        }
      }),
    );
  });

  test('lists and objects nested out of all reason are no exception', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const deeper: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
    for (const value of [deep, deeper]) {
      const fields = [
        'schedule_id',
        'attendee_email',
        'attendee_name',
        'list',
        'channel',
        'notes',
        'start_time',
        'cost',
      ];
      const data = Object.fromEntries(fields.map((name) => [name, value]));
      for (const rule of RULES) {
        const { decision } = decide(rule, inputFor({ id: 'wh_1', type: 'booking.created', data }));
        expect(decision.planned.length + decision.reasons.length).toBeGreaterThan(0);
      }
    }
  });
});
