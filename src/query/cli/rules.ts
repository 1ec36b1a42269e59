import type { RuleLine, RulesAnswer, SubscriptionLine } from '../rules.ts';
import { counted } from '../words.ts';
import { wrap } from './fit.ts';
import type { Look } from './look.ts';
import { zoneLine } from './resource.ts';
import { visible } from './visible.ts';

export const rulesText = ({ rules, subscriptions, problem }: RulesAnswer, look: Look): string => {
  const { paint, width } = look;
  const counts = `${counted(rules.length, 'rule')}, ${counted(subscriptions.length, 'subscription')}`;
  const timed = subscriptions.length > 0 || rules.some(({ paused, broken }) => paused || broken.length > 0);
  return [
    ...(problem === undefined ? [] : [`${paint('red', wrap(visible(problem), width, 2))}\n\n`]),
    `${counts}\n${timed ? zoneLine(look) : ''}`,
    ...rules.map((rule) => `\n${ruleText(rule, look)}`),
    ...subscriptions.map((subscription) => `\n${subscriptionText(subscription, look)}`),
  ].join('');
};

const subscriptionText = (subscription: SubscriptionLine, look: Look): string =>
  ruleText(subscription, look, `, subscribed by ${visible(subscription.by.name)}, ${look.times.full(subscription.at)}`);

const ruleText = (rule: RuleLine, { paint, times, width }: Look, more = ''): string => {
  const { id, on, when, actions, paused, broken } = rule;
  const lines = [
    `${paint('bold', visible(id))}${more}`,
    ...(paused ? [`  ${paint('yellow', 'paused')} by ${visible(paused.by.name)} since ${times.full(paused.at)}`] : []),
    ...broken.map(
      ({ channel, since, message }) =>
        `  ${paint('red', `${visible(channel)} can't be told`)} since ${times.full(since)}: ${visible(message)}`,
    ),
    `  on ${on.map(visible).join(', ')}`,
    ...when.map((words, index) => `  ${index === 0 ? 'when' : ' and'} ${visible(words)}`),
    ...actions.map((action) => `  → ${visible(action)}`),
  ];
  return lines.map((line) => `${wrap(line, width, 4)}\n`).join('');
};
