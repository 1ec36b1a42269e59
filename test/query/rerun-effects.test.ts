import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DELIVERY_STATUSES, type PlannedDelivery } from '../../src/core/delivery.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { type Fingerprint, stepsOf } from '../../src/query/rerun-effects.ts';
import type { RerunTarget } from '../../src/query/rerun-target.ts';
import type { StoryDelivery, StoryWebhook } from '../../src/store/ports.ts';
import { aPlannedDelivery, aWebhook, bytesOf, T0 } from '../support/builders.ts';

/** What became of a delivery, as the store tells it. */
const aStory = (planned: PlannedDelivery, changes: Partial<StoryDelivery> = {}): StoryDelivery => {
  const { id, webhookId, rule, kind, destination, action } = planned;
  const status = changes.status ?? 'done';
  const outcome = ({ done: 'done', dead: 'permanent', running: 'running' } as const)[status as 'done'] ?? null;
  const ended = { startedAt: T0, endedAt: T0 + 200, code: null, message: null, detail: null };
  return {
    ...{ id, webhookId, rule, kind, destination, action, type: 'booking.created', resource: null, dueAt: T0, tries: 1 },
    ...{ supersededBy: null, fingerprint: 'same', together: null, rerunBy: null },
    attempts: outcome === null ? [] : [{ ...ended, outcome }],
    ...changes,
    status,
  };
};

const webhook = aWebhook({ type: 'booking.created', data: { id: 'bk_1', attendee_email: ' John@Example.com' } });

const aStoryWebhook = (deliveries: readonly StoryDelivery[]): StoryWebhook => ({
  ...{ id: webhook.id, type: webhook.type, createdAt: T0, receivedAt: T0, body: bytesOf(webhook), decidedAt: T0 },
  ...{ oddities: [], movedFrom: null, decisions: [] },
  deliveries,
});

const aTarget = (
  told: readonly StoryDelivery[],
  around: { newer?: readonly StoryDelivery[]; older?: readonly StoryDelivery[] } = {},
): RerunTarget => ({
  stored: aStoryWebhook(told),
  routed: { webhook, receivedAt: T0, movedFrom: null, event: null },
  resource: null,
  newer: around.newer ? [aStoryWebhook(around.newer)] : [],
  older: around.older ? [aStoryWebhook(around.older)] : [],
});

const plannedAs = (kind: 'email' | 'slack' | 'sheet', style: 'card' | 'thread' | 'plain' = 'card'): PlannedDelivery =>
  aPlannedDelivery({
    id: 'dl_1_run',
    kind,
    ...(kind === 'slack' && { action: { kind, slack: { channel: '#bookings', template: 'booking', as: style } } }),
  });

const effectOf = (planned: PlannedDelivery, fingerprint: Fingerprint, target: RerunTarget) => {
  const [step] = stepsOf([{ delivery: planned, fingerprint }], target);
  if (!step) throw new Error('every planned delivery has an effect');
  return step.effect;
};

