import { expect, test } from 'vitest';
import type { RuleDescription } from '../../src/core/rule.ts';
import type { Team } from '../../src/core/team.ts';
import { addSubscription, EMPTY_TEAM, markBroken, pauseRule } from '../../src/core/team-changes.ts';
import { paints } from '../../src/query/cli/paint.ts';
import { rulesText } from '../../src/query/cli/rules.ts';
import { timesIn } from '../../src/query/cli/times.ts';
import { rules } from '../../src/query/rules.ts';

const ANNA = { id: 'U0ANNA', name: 'anna', via: 'slack' } as const;
const AT = '2027-01-15T10:30:00.000Z';

const described = (changes: Partial<RuleDescription> = {}): RuleDescription => ({
  id: 'tell-team',
  on: ['booking.*'],
  when: ['data.schedule_id is in ["sch_1"]', 'moved is true'],
  actions: ['Slack #bookings', 'sheet bookings.csv'],
  channels: ['#bookings'],
  ...changes,
});

const SUBSCRIBED: Team = addSubscription(EMPTY_TEAM, {
  channel: 'C0VISITS01',
  channelName: '#visits',
  types: ['event.*'],
  filters: [{ field: 'event', not: true, value: 'evt_1' }],
  by: ANNA,
  at: AT,
}).team;
const ID = SUBSCRIBED.subscriptions[0]?.id ?? '';

const LINE = {
  id: 'tell-team',
  on: ['booking.*'],
  when: ['data.schedule_id is in ["sch_1"]', 'moved is true'],
  actions: ['Slack #bookings', 'sheet bookings.csv'],
  paused: null,
  broken: [],
};
const SUBSCRIPTION_LINE = {
  id: ID,
  on: ['event.*'],
  when: ['event is not evt_1'],
  actions: ['Slack #visits'],
  paused: null,
  broken: [],
  channel: 'C0VISITS01',
  by: ANNA,
  at: new Date(AT),
};

test('rules and subscriptions, each with what it asks for and does, and who made it and when', () => {
  expect(rules([described()], SUBSCRIBED)).toEqual({ rules: [LINE], subscriptions: [SUBSCRIPTION_LINE] });
});

test('a subscription is told once, though it is described among the rules', () => {
  expect(rules([described(), described({ id: ID })], SUBSCRIBED)).toEqual(rules([described()], SUBSCRIBED));
});

test('pauses and broken channels stand with those they concern, and with no others', () => {
  const broken = (team: Team, channel: string) =>
    markBroken(team, { channel, since: AT, code: 'is_archived', message: 'It is archived.' }).team;
  const paused = pauseRule(pauseRule(SUBSCRIBED, ID, ANNA, AT).team, 'tell-team', ANNA, AT).team;
  const team = ['C0VISITS01', '#bookings', '#elsewhere'].reduce(broken, paused);
  const found = rules([described(), described({ id: 'other', channels: [] })], team);
  const state = (channel: string) => ({
    paused: { by: ANNA, at: new Date(AT) },
    broken: [{ channel, since: new Date(AT), message: 'It is archived.' }],
  });
  expect(found).toEqual({
    rules: [
      { ...LINE, ...state('#bookings') },
      { ...LINE, id: 'other' },
    ],
    subscriptions: [{ ...SUBSCRIPTION_LINE, ...state('C0VISITS01') }],
  });
});

test('what is wrong with the team’s document is part of the answer', () => {
  expect(rules([], EMPTY_TEAM, 'It is broken.')).toEqual({ rules: [], subscriptions: [], problem: 'It is broken.' });
});

const LOOK = { paint: paints(false), width: undefined, times: timesIn('Europe/Berlin') };

test('on the command line', () => {
  const paused = pauseRule(SUBSCRIBED, 'tell-team', { ...ANNA, name: 'an\u001b[31mna' }, AT).team;
  const team = markBroken(paused, { channel: 'C0VISITS01', since: AT, code: 'x', message: 'It is archived.' }).team;
  expect(rulesText(rules([described()], team), LOOK)).toBe(`1 rule, 1 subscription
Times are in Europe/Berlin.

tell-team
  paused by an\\x1b[31mna since 2027-01-15 11:30:00
  on booking.*
  when data.schedule_id is in ["sch_1"]
   and moved is true
  → Slack #bookings
  → sheet bookings.csv

${ID}, subscribed by anna, 2027-01-15 11:30:00
  C0VISITS01 can't be told since 2027-01-15 11:30:00: It is archived.
  on event.*
  when event is not evt_1
  → Slack #visits
`);
});

test('on the command line, a problem comes first, and no zone is named where there is no time', () => {
  expect(rulesText(rules([], EMPTY_TEAM, 'It is broken.'), LOOK)).toBe('It is broken.\n\n0 rules, 0 subscriptions\n');
});
