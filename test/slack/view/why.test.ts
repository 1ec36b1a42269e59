import { describe, expect, test } from 'vitest';
import { readAsk } from '../../../src/slack/view/asked.ts';
import { whyView } from '../../../src/slack/view/why.ts';
import { BUTTONS } from '../../../src/template/slack-buttons.ts';
import { buttonIn, buttonsIn, shownIn } from './reading.ts';
import { ANN, aDelivery, after, aWebhookStory, aWhy, LOOK } from './samples.ts';

const question = 'why bk_xyz789';
const linesOf = (answer = aWhy(), offset = 0): string[] =>
  shownIn(whyView(answer, { question, offset }, LOOK)).split('\n');
const withOne = (overrides: Parameters<typeof aDelivery>[0]) =>
  aWhy({
    webhooks: [aWebhookStory({ rules: [{ rule: 'r', reasons: [], deliveries: [aDelivery(overrides)] }] })],
    acts: [],
  });

describe('why', () => {
  test('tells in one line what became of it, also to a notification', () => {
    expect(whyView(aWhy(), { question }, LOOK).text).toBe(
      'Why: John Doe, booking bk_xyz789, confirmed: 2 webhooks, 2 of 3 deliveries done, 1 failed for good.',
    );
  });

  test('tells of each rule what it planned, or which condition failed', () => {
    const lines = linesOf();
    expect(lines).toContain('▸ rule *confirm-booking*');
    expect(lines).toContain('– rule *vip-alert*: nothing planned');
    expect(lines).toContain('\u2003because data.schedule_id is sch_abc123; the rule wants one of sch_vip1, sch_vip2');
    expect(lines).toContain('– rule welcome-registration is for other types');
  });

  test('tells each try with its time, and tries that ended alike together', () => {
    const tries = linesOf().filter((line) => line.startsWith('\u2003\u2003<!date'));
    expect(tries.map((line) => line.replaceAll(/<[^>]*>/g, 'T'))).toEqual([
      '\u2003\u2003T accepted by mail.example.com: 250 2.0.0 queued as 4F1C',
      '\u2003\u2003T failed for now (timeout): Slack did not answer within 10 s',
      '\u2003\u2003T posted to #bookings',
      '\u2003\u2003T to T 3 tries failed for now (451): mail.example.com: 451 4.7.1 greylisted, try again later',
      '\u2003\u2003T failed for good (550): mail.example.com: 550 5.1.1 no such user',
    ]);
  });

  test('stands in the order in which it happened, what people had done included', () => {
    const acts = [{ at: after(3600), by: ANN, kind: 'rerun' as const, subject: 'bk_xyz789', summary: 'ran it' }];
    const lines = linesOf(aWhy({ acts }));
    const at = (start: string): number => lines.findIndex((line) => line.startsWith(start));
    expect(at('*booking.created*')).toBeGreaterThan(0);
    expect(at('*Ann Lee* had it run again')).toBeGreaterThan(at('*booking.created*'));
    expect(at('*booking.confirmed*')).toBeGreaterThan(at('*Ann Lee*'));
  });

  test('tells who had a delivery run again, and where it was told together with others', () => {
    const shown = linesOf(withOne({ rerunBy: ANN, together: 'sum_1' })).join('\n');
    expect(shown).toContain('✓ mail to john@example.com: done · run again by Ann Lee');
    expect(shown).toContain('told together with others: `/webkasa show sum_1`');
  });

  test('names a channel as Slack calls it, also in what its tries came to', () => {
    const [attempt] = aDelivery().attempts;
    if (!attempt) throw new Error('there is an attempt');
    const attempts = [{ ...attempt, message: 'updated the card in C0BOOKINGS, and told it in its thread' }];
    const shown = linesOf(withOne({ kind: 'slack', to: 'C0BOOKINGS', attempts })).join('\n');
    expect(shown).toContain('✓ Slack <#C0BOOKINGS>: done');
    expect(shown).toContain('updated the card in <#C0BOOKINGS>, and told it in its thread');
  });

  test('says what comes next of what is not done', () => {
    expect(linesOf(withOne({ status: 'dead' })).join()).toContain('then `/webkasa retry dl_5f3a9c1b2d7e`');
    expect(linesOf(withOne({ status: 'pending', nextTryAt: after(60) })).join()).toContain('→ next try at <!date');
    expect(linesOf(withOne({ status: 'pending', attempts: [], heldUntil: after(60) })).join()).toMatch(
      /waits for its turn.*→ held until <!date.*, in case something newer comes/,
    );
    const paused = { until: after(60), message: 'the login is refused' };
    expect(linesOf(withOne({ status: 'pending', paused })).join()).toMatch(/paused until <!date.*the login is refused/);
    expect(linesOf(withOne({ status: 'pending', paused })).join()).toContain(
      '`/webkasa retry dl_5f3a9c1b2d7e` lifts the pause',
    );
    expect(linesOf(withOne({ status: 'superseded', supersededBy: 'wh_2' })).join()).toContain(
      'something newer was told: `wh_2`',
    );
    expect(linesOf(withOne({ status: 'superseded' })).join()).toContain('left out, since it was run again');
  });

  test('says that a webhook came late, moved it, was odd, or waits', () => {
    const webhook = aWebhookStory({
      behind: 'wh_evt_020',
      oddities: ['data.start_time: is no time'],
      moved: { from: '2027-02-14T09:00:00.000Z', to: '2027-02-15T10:00:00.000Z' },
      decidedAt: null,
    });
    const shown = linesOf(aWhy({ webhooks: [webhook], acts: [] })).join('\n');
    expect(shown).toContain('late: `wh_evt_020` is newer');
    expect(shown).toContain('odd: data.start_time: is no time');
    expect(shown).toMatch(/moved from <!date\^1802595600.* to <!date\^1802685600/);
    expect(shown).toContain('waits for the rules');
  });

  test('offers what can be done about it', () => {
    expect(buttonsIn(whyView(aWhy(), { question }, LOOK).blocks).map(({ action }) => action)).toEqual([
      BUTTONS.retry,
      BUTTONS.rerun,
      BUTTONS.post,
    ]);
  });
});

