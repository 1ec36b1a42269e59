import type { RuleLine, RulesAnswer } from '../../query/rules.ts';
import { actorName } from './actor.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { type Asked, pageButton, postButton } from './asked.ts';
import { actions, context, section } from './blocks.ts';
import { channelShown, namingChannel } from './channel.ts';
import { message, type Row } from './message.ts';
import { moment } from './times.ts';
import { bold, code, count, exact, joined, said } from './words.ts';

const PAGE = 15;
/** Conditions or actions shown of one rule; the rules file has the rest. */
const MOST = 12;

type Subscribed = RulesAnswer['subscriptions'][number];

/** The rules and subscriptions in effect, with what is paused or broken. */
export const rulesView = (answer: RulesAnswer, asked: Asked, look: SlackLook): SlackAnswer => {
  const { offset = 0 } = asked;
  const all = [...answer.rules, ...answer.subscriptions];
  const paused = all.filter((rule) => rule.paused !== null).length;
  const broken = all.filter((rule) => rule.broken.length > 0).length;
  const title = [
    `${count(answer.rules.length, 'rule')} of the rules file`,
    `${count(answer.subscriptions.length, 'subscription')}`,
    paused > 0 && `${paused} paused`,
    broken > 0 && `${broken} with a channel that can't be told`,
  ]
    .filter(Boolean)
    .join(', ');
  const rows: Row[] = [
    ...answer.rules.map((rule) => section([bold(said(rule.id)), ...aboutRule(rule, look)])),
    ...answer.subscriptions.map((subscription) => subscriptionRow(subscription, look)),
  ];
  return message({
    text: answer.problem === undefined ? title : `${title}. ${said(answer.problem, 600)}`,
    head: [
      ...section([bold(title)], offset > 0 ? pageButton('From the start', asked, 0) : undefined),
      ...section([answer.problem !== undefined && `⚠️ ${said(answer.problem, 1_000)}`]),
    ],
    rows: rows.slice(offset, offset + PAGE),
    foot: (shown) => {
      const left = rows.length - offset - shown;
      return [
        ...context(
          `${code('/webkasa pause ID')} and ${code('resume ID')} stop and start one; ${code('subscribe')} and ${code('unsubscribe')} are for the channel they are typed in.`,
        ),
        ...actions(left > 0 && pageButton(`${left} more`, asked, offset + shown), postButton(asked)),
      ];
    },
  });
};

const subscriptionRow = (subscription: Subscribed, look: SlackLook): Row =>
  section([
    joined(bold(channelShown(subscription.channel)), code(subscription.id)),
    ...aboutRule(subscription, look),
    `subscribed by ${actorName(subscription.by)} · ${moment(subscription.at, look)}`,
  ]);

const aboutRule = ({ on, when, actions: does, paused, broken }: RuleLine, look: SlackLook): string[] => [
  ...(paused === null ? [] : [`⏸️ ${bold('paused')} by ${actorName(paused.by)} · ${moment(paused.at, look)}`]),
  ...broken
    .slice(0, MOST)
    .map(
      (channel) =>
        `⚠️ ${channelShown(channel.channel)} ${bold("can't be told")} since ${moment(channel.since, look)}: ${namingChannel(said(channel.message, 200), channel.channel)}`,
    ),
  `on ${list(on, ', ')}`,
  ...(when.length === 0 ? [] : [`when ${list(when, '; ', 200)}`]),
  ...(does.length === 0 ? [] : [`→ ${list(does, ', ')}`]),
];

const list = (items: readonly string[], between: string, most?: number): string => {
  const shown = items.slice(0, MOST).map((item) => exact(item, most));
  return items.length > MOST
    ? `${shown.join(between)}${between}… and ${items.length - MOST} more`
    : shown.join(between);
};
