import type { Actor } from '../core/actor.ts';
import { filterWords } from '../core/filters.ts';
import type { RuleDescription } from '../core/rule.ts';
import type { Subscription, Team } from '../core/team.ts';

/** What is in effect: the rules of the file and the subscriptions made in Slack. */
export type RulesAnswer = {
  readonly rules: readonly RuleLine[];
  readonly subscriptions: readonly SubscriptionLine[];
  /** What is wrong with the team's document and what to do about it; absent if it can be read. */
  readonly problem?: string;
};

export type RuleLine = {
  readonly id: string;
  readonly on: readonly string[];
  /** Its conditions in words, one entry each; empty if it has none. */
  readonly when: readonly string[];
  /** `mail to {{ data.attendee_email }}`, `Slack #bookings`, `sheet bookings.csv`. */
  readonly actions: readonly string[];
  readonly paused: { readonly by: Actor; readonly at: Date } | null;
  /** Its channels that can't be posted to at present. */
  readonly broken: readonly { readonly channel: string; readonly since: Date; readonly message: string }[];
};

/** `channel` is Slack's id, which survives renaming; `actions` has the name it had when it was subscribed. */
export type SubscriptionLine = RuleLine & { readonly channel: string; readonly by: Actor; readonly at: Date };

/**
 * Combines the described rules with what the team changed in Slack. Subscriptions among the descriptions are skipped: they
 * are listed from the team's document, which knows more about them.
 */
export const rules = (described: readonly RuleDescription[], team: Team, problem?: string): RulesAnswer => {
  const subscribed = new Set(team.subscriptions.map(({ id }) => id));
  return {
    rules: described
      .filter(({ id }) => !subscribed.has(id))
      .map(({ channels, ...description }) => ({ ...description, ...stateOf(description.id, channels, team) })),
    subscriptions: team.subscriptions.map((subscription) => subscriptionLine(subscription, team)),
    ...(problem !== undefined && { problem }),
  };
};

const subscriptionLine = (subscription: Subscription, team: Team): SubscriptionLine => {
  const { id, types, filters, channel, channelName, by, at } = subscription;
  const actions = [`Slack ${channelName}`];
  const state = stateOf(id, [channel], team);
  return { id, on: types, when: filterWords(filters), actions, ...state, channel, by, at: new Date(at) };
};

const stateOf = (
  id: string,
  channels: readonly string[],
  { paused, broken }: Team,
): Pick<RuleLine, 'paused' | 'broken'> => {
  const pause = paused.find(({ rule }) => rule === id);
  return {
    paused: pause ? { by: pause.by, at: new Date(pause.at) } : null,
    broken: broken
      .filter(({ channel }) => channels.includes(channel))
      .map(({ channel, since, message }) => ({ channel, since: new Date(since), message })),
  };
};
