import type { Subscription } from '../../core/team.ts';
import { actorName } from './actor.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { context, section } from './blocks.ts';
import { channelShown } from './channel.ts';
import { message } from './message.ts';
import { moment } from './times.ts';
import { undocumentedWords, wantedLines, wantedWords } from './wanted.ts';
import { bold, code, count, said } from './words.ts';

/** For whoever subscribed a channel; `known` if the channel already had the same subscription. */
export const subscribedView = (
  { subscription, known }: { readonly subscription: Subscription; readonly known: boolean },
  look: SlackLook,
): SlackAnswer => {
  const { id, channelName, by, at } = subscription;
  const text = known
    ? `${said(channelName)} hears of that already: nothing was changed.`
    : `${said(channelName)} is subscribed.`;
  const odd = undocumentedWords(subscription);
  return message({
    text: [text, wantedWords(subscription), odd].filter(Boolean).join(' '),
    head: [
      ...section([bold(text), ...wantedLines(subscription), odd && `⚠️ ${odd}`]),
      ...context(
        known && `Subscribed by ${actorName(by)} · ${moment(new Date(at), look)}`,
        `${code(`/webkasa unsubscribe ${id}`)} ends it, ${code(`/webkasa pause ${id}`)} interrupts it.`,
      ),
    ],
  });
};

/** For whoever ended subscriptions. */
export const unsubscribedView = (
  { removed }: { readonly removed: readonly Subscription[] },
  _look: SlackLook,
): SlackAnswer => {
  const text = `${count(removed.length, 'subscription')} ended.`;
  return message({
    text: `${text} ${wantedWords(removed[0] ?? { types: [], filters: [] })}`,
    head: [
      ...section([
        bold(text),
        ...removed
          .slice(0, SHOWN)
          .map((each) => `${channelShown(each.channel)} · ${code(each.id)} · ${wantedWords(each)}`),
      ]),
      ...context(
        removed.length > SHOWN && `… and ${removed.length - SHOWN} more`,
        'What was planned before is still sent. Rules of the rules file stay as they are.',
      ),
    ],
  });
};

const SHOWN = 10;

/** Posted to a channel that is being subscribed, which also proves that the bot can post there. */
export const welcomeMessage = (subscription: Omit<Subscription, 'id'>, _look: SlackLook): SlackAnswer => {
  const text = 'From now on this channel hears of WebKasa.';
  return message({
    text: `${text} ${wantedWords(subscription)}`,
    head: [
      ...section([bold(text), ...wantedLines(subscription)]),
      ...context(
        `Subscribed by ${actorName(subscription.by)}.`,
        `${code('/webkasa unsubscribe')} ends it; ${code('/webkasa help')} tells what else can be asked.`,
      ),
    ],
  });
};
