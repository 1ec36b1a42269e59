import { describe, expect, test } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import { deliveryText } from '../../src/query/cli/delivery.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { type Effect, type RerunPreview, runAgain } from '../../src/query/rerun.ts';
import { why } from '../../src/query/why.ts';
import { aWebhook, T0 } from '../support/builders.ts';
import { failedWith } from './filled.ts';
import { ANNA, type Rules, rerunWorld } from './rerun-world.ts';

const MAIL = { email: { to: '{{ data.attendee_email }}', template: 'booking-created' } };
const OWNER = { email: { to: 'owner@example.com', template: 'booking-created' } };
const CARD = { slack: { channel: '#bookings', template: 'booking' } };
const PLAIN = { slack: { channel: '#desk', template: 'booking', as: 'plain' } };
const ROW = { sheet: { file: 'bookings.csv', columns: { Id: '{{ data.id }}', Status: '{{ data.status }}' } } };

const ALL: Rules = { tell: { on: ['booking.*'], actions: [MAIL, OWNER, CARD, PLAIN, ROW] } };

const booking = (minutes = 0, changes: { id?: string; type?: string; data?: object } = {}) =>
  aWebhook({
    type: 'booking.created',
    ...changes,
    created_at: new Date(T0 + minutes * 60_000).toISOString(),
    data: { id: 'bk_1', ...changes.data },
  });

const shown = ({ effects }: RerunPreview) =>
  effects.map(({ to, does, why: because, chosen }) => [to, does, because, chosen]);
const ids = (effects: readonly Effect[]) => effects.map(({ id }) => id);
const effectTo = ({ effects }: RerunPreview, to: string): Effect => {
  const found = effects.find((effect) => effect.to === to);
  if (!found) throw new Error(`nothing goes to ${to}`);
  return found;
};