describe('a story too long for one message', () => {
  const rules = Array.from({ length: 30 }, (_, index) => ({
    rule: `rule-${index}`,
    reasons: [
      { code: 'condition_failed' as const, text: `data.schedule_id is not sch_${index} ${'and so on '.repeat(15)}` },
    ],
    deliveries: [],
  }));
  const webhooks = Array.from({ length: 12 }, (_, index) =>
    aWebhookStory({ id: `wh_evt_${index}`, receivedAt: after(index * 60), createdAt: null, rules }),
  );
  const answer = aWhy({ webhooks, acts: [] });

  test('is told whole over its pages: each rule of each webhook once', () => {
    const told: string[] = [];
    let offset = 0;
    for (let page = 0; page < 60; page += 1) {
      const shown = whyView(answer, { question, offset }, LOOK);
      let webhook = '';
      for (const line of shownIn(shown).split('\n')) {
        webhook = /`(wh_evt_\d+)`/.exec(line)?.[1] ?? webhook;
        const [, rule] = /rule \*(rule-\d+)\*/.exec(line) ?? [];
        if (rule) told.push(`${webhook} ${rule}`);
      }
      const later = buttonIn(shown, 'Later');
      if (!later) break;
      offset = readAsk(later.value).offset;
    }
    expect(told).toEqual(webhooks.flatMap(({ id }) => rules.map(({ rule }) => `${id} ${rule}`)));
  });

  test('leads to its end and back to its start', () => {
    const first = whyView(answer, { question }, LOOK);
    const end = readAsk(buttonIn(first, 'To the end')?.value ?? '');
    expect(end.offset).toBeGreaterThan(0);
    const last = whyView(answer, end, LOOK);
    expect(buttonIn(last, 'From the start')?.value).toBe(question);
  });
});