describe('the effect of one action', () => {
  const card = plannedAs('slack');
  const plain = plannedAs('slack', 'plain');
  const mail = plannedAs('email');
  const row = aPlannedDelivery({
    id: 'dl_1_run',
    kind: 'sheet',
    action: { kind: 'sheet', sheet: { file: 'bookings.csv', key: 'Booking', columns: { Booking: 'bk_1' } } },
  });
  const before = (planned: PlannedDelivery, changes: Partial<StoryDelivery> = {}) =>
    aStory({ ...planned, id: 'dl_0' }, changes);

  test.each<[string, PlannedDelivery, RerunTarget, object]>([
    [
      'a card that is there because of an older webhook is updated',
      card,
      aTarget([], { older: [before(card)] }),
      { does: 'update', why: 'never sent', chosen: true },
    ],
    [
      'a thread is answered, never updated',
      plannedAs('slack', 'thread'),
      aTarget([], { older: [before(plannedAs('slack', 'thread'))] }),
      { does: 'send', chosen: true },
    ],
    [
      'a card that was told in a summary has no message to update, and is told by itself only if asked for',
      card,
      aTarget([before(card, { together: 'sum_1' })]),
      { does: 'send', why: 'told in summary sum_1', chosen: false },
    ],
    [
      'what was told before digests were kept is not told again by itself',
      plain,
      aTarget([before(plain, { fingerprint: null })]),
      { does: 'send', why: 'sent before, maybe the same text', chosen: false },
    ],
    [
      'a post is compared with the newest that was told, not with any',
      plain,
      aTarget([
        before(plain, { fingerprint: 'same' }),
        before(plain, {
          fingerprint: 'other',
          attempts: [{ startedAt: T0, endedAt: T0 + 900, outcome: 'done', code: null, message: null, detail: null }],
        }),
      ]),
      { does: 'send', why: 'sent before, with another text', chosen: true, toldAt: new Date(T0 + 900) },
    ],
    [
      "another rule's delivery to the same recipient is another matter",
      plain,
      aTarget([before({ ...plain, rule: 'another' })]),
      { does: 'send', why: 'never sent', chosen: true },
    ],
    ['a row with a key is updated', row, aTarget([]), { does: 'update', why: 'never written', chosen: true }],
    [
      'a row with a key that shows something newer is left alone',
      row,
      aTarget([], { newer: [before(row)] }),
      { does: 'skip', why: 'something newer stands in its row', chosen: false },
    ],
    [
      'the attendee is recognised however the address is written',
      mail,
      aTarget([]),
      { does: 'send', toAttendee: true, chosen: false },
    ],
  ])('%s', (_, planned, target, effect) => {
    expect(effectOf(planned, 'same', target)).toMatchObject(effect);
  });

  test('differing cells are named, those of many by their number', () => {
    const columns = (value: string) =>
      Object.fromEntries(['Id', 'A', 'B', 'C', 'D', 'E', 'F'].map((name) => [name, name === 'Id' ? 'bk_1' : value]));
    const sheet = (value: string) =>
      aPlannedDelivery({
        id: 'dl_1_run',
        kind: 'sheet',
        action: { kind: 'sheet', sheet: { file: 'bookings.csv', columns: columns(value) } },
      });
    expect(effectOf(sheet('new'), 'any', aTarget([aStory(sheet('old'))])).why).toBe(
      'differs in 6 cells: A, B, C, D, E and 1 more',
    );
  });

  test('has another id as soon as anything changes that its words rest on, and the same one until then', () => {
    const idOf = (fingerprint: Fingerprint, target: RerunTarget): string => effectOf(mail, fingerprint, target).id;
    const told = before(mail);
    const again = { ...before(mail), id: 'dl_1_again' };
    const newer = (status: StoryDelivery['status'], id = 'dl_newer') => ({
      newer: [{ ...before(mail, { status }), id }],
    });
    const ids = [
      idOf('same', aTarget([])),
      idOf('same', aTarget([told])),
      idOf('other', aTarget([told])),
      idOf('same', aTarget([told, again])),
      idOf('same', aTarget([told], newer('done'))),
      idOf('same', aTarget([told], newer('done', 'dl_newest'))),
      idOf('same', aTarget([told, before(mail, { status: 'running' })])),
      idOf('same', aTarget([before(mail, { status: 'dead' })])),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(idOf('same', aTarget([again, told]))).toBe(idOf('same', aTarget([told, again])));
    expect(idOf('same', aTarget([told], newer('pending')))).toBe(idOf('same', aTarget([told])));
    // On its way: by the time the chosen one goes, it was told.
    expect(idOf('same', aTarget([told], newer('running')))).not.toBe(idOf('same', aTarget([told])));
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(150);
  });

  const kinds = fc.constantFrom('email', 'slack', 'sheet');
  const styles = fc.constantFrom('card', 'thread', 'plain');
  const story = fc.record({
    status: fc.constantFrom(...DELIVERY_STATUSES),
    fingerprint: fc.constantFrom('same', 'other', null),
    together: fc.constantFrom(null, 'sum_1'),
  });
  const prints = fc.constantFrom<Fingerprint>('same', 'new', new DeliveryError('x', 'No.', { verdict: 'permanent' }));
  const past = fc.array(story, { maxLength: 4 });

  test('never tells an attendee by itself, never repeats what says the same, never goes beside what is under way', () => {
    fc.assert(
      fc.property(kinds, styles, prints, past, past, fc.boolean(), (kind, style, print, own, newer, attendee) => {
        const to = attendee ? 'email:john@example.com' : 'email:owner@example.com';
        const planned = { ...plannedAs(kind, style), ...(kind === 'email' && { destination: to }) };
        const told = own.map((changes, n) => before({ ...planned, id: `dl_${n}` }, changes));
        const target = aTarget(told, { newer: newer.map((changes) => before(planned, changes)) });
        const effect = effectOf(planned, print, target);
        const done = told.filter(({ status }) => status === 'done');

        if (effect.does === 'skip') expect(effect.chosen).toBe(false);
        if (effect.toAttendee) expect(effect.chosen).toBe(false);
        if (kind === 'email') expect(effect.chosen && done.length > 0).toBe(false);
        if (told.some(({ status }) => status === 'pending' || status === 'running')) expect(effect.does).toBe('skip');
        if (done.length > 0 && done.every(({ fingerprint }) => fingerprint === print)) {
          expect(effect.chosen).toBe(false);
        }
        expect(effect.toldAt === null).toBe(done.length === 0);
        expect(effect.why).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });
});
