import type { Config } from '../config.ts';
import type { Team } from '../core/team.ts';
import type { Rulebook } from '../route/rulebook.ts';
import { rulesInEffect } from './rules.ts';

/**
 * Slack channels by the name or id that rules, subscriptions and the alert channel have for them, and how a person is told of
 * each: with who names it, and a subscription's by the name it had then.
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

/** Ids of Google's spreadsheets, and which rule names them. */
export const namedSpreadsheets = ({ rules }: Pick<Rulebook, 'rules'>): ReadonlyMap<string, string> => {
  const named = new Map<string, string>();
  for (const { id, rule } of rules) {
    for (const action of rule.actions) {
      if (action.kind === 'sheet' && action.sheet.google !== undefined) named.set(action.sheet.google, `rule ${id}`);
    }
  }
  return named;
};
