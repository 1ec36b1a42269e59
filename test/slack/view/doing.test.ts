import type { KnownBlock } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../src/query/rerun.ts';
import { failedView } from '../../../src/slack/view/failed.ts';
import { failureView } from '../../../src/slack/view/failure.ts';
import { problemView } from '../../../src/slack/view/problem.ts';
import { refusalView } from '../../../src/slack/view/refusal.ts';
import { chosenEffects, rerunDialog, rerunLoadingDialog } from '../../../src/slack/view/rerun.ts';
import { rerunNotPossibleDialog } from '../../../src/slack/view/rerun-not-possible.ts';
import { rerunOutcomeView } from '../../../src/slack/view/rerun-outcome.ts';
import { retryAllView, retryView } from '../../../src/slack/view/retry.ts';
import { BUTTONS } from '../../../src/template/slack-buttons.ts';
import { viewProblems } from '../../support/slack-app-views.ts';
import { buttonIn, buttonsIn, shownIn } from './reading.ts';
import { aFailed, after, anEffect, aPreview, LOOK } from './samples.ts';

const inputs = (blocks: readonly KnownBlock[]) =>
  blocks.flatMap((block) =>
    block.type === 'input' && block.element.type === 'checkboxes'
      ? [
          {
            label: block.label.text,
            values: block.element.options.map(({ value }) => value),
            ticked: (block.element.initial_options ?? []).map(({ value }) => value),
          },
        ]
      : [],
  );

const known = (dialog: { readonly blocks: unknown }): KnownBlock[] => dialog.blocks as KnownBlock[];

