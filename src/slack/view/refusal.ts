import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code } from './words.ts';

/** For somebody of another workspace. What the bot knows is of its own workspace's guests, so they get none of it. */
export const strangerView = (): SlackAnswer => {
  const text =
    'Sorry, this bot answers only members of the workspace it belongs to, and you are in another one: nothing was done. Please ask somebody of that workspace.';
  return message({ text, head: section([text]) });
};

/** Nothing was done, and who can do it: `who` is mrkdwn. */
export const refusalView = (
  { about, who }: { readonly about: CommandName; readonly who: string },
  _look: SlackLook,
): SlackAnswer =>
  message({
    text: `You can't use /webkasa ${about}: nothing was done.`,
    head: section([`You can't use ${code(`/webkasa ${about}`)}: nothing was done.`, `${who} can: ask one of them.`]),
  });
