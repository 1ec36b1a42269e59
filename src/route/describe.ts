import { type Action, EVERYONE_REGISTERED, type RuleDescription, type SlackAction } from '../core/rule.ts';
import type { CompiledRule } from './compile.ts';
import type { Defaults } from './plan-action.ts';
import { slackChannel } from './values.ts';

/** Rules in words, in their order. */
export const describeRules = (rules: readonly CompiledRule[], defaults: Defaults): RuleDescription[] =>
  rules.map(({ id, rule, condition }) => ({
    id,
    on: rule.on,
    when: condition?.words ?? [],
    actions: rule.actions.map((action) => actionWords(action, defaults)),
    channels: [...new Set(rule.actions.flatMap((action) => channelOf(action, defaults)))],
  }));

const actionWords = (action: Action, defaults: Defaults): string => {
  switch (action.kind) {
    case 'email':
      return `mail to ${[action.email.to]
        .flat()
        .map((to) => (to === EVERYONE_REGISTERED ? 'everyone registered' : to))
        .join(', ')}`;
    case 'slack':
      return slackWords(action.slack, defaults);
    case 'sheet':
      return action.sheet.google === undefined
        ? `sheet ${action.sheet.file}`
        : `Google sheet ${action.sheet.google}, ${action.sheet.tab}`;
  }
};

const slackWords = (slack: SlackAction, defaults: Defaults): string => {
  const channel = channelOf({ kind: 'slack', slack }, defaults)[0] ?? slack.channel;
  return `Slack ${channel}${slack.as === undefined || slack.as === 'card' ? '' : ` (${slack.as})`}`;
};

/** Nothing where it is no Slack action, or only the data can tell the channel. */
const channelOf = (action: Action, defaults: Defaults): string[] => {
  if (action.kind !== 'slack') return [];
  const named = slackChannel(action.slack.channel ?? defaults.slackChannel);
  return 'value' in named ? [named.value] : [];
};