describe('the dialog of a rerun', () => {
  test('ticks what is proposed for the team, and never what goes to the attendee', () => {
    const eager = aPreview({ effects: [anEffect({ chosen: true }), ...aPreview().effects.slice(1)] });
    expect(inputs(known(rerunDialog(eager, '{}', LOOK)))).toEqual([
      { label: 'For the team', values: ['ef_2', 'ef_3'], ticked: ['ef_2', 'ef_3'] },
      { label: 'To the attendee: only if you tick it', values: ['ef_1'], ticked: [] },
    ]);
  });

  test('says of each action what it would do, why, and when it was told last', () => {
    const shown = shownIn({ blocks: known(rerunDialog(aPreview(), '{}', LOOK)) });
    expect(shown).toContain('Update the card in #bookings (tell-team)');
    expect(shown).toContain('Mail the attendee, john@example.com (confirm-booking)');
    expect(shown).toContain('11:02 AM: differs in 2 cells: Status, Start');
    expect(shown).toContain('Times in the choice are in Europe/Berlin.');
  });

  const option = (effect: Partial<Effect>) => {
    const [line = '', description = ''] = known(
      rerunDialog(aPreview({ effects: [anEffect(effect)] }), '{}', LOOK),
    ).flatMap((block) =>
      block.type === 'input' && block.element.type === 'checkboxes'
        ? block.element.options.flatMap(({ text, description: more }) => [text.text, more?.text ?? ''])
        : [],
    );
    return { line, description };
  };

  test.each([
    ['the same day', after(-60), '11:29 AM: '],
    ['the same year', after(-5 * 86_400), 'Jan 10, 11:30 AM: '],
    ['another year', after(-300 * 86_400), 'Mar 21, 2026, 11:30 AM: '],
  ])('tells a time of %s no longer than it has to be, and then nothing is cut off', (_when, toldAt, time) => {
    for (const why of [
      'already sent, same text; a newer one since',
      'sent before, with another text; a newer one since',
      'sent before, maybe the same text; a newer one since',
      'told in summary sum_0123456789; a newer one since',
    ]) {
      expect(option({ why, toldAt }).description).toBe(`${time}${why}`);
    }
  });

  test.each<[Partial<Effect>, string]>([
    [{}, 'Mail the attendee, john@example.com (confirm-booking)'],
    [
      { to: 'maximilian.mustermann@example.com', rule: 'mail-booking-confirmed' },
      'Mail maximilian.mustermann@example.com (mail-booking-confirmed)',
    ],
    [{ to: `${'x'.repeat(80)}@example.com` }, `Mail ${'x'.repeat(49)}… (confirm-booking)`],
    [
      { kind: 'slack', to: 'C0BOOKINGS', rule: 'sub_1a2b3c4d', toAttendee: false },
      'Post to <#C0BOOKINGS> (sub_1a2b3c4d)',
    ],
  ])('says of %j to whom and by which rule, shortened to fit', (effect, line) => {
    expect(option(effect).line).toBe(line);
  });

  test('lists what is skipped, and rules that plan nothing, as text that can not be ticked', () => {
    const shown = shownIn({ blocks: known(rerunDialog(aPreview(), '{}', LOOK)) });
    expect(shown).toContain('– Slack #sales: already sent, same text · <!date');
    expect(shown).toContain('– rule vip-alert plans nothing: data.schedule_id is sch_abc123');
  });

  test('shows more than ten actions in several groups', () => {
    const effects = Array.from({ length: 23 }, (_, index) => anEffect({ id: `ef_${index}`, toAttendee: false }));
    const dialog = rerunDialog(aPreview({ effects }), '{}', LOOK);
    expect(inputs(known(dialog)).map(({ label, values }) => [label, values.length])).toEqual([
      ['For the team (1 of 3)', 10],
      ['For the team (2 of 3)', 10],
      ['For the team (3 of 3)', 3],
    ]);
    expect(viewProblems(dialog)).toEqual([]);
  });

  test('brings back what was kept with it, and what was ticked in every group', () => {
    expect(rerunDialog(aPreview(), '{"webhook":"wh_1"}', LOOK).private_metadata).toBe('{"webhook":"wh_1"}');
    const ticked = (...values: string[]) => ({
      webkasa_effects: { type: 'checkboxes', selected_options: values.map((value) => ({ value })) },
    });
    expect(
      chosenEffects({ webkasa_effects_0: ticked('ef_2', 'ef_3'), webkasa_effects_1: ticked(), other: ticked('ef_9') }),
    ).toEqual(['ef_2', 'ef_3']);
  });

  test('with nothing to do says so, and has nothing to submit', () => {
    const [, , , skipped] = aPreview().effects;
    const dialog = rerunDialog(aPreview({ effects: skipped ? [skipped] : [] }), '{}', LOOK);
    expect(dialog.submit).toBeUndefined();
    expect(shownIn({ blocks: known(dialog) })).toContain('There is nothing to do.');
    expect(viewProblems(dialog)).toEqual([]);
  });

  test.each([
    ['while it loads', rerunLoadingDialog('bk_1'), 'Nothing is sent'],
    ['where nothing is known', rerunDialog(aPreview({ id: 'bk_no', webhook: null }), '{}', LOOK), '`bk_no`'],
    ['for who may not', rerunNotPossibleDialog({ id: 'bk_1', reason: 'refused', who: '<@U012ANN>' }), '<@U012ANN> can'],
    [
      'where the store is away',
      rerunNotPossibleDialog({ id: 'bk_1', reason: 'failed', message: null, remedy: null }),
      'Try again',
    ],
  ])('says %s what there is to say, without a button to submit', (_when, dialog, words) => {
    expect(dialog.submit).toBeUndefined();
    expect(shownIn({ blocks: known(dialog) })).toContain(words);
    expect(viewProblems(dialog)).toEqual([]);
  });
});

describe('the outcome of a rerun', () => {
  const { effects } = aPreview();

  test('tells what runs and what was left', () => {
    const view = rerunOutcomeView(
      { outcome: 'planned', webhookId: 'wh_1', planned: effects.slice(1, 3), left: effects.slice(3), changed: 0 },
      LOOK,
    );
    expect(view.text).toBe('2 actions of `wh_1` run again now: Slack #bookings, sheet bookings.csv');
    expect(shownIn(view)).toContain('Slack #sales left as it is: already sent, same text');
  });

  test.each([
    ['planned', 'Nothing of `wh_1` is run again'],
    ['repeated', '`wh_1` was run again by this very click already: nothing more is sent'],
    ['unknown', 'Nothing is known under `wh_1` any more: nothing was done'],
  ] as const)('where nothing is %s says so', (outcome, text) => {
    expect(rerunOutcomeView({ outcome, webhookId: 'wh_1', planned: [], left: [], changed: 0 }, LOOK).text).toBe(text);
  });
});