describe('what a rerun would do', () => {
  test('of what was told just so is nothing, and mails are there to be sent once more', async () => {
    const world = await rerunWorld(ALL);
    await world.hear(booking());
    await world.perform();
    const preview = await world.preview('bk_1');
    expect(shown(preview)).toEqual([
      ['john@example.com', 'send', 'already sent, same text', false],
      ['owner@example.com', 'send', 'already sent, same text', false],
      ['#bookings', 'skip', 'already sent, same text', false],
      ['#desk', 'skip', 'already sent, same text', false],
      ['bookings.csv', 'skip', 'already written, same cells', false],
    ]);
    expect(effectTo(preview, 'john@example.com')).toMatchObject({ toAttendee: true, toldAt: new Date(T0 + 120_000) });
    expect(effectTo(preview, 'owner@example.com')).toMatchObject({ toAttendee: false });
  });

  test('of what says something else today: cards are updated, rows added, posts sent, mails offered', async () => {
    const world = await rerunWorld(ALL);
    await world.hear(booking());
    await world.perform();
    for (const kind of ['email', 'slack']) world.setWording(kind, 'in other words');
    const columns = { Id: '{{ data.id }}', Status: 'is {{ data.status }}', Guest: '{{ data.attendee_name }}' };
    const row = { sheet: { file: 'bookings.csv', columns } };
    world.setRules({ tell: { on: ['booking.*'], actions: [MAIL, OWNER, CARD, PLAIN, row] } });
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['john@example.com', 'send', 'sent before, with another text', false],
      ['owner@example.com', 'send', 'sent before, with another text', false],
      ['#bookings', 'update', 'differs from what was sent', true],
      ['#desk', 'send', 'sent before, with another text', true],
      ['bookings.csv', 'add', 'differs in 2 cells: Status, Guest', true],
    ]);
  });

  test('of what was never told, by a rule that is new or since it failed, is all of it but the mail to the attendee', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL, OWNER] } });
    await world.hear(booking());
    await world.perform(() => failedWith('permanent', 'smtp_550', 'No such user.', T0));
    world.setRules({ ...ALL, more: { on: ['booking.*'], actions: [ROW] } });
    const failed = 'never sent: it failed for good (smtp_550)';
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['john@example.com', 'send', failed, false],
      ['owner@example.com', 'send', failed, true],
      ['#bookings', 'send', 'never sent', true],
      ['#desk', 'send', 'never sent', true],
      ['bookings.csv', 'add', 'never written', true],
      ['bookings.csv', 'add', 'never written', true],
    ]);
  });

  test('of an older webhook leaves the card alone, and offers what something newer was told over', async () => {
    const world = await rerunWorld(ALL);
    await world.hear(booking(5, { id: 'wh_evt_new', type: 'booking.cancelled' }));
    await world.perform();
    await world.hear(booking(0, { id: 'wh_evt_old' }));
    await world.perform((kind) => (kind === 'slack' ? failedWith('permanent', 'archived', 'Gone.', T0) : undefined));
    const newer = 'a newer one since';
    expect(shown(await world.preview('wh_evt_old'))).toEqual([
      ['john@example.com', 'send', `never sent; ${newer}`, false],
      ['owner@example.com', 'send', `never sent; ${newer}`, false],
      ['#bookings', 'skip', 'something newer is shown there', false],
      ['#desk', 'send', `never sent; ${newer}`, false],
      ['bookings.csv', 'skip', 'already written, same cells', false],
    ]);
    expect((await world.preview('bk_1')).webhook?.id).toBe('wh_evt_new');
  });

  test('of a mail that was told before something newer says so', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL, PLAIN] } });
    await world.hear(booking(0, { id: 'wh_evt_old' }));
    await world.perform();
    await world.hear(booking(5, { type: 'booking.confirmed' }));
    await world.perform();
    world.setWording('slack', 'in other words');
    const newer = 'a newer one since';
    expect(shown(await world.preview('wh_evt_old'))).toEqual([
      ['john@example.com', 'send', `already sent, same text; ${newer}`, false],
      ['#desk', 'send', `sent before, with another text; ${newer}`, false],
    ]);
  });

  test('of a mail that also told of an older change, whose own mail gave way to it, compares all of that', async () => {
    const patient = { email: { ...MAIL.email, hold: 60 } };
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [patient] } });
    await world.hear(booking(0, { id: 'wh_evt_first' }));
    await world.perform();
    const moved = { start_time: '2027-02-16T10:00:00Z' };
    await world.hear(booking(5, { type: 'booking.confirmed', data: moved }));
    await world.hear(booking(6, { type: 'booking.confirmed', data: { ...moved, notes: 'By the window, please' } }));
    expect(await world.perform()).toEqual(['email:john@example.com']);
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['john@example.com', 'send', 'already sent, same text', false],
    ]);

    // What was told before the last mail is no change any more.
    await world.hear(booking(7, { type: 'booking.confirmed', data: { ...moved, notes: 'By the door' } }));
    await world.perform();
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['john@example.com', 'send', 'already sent, same text', false],
    ]);
  });

  test('of what waits or is under way is nothing: that is what retry is for', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL, CARD, ROW] } });
    await world.hear(booking());
    const [mail] = await world.store.due('email', T0 + 60_000, 1);
    await world.store.claim([mail?.id ?? ''], T0 + 60_000);
    const [post] = await world.store.due('slack', T0 + 60_000, 1);
    const [claim] = await world.store.claim([post?.id ?? ''], T0 + 60_000);
    const later = failedWith('retry', 'unreachable', 'Not there.', T0 + 9_000_000);
    await world.store.settle({ attempt: claim?.attempt ?? 0, id: claim?.id ?? '', at: T0 + 61_000, outcome: later });
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['john@example.com', 'skip', 'is under way', false],
      ['#bookings', 'skip', 'waits for another try; retry brings it forward', false],
      ['bookings.csv', 'skip', 'waits for its turn', false],
    ]);
  });

  test('of what a template of today fails on says so', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [CARD] } });
    await world.hear(booking());
    await world.perform();
    world.setWording(
      'slack',
      new DeliveryError('no_template', 'There is no template "booking".', { verdict: 'permanent' }),
    );
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['#bookings', 'skip', 'can\'t be told: There is no template "booking".', false],
    ]);
  });

  test('stays the same where the rule got another action above, and for two actions to one recipient', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [PLAIN] } });
    await world.hear(booking());
    await world.perform();
    world.setRules({ tell: { on: ['booking.*'], actions: [ROW, PLAIN] } });
    expect(effectTo(await world.preview('bk_1'), '#desk').does).toBe('skip');

    const again = { slack: { channel: '#desk', text: 'Call {{ data.attendee_name }}', as: 'plain' } };
    world.setRules({ tell: { on: ['booking.*'], actions: [again, PLAIN] } });
    expect(shown(await world.preview('bk_1'))).toEqual([
      ['#desk', 'send', expect.stringMatching(/^sent before|^never sent/), true],
      ['#desk', 'skip', 'already sent, same text', false],
    ]);
  });

  test('names the rules that ask for the type and plan nothing, and why', async () => {
    const world = await rerunWorld({
      vip: { on: ['booking.*'], when: { 'data.schedule_id': 'sch_vip' }, actions: [CARD] },
      events: { on: ['event.*'], actions: [CARD] },
    });
    await world.hear(booking());
    expect(await world.preview('bk_1')).toMatchObject({
      effects: [],
      unplanned: [{ rule: 'vip', why: [expect.stringContaining('data.schedule_id')] }],
    });
  });

  test('is unknown for what is not there, or waits for the rules', async () => {
    const world = await rerunWorld(ALL);
    expect(await world.preview('bk_none')).toMatchObject({ id: 'bk_none', webhook: null, effects: [] });
    expect(await world.run('bk_none', [])).toMatchObject({ outcome: 'unknown', webhookId: 'bk_none' });
  });
});

