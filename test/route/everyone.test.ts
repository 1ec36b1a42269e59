import { describe, expect, test } from 'vitest';
import { describeRules } from '../../src/route/describe.ts';
import { conditionPaths, variablePaths } from '../../src/route/known-fields.ts';
import { decide } from '../../src/route/plan.ts';
import { aCompiledRule, aLibrary, aWebhook, inputFor, loadText } from './support.ts';

const EVENT = aWebhook({
  type: 'event.updated',
  data: { id: 'evt_1', title: 'Open day', start_date: '2027-03-20', attendee_email: 'everyone-registered' },
});

const planned = (yaml: string, webhook = EVENT) => decide(aCompiledRule(yaml), inputFor(webhook));

describe('a mail to everyone registered', () => {
  test('is one delivery of the event, with an entry for the calendar unless the rule says otherwise', () => {
    const { deliveries } = planned(
      '{ on: [event.*], actions: [{ email: { to: everyone-registered, template: t, subject: "News of {{ data.title }}", hold: 60 } }] }',
    );

    expect(deliveries).toMatchObject([
      {
        destination: 'email:everyone-registered',
        key: 'event:evt_1|email:everyone-registered',
        hold: 60_000,
        late: 'skip',
        action: {
          kind: 'email',
          email: { to: 'everyone-registered', template: 't', subject: 'News of Open day', invite: true },
        },
      },
    ]);
    const without = planned(
      '{ on: [event.*], actions: [{ email: { to: everyone-registered, template: t, invite: false } }] }',
    );
    expect(without.deliveries[0]?.action).toEqual({
      kind: 'email',
      email: { to: 'everyone-registered', template: 't' },
    });
  });

  test('stands beside other addresses, which get no entry for the calendar', () => {
    const { deliveries } = planned(
      '{ on: [event.*], actions: [{ email: { to: [everyone-registered, office@example.com], template: t } }] }',
    );

    expect(deliveries.map(({ action }) => action.kind === 'email' && [action.email.to, action.email.invite])).toEqual([
      ['everyone-registered', true],
      ['office@example.com', undefined],
    ]);
  });

  test('is asked for by the rule alone: data that says so is no address', () => {
    for (const to of ['"{{ data.attendee_email }}"', '"{{ \'everyone-registered\' }}"']) {
      const { deliveries, decision } = planned(`{ on: [event.*], actions: [{ email: { to: ${to}, template: t } }] }`);
      expect(deliveries).toEqual([]);
      expect(decision.reasons[0]?.text).toContain('is not one mail address');
    }
  });

  test('in words', () => {
    const yaml =
      '{ on: [event.*], actions: [{ email: { to: [everyone-registered, office@example.com], template: t } }] }';
    const [described] = describeRules([aCompiledRule(yaml)], { slackChannel: '#bookings' });
    expect(described?.actions).toEqual(['mail to everyone registered, office@example.com']);
  });
});

const templates = aLibrary({ email: ['t'] });

const problemsOf = async (rule: string) => (await loadText(`rules:\n${rule}`, { templates })).problems;

describe('the check of a mail to everyone registered', () => {
  test('names with its line the rule that is about more than events', async () => {
    const problems = await problemsOf(`  - id: news
    on: [event.updated, "*.cancelled"]
    actions:
      - email:
          to: everyone-registered
          template: t
  - id: list
    on: registration.created
    actions:
      - email:
          template: t
          to:
            - office@example.com
            - everyone-registered
`);

    expect(problems).toMatchObject([
      { severity: 'error', line: 6, rule: 'news', field: 'actions[0].email.to' },
      { severity: 'error', line: 15, rule: 'list', field: 'actions[0].email.to[1]' },
    ]);
    expect(problems[0]?.message).toContain('on *.cancelled');
    expect(problems[1]?.message).toContain('on registration.created');
  });

  test.each(['everyone_registered', 'Everyone-registered', 'everyone registered', 'everyone'])(
    'says what is meant by %s',
    async (to) => {
      const problems = await problemsOf(`  - id: news
    on: event.updated
    actions:
      - email: { to: [office@example.com, ${to}], template: t }
`);
      expect(problems).toMatchObject([
        {
          line: 5,
          field: 'actions[0].email.to[1]',
          message: `"${to}" is no mail address; did you mean everyone-registered?`,
        },
      ]);
    },
  );

  test('takes no copies, of which each of hundreds would be one', async () => {
    const problems = await problemsOf(`  - id: news
    on: event.updated
    actions:
      - email:
          to: everyone-registered
          template: t
          cc: office@example.com
          bcc: [log@example.com]
`);

    expect(problems.map(({ line, field }) => [line, field])).toEqual([
      [8, 'actions[0].email.cc'],
      [9, 'actions[0].email.bcc'],
    ]);
  });

  test('finds nothing wrong with one that is right, and with conditions on what changed', async () => {
    expect(
      await problemsOf(`  - id: news
    on: [event.updated, event.cancelled]
    when: { changed: { $in: [start_date, location] } }
    actions:
      - email: { to: everyone-registered, template: t, subject: "Before: {{ changed_from.location }}" }
`),
    ).toEqual([]);
  });

  test('names a field that is none, with the one that may be meant', async () => {
    const [problem] = await problemsOf(`  - id: news
    on: event.updated
    when: { chnaged: { $in: [location] } }
    actions:
      - email: { to: everyone-registered, template: t, subject: "{{ changed_from.locaton }}" }
`);
    expect(problem?.message).toContain('did you mean changed?');
    expect(conditionPaths(['event.updated'])).toContain('changed');
    expect(variablePaths(['event.updated'])).toContain('changed_from.location');
  });
});

test.each([
  [
    'titel',
    'changed',
    'titel is no field of the data of these types, so it is never among those that changed; did you mean title?',
  ],
  ['{ $in: [location, titel] }', 'changed.$in[1]', 'did you mean title?'],
  ['{ $not: { $eq: data.title } }', 'changed.$not.$eq', 'did you mean title?'],
])('the check names what is no field in changed: %s', async (changed, field, message) => {
  const rule = (value: string) => `  - id: news
    on: event.updated
    when: { changed: ${value} }
    actions:
      - email: { to: everyone-registered, template: t }
`;
  expect(await problemsOf(rule(changed))).toEqual([
    expect.objectContaining({ severity: 'warning', field: `when.${field}`, message: expect.stringContaining(message) }),
  ]);
  expect(await problemsOf(rule(changed.replace('titel', 'title').replace('data.', '')))).toEqual([]);
});

describe('what a webhook changed', () => {
  const rule = aCompiledRule(
    '{ on: ["*"], when: { changed: { $in: [location, title] } }, actions: [{ slack: { text: x } }] }',
  );
  const decided = (changedFrom?: Record<string, unknown>) => decide(rule, { ...inputFor(EVENT), changedFrom });

  test('is a list that conditions look into', () => {
    expect(decided({ slots: 1, location: null }).deliveries).toHaveLength(1);
    expect(decided({ slots: 1 }).deliveries).toEqual([]);
    expect(decided().deliveries).toEqual([]);
  });

  test('is named where it is why nothing was planned', () => {
    const reasonOf = (changedFrom?: Record<string, unknown>) => decided(changedFrom).decision.reasons[0]?.text;
    expect(reasonOf({ slots: 1, cost: 'secret' })).toBe(
      'changed is ["slots","cost"], and the rule wants it in ["location","title"]',
    );
    expect(reasonOf()).toBe('nothing that was known changed, and the rule wants it in ["location","title"]');
  });
});
