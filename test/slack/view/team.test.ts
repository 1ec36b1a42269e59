import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/slack/command/commands.ts';
import { brokenChannelAlert, channelWorksAgainAlert } from '../../../src/slack/view/channel-alert.ts';
import { helpView } from '../../../src/slack/view/help.ts';
import { pausedView, resumedView } from '../../../src/slack/view/pause.ts';
import { rulesView } from '../../../src/slack/view/rules.ts';
import { subscribedView, unsubscribedView, welcomeMessage } from '../../../src/slack/view/subscription.ts';
import { buttonIn, shownIn } from './reading.ts';
import { ANN, after, aSubscription, LOOK, theRules } from './samples.ts';

const pause = { rule: 'tell-team', by: ANN, at: after(0).toISOString() };
const broken = {
  channel: '#sales',
  since: after(0).toISOString(),
  code: 'is_archived',
  message: 'It is archived.',
  told: false,
};

describe('the rules', () => {
  const shown = shownIn(rulesView(theRules(), { question: 'rules' }, LOOK));

  test('are those of the file and the subscriptions, with who and when', () => {
    expect(shown).toContain("2 rules of the rules file, 1 subscription, 1 paused, 1 with a channel that can't be told");
    expect(shown).toContain('→ mail to {{ data.attendee_email }}, sheet bookings.csv');
    expect(shown).toMatch(/subscribed by Ann Lee · <!date/);
  });

  test('say what is paused and which channel is broken', () => {
    expect(shown).toMatch(/\*paused\* by Ann Lee · <!date/);
    expect(shown).toMatch(/#bookings \*can't be told\* since <!date.*The channel is archived/);
  });

  test('say on every page what is wrong with the document of subscriptions and pauses', () => {
    const problem = "The team's document team.json can't be used: it is empty. Mend it.";
    for (const offset of [0, 1]) {
      const view = rulesView(theRules({ problem }), { question: 'rules', offset }, LOOK);
      expect(shownIn(view)).toContain(`⚠️ ${problem}`);
      expect(view.text).toContain(problem);
    }
  });

  test('keep types and conditions as they are, to be copied', () => {
    expect(shown).toContain('on `booking.*`, `event.*`, `registration.*`');
    expect(shown).toContain('`data.attendee_email does not match @ourteam\\.example$`');
  });

  test('go on where there are more than fit', () => {
    const [rule] = theRules().rules;
    const many = theRules({ rules: Array.from({ length: 40 }, (_, index) => ({ ...rule, id: `r${index}` })) as never });
    expect(buttonIn(rulesView(many, { question: 'rules' }, LOOK), '26 more')?.value).toBe('@15 rules');
    expect(shownIn(rulesView(many, { question: 'rules', offset: 30 }, LOOK))).toContain('*r39*');
  });
});

describe('a subscription', () => {
  test('greets its channel with what it will hear of, and who wanted it', () => {
    const { id: _, ...wanted } = aSubscription();
    const welcome = welcomeMessage(wanted, LOOK);
    expect(welcome.text).toBe(
      'From now on this channel hears of WebKasa. on booking.created, booking.cancelled where schedule is not sch_1',
    );
    expect(shownIn(welcome)).toContain('Subscribed by Ann Lee.');
  });

  test('is confirmed with how to end it, and told to be there already', () => {
    expect(shownIn(subscribedView({ subscription: aSubscription(), known: false }, LOOK))).toContain(
      '`/webkasa unsubscribe sub_1f2e3d4c`',
    );
    expect(subscribedView({ subscription: aSubscription(), known: true }, LOOK).text).toContain('nothing was changed');
  });

  test.each([
    [['payment.*'], 'WebKasa does not document `payment.*`; this channel hears of it when it comes.'],
    [
      ['booking.created', 'payment.refunded', '*.archived'],
      'WebKasa does not document payment.refunded, `*.archived`; this channel hears of them when they come.',
    ],
    [['booking.*', '*', '*.cancelled', 'event.updated'], undefined],
  ])('to %j says which types WebKasa does not document', (types, words) => {
    const view = subscribedView({ subscription: aSubscription({ types }), known: false }, LOOK);
    if (words === undefined) expect(view.text).not.toContain('document');
    else for (const shown of [view.text, shownIn(view)]) expect(shown).toContain(words);
  });

  test('is told to have ended', () => {
    expect(unsubscribedView({ removed: [aSubscription()] }, LOOK).text).toContain('1 subscription ended.');
  });
});

describe('a pause', () => {
  test('says what it means and how to end it', () => {
    expect(shownIn(pausedView({ pause, known: false }, LOOK))).toContain('`/webkasa resume tell-team`');
    expect(shownIn(pausedView({ pause, known: true }, LOOK))).toContain('By Ann Lee');
  });

  test('that ends, or was none, is told', () => {
    expect(resumedView({ rule: 'tell-team', pause }, LOOK).text).toBe('tell-team goes on.');
    expect(resumedView({ rule: 'tell-team', pause: null }, LOOK).text).toBe(
      'tell-team is not paused: nothing was changed.',
    );
  });
});

test('a broken channel is alerted with why, whom it concerns and what to do, and so is its recovery', () => {
  const alert = brokenChannelAlert({ broken, rules: ['tell-team'] }, LOOK);
  expect(alert.text).toContain("#sales can't be told any more: It is archived.");
  expect(shownIn(alert)).toContain('Asked for by `tell-team`');
  expect(shownIn(brokenChannelAlert({ broken: { ...broken, channel: 'C0123SALES' }, rules: [] }, LOOK))).toContain(
    '<#C0123SALES>',
  );
  const byId = { ...broken, channel: 'C0123SALES' };
  expect(brokenChannelAlert({ broken: byId, rules: [] }, LOOK).text).toContain("<#C0123SALES> can't be told any more");
  expect(channelWorksAgainAlert({ broken: byId }, LOOK).text).toBe('<#C0123SALES> can be told again.');
  expect(channelWorksAgainAlert({ broken }, LOOK).text).toBe('#sales can be told again.');
});

describe('help', () => {
  test('names every command, and who may use it', () => {
    const [everybody = '', operators = ''] = shownIn(helpView(null, LOOK)).split('*For operators*');
    for (const { name, who } of COMMANDS) expect(who === 'operators' ? operators : everybody).toContain(`\`${name}\``);
  });

  test('for one command has its usage and examples, ready to be copied', () => {
    const shown = shownIn(helpView('subscribe', LOOK));
    expect(shown).toContain('`/webkasa subscribe event registration where -event:evt_1`');
    expect(shown).toContain('For operators only.');
  });
});
