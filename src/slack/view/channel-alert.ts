import type { BrokenChannel } from '../../core/team.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { context, section } from './blocks.ts';
import { channelShown, namingChannel } from './channel.ts';
import { message } from './message.ts';
import { moment } from './times.ts';
import { bold, code, said } from './words.ts';

const NAMED = 20;

/** The alert that messages to a channel fail. `rules`: ids of the rules and subscriptions that name the channel. */
export const brokenChannelAlert = (
  { broken, rules }: { readonly broken: BrokenChannel; readonly rules: readonly string[] },
  look: SlackLook,
): SlackAnswer => {
  const { channel, since, code: reason, message: why } = broken;
  const reasons = namingChannel(said(why, 400), channel);
  const text = `${channelShown(channel)} can't be told any more: ${reasons}`;
  return message({
    text: `⚠️ ${text}`,
    head: [
      ...section([
        `⚠️ ${bold(`${channelShown(channel)} can't be told any more`)} since ${moment(new Date(since), look)}`,
        `${reasons} (${said(reason)})`,
        rules.length > 0 && `Asked for by ${namesOf(rules)}`,
      ]),
      ...context(
        'Nothing of what was meant for it is lost: mend the channel, or name another in the rule.',
        `Then ${code('/webkasa failed')} has what to retry. This is told once; ${code('/webkasa rules')} shows it as long as it lasts.`,
      ),
    ],
  });
};

/** The alert that a broken channel works again. */
export const channelWorksAgainAlert = (
  { broken }: { readonly broken: BrokenChannel },
  look: SlackLook,
): SlackAnswer => {
  const text = `${channelShown(broken.channel)} can be told again.`;
  return message({
    text,
    head: section([
      bold(`${channelShown(broken.channel)} can be told again`),
      `It could not since ${moment(new Date(broken.since), look)}. ${code('/webkasa failed')} has what is left to retry.`,
    ]),
  });
};

const namesOf = (rules: readonly string[]): string => {
  const named = rules.slice(0, NAMED).map((rule) => code(rule));
  return rules.length > NAMED ? `${named.join(', ')} and ${rules.length - NAMED} more` : named.join(', ');
};
