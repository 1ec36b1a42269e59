import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code } from './words.ts';

/** The answer to a member of another workspace: the bot's data is about its own workspace's guests. */
export const strangerView = (): SlackAnswer => {
  const text =
    'Sorry, this bot answers only members of the workspace it belongs to, and you are in another one: nothing was done. Please ask somebody of that workspace.';
  return message({ text, head: section([text]) });
};

/** The answer to somebody who is no operator; `who` says in mrkdwn who is. */
export const refusalView = (
  { about, who }: { readonly about: CommandName; readonly who: string },
  _look: SlackLook,
): SlackAnswer =>
  message({
    text: `You can't use /webkasa ${about}: nothing was done.`,
    head: section([`You can't use ${code(`/webkasa ${about}`)}: nothing was done.`, `${who} can: ask one of them.`]),
  });
