import type { Config } from '../config.ts';
import type { Team } from '../core/team.ts';
import type { Rulebook } from '../route/rulebook.ts';
import { rulesInEffect } from './rules.ts';

/**
 * The Slack channels that rules, subscriptions and SLACK_ALERT_CHANNEL refer to, by the name or id they use. The values are for
 * people: the channel's name (of a subscription, at the time it was made), and what refers to it.
 */
export const namedChannels = (
  config: Config,
  { rules }: Pick<Rulebook, 'rules'>,
  team: Team,
): ReadonlyMap<string, string> => {
  const named = new Map(
    team.subscriptions.map(({ channel, channelName }) => [channel, `${channelName} (a subscription)`]),
  );
  const inEffect = rulesInEffect(config, () => ({ rules }), { current: () => team, problem: () => undefined });
  for (const { id, channels } of inEffect.describe())
    for (const channel of channels) if (!named.has(channel)) named.set(channel, `${channel} (rule ${id})`);
  const { slackAlertChannel: alerts } = config;
  if (!named.has(alerts)) named.set(alerts, `${alerts} (SLACK_ALERT_CHANNEL)`);
  return named;
};

/** The Google spreadsheets that rules refer to, by id, with the rule. */
export const namedSpreadsheets = ({ rules }: Pick<Rulebook, 'rules'>): ReadonlyMap<string, string> => {
  const named = new Map<string, string>();
  for (const { id, rule } of rules) {
    for (const action of rule.actions) {
      if (action.kind === 'sheet' && action.sheet.google !== undefined) named.set(action.sheet.google, `rule ${id}`);
    }
  }
  return named;
};
