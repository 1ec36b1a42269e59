import { expect, test } from 'vitest';
import type { Actor } from '../../src/core/actor.ts';
import type { Subscription, Team } from '../../src/core/team.ts';
import {
  addSubscription,
  changeTeam,
  EMPTY_TEAM,
  markBroken,
  markTold,
  markWorking,
  pauseRule,
  removeSubscriptions,
  resumeRule,
} from '../../src/core/team-changes.ts';

const ANNA: Actor = { id: 'U0ANNA', name: 'anna', via: 'slack' };
const BOB: Actor = { id: 'U0BOB', name: 'bob', via: 'slack' };
const AT = '2027-01-15T10:30:00.000Z';
const LATER = '2027-01-16T10:30:00.000Z';

const wanted = (changes: Partial<Omit<Subscription, 'id'>> = {}): Omit<Subscription, 'id'> => ({
  channel: 'C0BOOKINGS',
  channelName: '#bookings',
  types: ['booking.*'],
  filters: [],
  by: ANNA,
  at: AT,
  ...changes,
});

const subscribed = (...all: Partial<Omit<Subscription, 'id'>>[]): Team =>
  all.reduce((team: Team, changes) => addSubscription(team, wanted(changes)).team, EMPTY_TEAM);

const FAILURE = { channel: 'C0BOOKINGS', since: AT, code: 'is_archived', message: 'The channel is archived.' };

test('a subscription gets an id that rules can’t have', () => {
  const { team, outcome } = addSubscription(EMPTY_TEAM, wanted());
  expect(outcome.did).toBe('added');
  expect(outcome.subscription.id).toMatch(/^sub_[0-9a-f]{8}$/);
  expect(team.subscriptions).toEqual([{ ...wanted(), id: outcome.subscription.id }]);
});

test('the same channel, types and filters are subscribed once, in whatever order they are named', () => {
  const schedule = { field: 'schedule', not: true, value: 'sch_1' };
  const status = { field: 'status', not: false, value: 'pending' };
  const team = subscribed({ types: ['booking.*', 'event.*'], filters: [schedule, status] });
  const again = addSubscription(
    team,
    wanted({ types: ['event.*', 'booking.*', 'event.*'], filters: [status, schedule], by: BOB, at: LATER }),
  );
  expect(again.team).toBe(team);
  expect(again.outcome).toEqual({ did: 'known', subscription: team.subscriptions[0] });
});

test.each<[string, Partial<Subscription>]>([
  ['channel', { channel: 'C0GENERAL1' }],
  ['types', { types: ['booking.created'] }],
  ['filters', { filters: [{ field: 'schedule', not: false, value: 'sch_1' }] }],
])('other %s are another subscription', (_what, changes) => {
  const { subscriptions } = subscribed({}, changes);
  expect(new Set(subscriptions.map(({ id }) => id)).size).toBe(2);
});

test('a filter and its opposite are not the same', () => {
  const filter = { field: 'schedule', not: false, value: 'sch_1' };
  expect(subscribed({ filters: [filter] }, { filters: [{ ...filter, not: true }] }).subscriptions).toHaveLength(2);
});

test('subscribed again after an end, it has the id it had', () => {
  const first = addSubscription(EMPTY_TEAM, wanted());
  const ended = removeSubscriptions(first.team, [first.outcome.subscription.id]).team;
  expect(addSubscription(ended, wanted({ by: BOB, at: LATER })).outcome.subscription.id).toBe(
    first.outcome.subscription.id,
  );
});

test('an id under which somebody wrote other types by hand is not given a second time', () => {
  const [subscription] = subscribed({}).subscriptions;
  if (!subscription) throw new Error('there is one');
  const edited = { ...EMPTY_TEAM, subscriptions: [{ ...subscription, types: ['event.*'] }] };
  const { team } = addSubscription(edited, wanted());
  expect(new Set(team.subscriptions.map(({ id }) => id)).size).toBe(2);
});

test('to subscribe a broken channel shows that it works', () => {
  const broken = markBroken(EMPTY_TEAM, FAILURE).team;
  expect(addSubscription(broken, wanted()).team.broken).toEqual([]);
});

test('ending a subscription ends its pause, and leaves the others', () => {
  const team = subscribed({}, { types: ['event.*'] });
  const [first, second] = team.subscriptions.map(({ id }) => id) as [string, string];
  const paused = [first, second, 'confirm'].reduce((all: Team, id) => pauseRule(all, id, ANNA, AT).team, team);
  const { team: after, outcome } = removeSubscriptions(paused, [first, 'sub_unknown']);
  expect(outcome.removed.map(({ id }) => id)).toEqual([first]);
  expect(after.subscriptions.map(({ id }) => id)).toEqual([second]);
  expect(after.paused.map(({ rule }) => rule)).toEqual([second, 'confirm']);
});

test('what is unknown can’t be ended, and nothing changes', () => {
  const team = subscribed({});
  expect(removeSubscriptions(team, ['sub_x']).team).toBe(team);
  expect(resumeRule(team, 'confirm')).toEqual({ team, outcome: null });
  expect(markWorking(team, 'C0GENERAL1')).toEqual({ team, outcome: null });
  expect(markTold(team, 'C0GENERAL1')).toEqual({ team, outcome: false });
});

test('a pause stays with who made it, until it is ended', () => {
  const first = pauseRule(EMPTY_TEAM, 'confirm', ANNA, AT);
  expect(first.outcome).toEqual({ did: 'paused', pause: { rule: 'confirm', by: ANNA, at: AT } });
  const again = pauseRule(first.team, 'confirm', BOB, LATER);
  expect(again.team).toBe(first.team);
  expect(again.outcome).toEqual({ did: 'known', pause: first.outcome.pause });
  expect(resumeRule(again.team, 'confirm')).toEqual({ team: EMPTY_TEAM, outcome: first.outcome.pause });
});

test('a channel breaks once, is told of once, and works again', () => {
  const first = markBroken(EMPTY_TEAM, FAILURE);
  expect(first.outcome).toEqual({ did: 'broken', channel: { ...FAILURE, told: false } });
  const told = markTold(first.team, FAILURE.channel);
  expect(told.outcome).toBe(true);
  expect(markTold(told.team, FAILURE.channel)).toEqual({ team: told.team, outcome: false });

  const same = markBroken(told.team, { ...FAILURE, since: LATER });
  expect(same.team).toBe(told.team);
  expect(same.outcome.did).toBe('same');

  const other = { ...FAILURE, since: LATER, code: 'channel_not_found', message: 'It is gone.' };
  const changed = markBroken(told.team, other);
  expect(changed.outcome).toEqual({ did: 'changed', channel: { ...other, since: AT, told: true } });

  expect(markWorking(changed.team, FAILURE.channel)).toEqual({ team: EMPTY_TEAM, outcome: changed.outcome.channel });
});

test('of a change that is made twice, the outcome that was kept is told', async () => {
  const states = [EMPTY_TEAM, pauseRule(EMPTY_TEAM, 'confirm', BOB, AT).team];
  const update = async (change: (team: Team) => Team): Promise<Team> =>
    states.map((team) => change(team)).at(-1) ?? EMPTY_TEAM;
  const outcome = await changeTeam({ update }, (team) => pauseRule(team, 'confirm', ANNA, LATER));
  expect(outcome).toEqual({ did: 'known', pause: { rule: 'confirm', by: BOB, at: AT } });
});