describe('running it again', () => {
  test('with everything done sends nothing, whatever is ticked', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [CARD, PLAIN, ROW] } });
    await world.hear(booking());
    await world.perform();
    const { effects } = await world.preview('bk_1');
    const outcome = await world.run('bk_1', ids(effects));
    expect(outcome).toMatchObject({ outcome: 'planned', planned: [] });
    expect(await world.perform()).toEqual([]);
    const { acts } = await why(world.store, 'bk_1', T0);
    expect(acts).toMatchObject([
      {
        kind: 'rerun',
        by: { name: 'anna' },
        subject: outcome.webhookId,
        summary: 'nothing planned; 3 left as they are',
      },
    ]);
  });

  test('with the mail ticked sends exactly one, also where something newer was told, and however often it is clicked', async () => {
    const world = await rerunWorld(ALL);
    await world.hear(booking(0, { id: 'wh_evt_old' }));
    await world.perform();
    await world.hear(booking(5, { type: 'booking.confirmed' }));
    await world.perform();
    const mail = effectTo(await world.preview('wh_evt_old'), 'john@example.com');
    const clicks = await Promise.all([1, 2, 3].map(() => world.run('wh_evt_old', [mail.id], 'the same click')));
    expect(clicks.map(({ outcome }) => outcome).sort()).toEqual(['planned', 'repeated', 'repeated']);
    expect(await world.perform()).toEqual(['email:john@example.com']);
    expect(await world.run('wh_evt_old', [mail.id], 'the same click')).toMatchObject({
      outcome: 'repeated',
      planned: [],
    });
    expect(await world.perform()).toEqual([]);
    const told = (await why(world.store, 'wh_evt_old', T0)).webhooks.flatMap(({ rules }) => rules);
    const mails = told.flatMap(({ deliveries }) => deliveries).filter(({ to }) => to === 'john@example.com');
    expect(mails.map(({ status, rerunBy }) => [status, rerunBy?.name])).toEqual([
      ['done', undefined],
      ['done', 'anna'],
    ]);
  });

  test('is done once where two people choose the same at the same time', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL] } });
    await world.hear(booking());
    await world.perform();
    const { effects } = await world.preview('bk_1');
    const outcomes = await Promise.all(['one', 'other'].map((token) => world.run('bk_1', ids(effects), token)));
    expect(outcomes.map(({ planned, left }) => [planned.length, left.length]).sort()).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(outcomes.flatMap(({ left }) => left)).toMatchObject([{ does: 'skip', why: 'waits for its turn' }]);
    expect(await world.perform()).toEqual(['email:john@example.com']);
  });

  test('leaves what somebody else had told after the choice was shown', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL] } });
    await world.hear(booking());
    await world.perform();
    const { effects } = await world.preview('bk_1');
    await world.run('bk_1', ids(effects), 'one');
    expect((await world.run('bk_1', ids(effects), 'while it waits')).planned).toEqual([]);
    expect(await world.perform()).toEqual(['email:john@example.com']);
    expect((await world.run('bk_1', ids(effects), 'after it was told')).planned).toEqual([]);
    const anew = await world.preview('bk_1');
    expect((await world.run('bk_1', ids(anew.effects), 'meant')).planned).toHaveLength(1);
    expect(await world.perform()).toEqual(['email:john@example.com']);
  });

  test('leaves what something newer was told over after the choice was shown, and says how many changed', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL, OWNER] } });
    await world.hear(booking(0, { id: 'wh_evt_old' }));
    await world.perform();
    world.setRules({ tell: { on: ['booking.*'], actions: [MAIL, OWNER, ROW] } });
    const { effects } = await world.preview('wh_evt_old');
    world.setRules({ tell: { on: ['booking.*'], actions: [MAIL, OWNER] } });
    await world.hear(booking(5, { type: 'booking.confirmed' }));
    await world.perform();
    world.setRules({ tell: { on: ['booking.*'], actions: [MAIL, OWNER, ROW] } });
    const stale = await world.run('wh_evt_old', ids(effects));
    // Of the row nothing newer was told, and it was never written.
    expect(stale.planned.map(({ to }) => to)).toEqual(['bookings.csv']);
    expect(stale.changed).toBe(2);
    expect(await world.perform()).toEqual(['sheet:bookings.csv']);
    const [act] = (await why(world.store, 'bk_1', T0)).acts;
    expect(act?.summary).toBe('1 planned: sheet bookings.csv; 2 changed since shown; 2 left as they are');

    const anew = await world.preview('wh_evt_old');
    const mail = effectTo(anew, 'john@example.com');
    expect(mail.why).toBe('already sent, same text; a newer one since');
    expect(await world.run('wh_evt_old', [mail.id])).toMatchObject({
      changed: 0,
      planned: [{ to: 'john@example.com' }],
    });
    expect(await world.perform()).toEqual(['email:john@example.com']);
  });

  test('takes the place of what had failed, so that a later retry does not tell it once more', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL] } });
    await world.hear(booking());
    await world.perform(() => failedWith('permanent', 'smtp_550', 'No such user.', T0));
    const { effects } = await world.preview('bk_1');
    await world.run('bk_1', ids(effects));
    expect(await world.perform()).toEqual(['email:john@example.com']);
    expect(await world.store.retry('bk_1', T0 + 3_600_000, ANNA)).toEqual([]);
    expect(await world.store.failed(10)).toEqual([]);
    const [webhook] = (await why(world.store, 'bk_1', T0)).webhooks;
    const [failed] = webhook?.rules.flatMap(({ deliveries }) => deliveries) ?? [];
    if (!failed) throw new Error('there is no delivery');
    const look = { paint: paints(false), width: undefined, times: timesIn('UTC') };
    expect(deliveryText(failed, new Date(T0), look)[0]).toContain('left out, since it was run again');
  });

  test('leaves what somebody retries at that very moment', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL] } });
    await world.hear(booking());
    await world.perform(() => failedWith('permanent', 'smtp_550', 'No such user.', T0));
    const { effects } = await world.preview('bk_1');
    let retried: Promise<readonly string[]> | undefined;
    const plan: typeof world.deps.plan = (...asked) => {
      // The store has been looked at by now, and is not yet written to.
      retried ??= world.store.retry('bk_1', T0, ANNA);
      return world.deps.plan(...asked);
    };
    const request = { id: 'bk_1', chosen: ids(effects), token: 'one', by: ANNA };
    const outcome = await runAgain({ ...world.deps, plan }, request, T0);
    expect(await retried).toHaveLength(1);
    expect(outcome).toMatchObject({ planned: [], left: [{ does: 'skip', why: expect.stringContaining('waits for') }] });
    expect(await world.perform()).toEqual(['email:john@example.com']);
  });

  test('goes by the rules of the moment it is done', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [CARD] } });
    await world.hear(booking());
    world.setRules(ALL);
    const { effects } = await world.preview('bk_1');
    world.setRules({ tell: { on: ['booking.*'], actions: [MAIL] } });
    const outcome = await world.run('bk_1', ids(effects));
    expect(outcome.planned.map(({ to }) => to)).toEqual(['john@example.com']);
    expect(outcome.left).toEqual([]);
  });

  test('names in the act the rule rather than a channel whose id nobody knows', async () => {
    const world = await rerunWorld({});
    await world.hear(booking());
    world.setRules({
      desk: { on: ['booking.*'], actions: [{ slack: { channel: 'C0BOOKINGS', template: 'booking' } }] },
    });
    const { effects } = await world.preview('bk_1');
    await world.run('bk_1', ids(effects));
    const [act] = (await why(world.store, 'bk_1', T0)).acts;
    expect(act?.summary).toBe('1 planned: slack by desk');
  });

  test('says in the act what was planned and what was left', async () => {
    const world = await rerunWorld({ tell: { on: ['booking.*'], actions: [MAIL] } });
    await world.hear(booking());
    await world.perform();
    world.setRules(ALL);
    const { effects } = await world.preview('bk_1');
    await world.run('bk_1', ids(effects.filter(({ chosen }) => chosen)));
    const { acts } = await why(world.store, 'bk_1', T0);
    expect(acts.map(({ summary }) => summary)).toEqual([
      '4 planned: email owner@example.com, slack #bookings, slack #desk, sheet bookings.csv; 1 left as it is',
    ]);
  });
});
