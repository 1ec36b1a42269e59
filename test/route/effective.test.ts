import { expect, test } from 'vitest';
import { addSubscription, EMPTY_TEAM, pauseRule } from '../../src/core/team-changes.ts';
import { effectiveRules } from '../../src/route/effective.ts';
import { decide } from '../../src/route/plan.ts';
import { aCompiledRule, aWebhook, inputFor } from './support.ts';

const ANNA = { id: 'U0ANNA', name: 'anna\u202e\n', via: 'slack' } as const;
const AT = '2027-01-15T10:30:00.000Z';
const BOOK = {
  rules: [
    aCompiledRule('{ id: one, actions: [{ slack: { text: x } }] }'),
    aCompiledRule('{ id: two, actions: [{ slack: { text: x } }] }'),
  ],
};
const SUBSCRIBED = addSubscription(EMPTY_TEAM, {
  channel: 'C0BOOKINGS',
  channelName: '#bookings',
  types: ['booking.*'],
  filters: [],
  by: ANNA,
  at: AT,
}).team;
const ID = SUBSCRIBED.subscriptions[0]?.id ?? '';

const reasonsOf = (team: typeof SUBSCRIBED) =>
  effectiveRules(BOOK, team).map((rule) => decide(rule, inputFor(aWebhook())).decision.reasons);

test('the rules of the file come first, then the subscriptions', () => {
  expect(effectiveRules(BOOK, SUBSCRIBED).map(({ id }) => id)).toEqual(['one', 'two', ID]);
  expect(reasonsOf(SUBSCRIBED)).toEqual([[], [], []]);
});

test('what is paused, rule or subscription, says by whom, since when, and how it goes on', () => {
  const paused = pauseRule(pauseRule(SUBSCRIBED, 'two', ANNA, AT).team, ID, ANNA, AT).team;
  const reason = (id: string) => ({
    code: 'paused',
    text: `paused by anna  since 2027-01-15 10:30 UTC; \`/webkasa resume ${id}\` lets it go on`,
  });
  expect(reasonsOf(paused)).toEqual([[], [reason('two')], [reason(ID)]]);
});

test('a pause of a rule that is not there harms nobody', () => {
  expect(reasonsOf(pauseRule(SUBSCRIBED, 'gone', ANNA, AT).team)).toEqual([[], [], []]);
});

test('the list is made once for the same rules and the same team, and anew for others', () => {
  const first = effectiveRules(BOOK, SUBSCRIBED);
  expect(effectiveRules(BOOK, SUBSCRIBED)).toBe(first);
  expect(effectiveRules({ rules: BOOK.rules.slice(1) }, SUBSCRIBED).map(({ id }) => id)).toEqual(['two', ID]);
  expect(effectiveRules(BOOK, EMPTY_TEAM).map(({ id }) => id)).toEqual(['one', 'two']);
});