describe('what changed since a dialog was opened', () => {
  test.each([
    [1, '1 action changed since the dialog was opened: nothing was done about it'],
    [2, '2 actions changed since the dialog was opened: nothing was done about them'],
  ])('is told where it is %i, with a button to look anew', (changed, words) => {
    const view = rerunOutcomeView({ outcome: 'planned', webhookId: 'wh_1', planned: [], left: [], changed }, LOOK);
    expect(view.text).toBe(`Nothing of \`wh_1\` is run again. ${words}`);
    expect(shownIn(view)).toContain(words);
    expect(buttonIn(view, 'Run again')).toMatchObject({ action: BUTTONS.rerun, value: 'wh_1' });
  });
});

describe('what failed', () => {
  const view = failedView(aFailed(), { question: 'failed' }, LOOK);

  test('is told by cause, with what to do', () => {
    expect(view.text).toBe(
      '5 failed for good, 2 waiting for another try. Mail is paused. 5 × Slack failed for good (channel_not_found); 2 × Mail waiting (EAUTH)',
    );
    expect(shownIn(view)).toContain('Slack knows no channel #sales: invite the bot');
    expect(shownIn(view)).toContain('and 2 more of the same');
    expect(shownIn(view)).toContain('signature_wrong');
  });

  test('can be tried again one by one, or all, after a question', () => {
    const retries = buttonsIn(view.blocks).filter(
      ({ action }) => action === BUTTONS.retry || action === BUTTONS.retryAll,
    );
    expect(retries.map(({ label, value }) => [label, value])).toEqual([
      ['Retry', 'dl_bk_1'],
      ['Retry', 'dl_bk_2'],
      ['Retry', 'dl_bk_3'],
      ['Try now', 'dl_6'],
      ['Try now', 'dl_7'],
      ['Retry all 7', 'all'],
    ]);
    expect(retries.every(({ asks }) => asks)).toBe(true);
  });

  test('of a paused channel waits for it to go on, and a retry lifts the pause', () => {
    const shown = shownIn(view);
    expect(shown).toMatch(/\*Mail is paused\* since .*\nA retry lifts the pause\./);
    expect(shown).toMatch(/paused until <!date.*; \*Try now\* lifts the pause/);
    const free = shownIn(failedView(aFailed({ pauses: [] }), { question: 'failed' }, LOOK));
    expect(free).toMatch(/next try <!date/);
    expect(free).not.toContain('pause');
  });

  test('names channels as they are called, and one alone without counting', () => {
    const [cause] = aFailed().causes;
    if (!cause) throw new Error('there is a cause');
    const one = aFailed({
      dead: 1,
      waiting: 0,
      pauses: [],
      causes: [{ ...cause, count: 1, deliveries: [{ id: 'dl_1', to: 'C0BOOKINGS', resource: 'bk_1' }] }],
    });
    const answer = failedView(one, { question: 'failed' }, LOOK);
    expect(shownIn(answer)).toContain('Slack <#C0BOOKINGS> · `bk_1`');
    expect(JSON.stringify(answer)).not.toMatch(/(?<!<#)C0BOOKINGS/);
    expect(JSON.stringify(answer)).not.toMatch(/all 1\b/);
    expect(buttonIn(answer, 'Retry it')).toMatchObject({ action: BUTTONS.retryAll, value: 'all' });
  });

  test('is nothing where nothing is', () => {
    const nothing = failedView(
      aFailed({ dead: 0, waiting: 0, causes: [], pauses: [], rejections: [] }),
      { question: 'failed' },
      LOOK,
    );
    expect(nothing.text).toBe('Nothing failed: no delivery is dead or waits for another try.');
    expect(buttonIn(nothing, 'Retry all 0')).toBeUndefined();
  });
});

describe('a retry', () => {
  const target = { id: 'dl_1', kind: 'email', to: 'john@example.com', rule: 'confirm', webhookId: 'wh_1' } as const;
  const answer = { id: 'bk_1', found: true, retried: [target], more: 0, left: [], lifted: [], rejections: [] };

  test('tells what is tried again, and which pause that lifts', () => {
    const view = retryView({ ...answer, lifted: [{ kind: 'email', message: 'login refused' }] }, LOOK);
    expect(view.text).toBe('1 delivery of `bk_1` is tried again now: mail to john@example.com');
    expect(shownIn(view)).toMatch(/The pause of Mail is lifted.*login refused/);
  });

  test('of mails that are not listed tells how many, and counts them beside those that are', () => {
    const unlisted = retryView({ ...answer, retried: [], more: 3 }, LOOK);
    expect(unlisted.text).toBe('3 deliveries of `bk_1` are tried again now');
    expect(shownIn(unlisted)).toContain('mails to those registered');
    expect(shownIn(retryView({ ...answer, more: 3 }, LOOK))).toContain('… and 3 more');
  });

  test('says why nothing is', () => {
    const done = retryView({ ...answer, retried: [], left: [{ ...target, status: 'done' }] }, LOOK);
    expect(shownIn(done)).toContain('– mail to john@example.com is done already');
    expect(retryAllView({ retried: [], lifted: [] }, LOOK).text).toBe('Nothing is dead or waits for another try.');
  });
});

describe('what could not be done', () => {
  test('names what was wrong, the nearest command, and offers to ask that', () => {
    const view = problemView({ problem: '“serach” is no command.', about: null, nearest: 'search john' }, LOOK);
    expect(view.text).toBe('“serach” is no command. Did you mean /webkasa search john?');
    expect(buttonIn(view, 'Yes, that')).toMatchObject({ action: BUTTONS.ask, value: 'search john' });
  });

  test('of another command says to try that', () => {
    const view = problemView({ problem: 'pause needs the id of a rule.', about: 'pause', nearest: 'rules' }, LOOK);
    expect(view.text).toBe('pause needs the id of a rule. Try /webkasa rules.');
    expect(buttonIn(view, 'Try that')).toMatchObject({ action: BUTTONS.ask, value: 'rules' });
  });

  test('with nothing near shows an example, and no button', () => {
    const view = problemView({ problem: 'why needs an id.', about: 'why', nearest: null }, LOOK);
    expect(view.text).toBe('why needs an id.');
    expect(shownIn(view)).toContain('For example `/webkasa why bk_xyz789`');
    expect(buttonsIn(view.blocks)).toEqual([]);
  });

  test.each(['retry bk_1', 'show ID', 'subscribe booking', 'search', 'search after:someday'])(
    'offers no button for %s',
    (nearest) => {
      expect(buttonsIn(problemView({ problem: 'No.', about: null, nearest }, LOOK).blocks)).toEqual([]);
    },
  );

  test('says who can', () => {
    expect(shownIn(refusalView({ about: 'retry', who: '<@U012ANN>' }, LOOK))).toContain('<@U012ANN> can');
  });

  test('says what is wrong and what mends it, and then not to try again', () => {
    const view = failureView({ about: 'pause', message: "team.json can't be used.", remedy: 'Mend it.' }, LOOK);
    expect(view.text).toBe("/webkasa pause did not work just now. team.json can't be used. Mend it.");
    expect(failureView({ about: 'pause', message: 'That is too long.', remedy: null }, LOOK).text).toBe(
      '/webkasa pause did not work just now. That is too long.',
    );
  });

  test('says what to do where the store does not answer', () => {
    expect(failureView({ about: 'why', message: null, remedy: null }, LOOK).text).toBe(
      "/webkasa why did not work just now. Something went wrong in the bot. Try again in a minute. If it stays so, have a look at the bot's log.",
    );
  });
});
