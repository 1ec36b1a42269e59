import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code } from './words.ts';

/** Nothing was done, and who can do it: `who` is mrkdwn. */
export const refusalView = (
  { about, who }: { readonly about: CommandName; readonly who: string },
  _look: SlackLook,
): SlackAnswer =>
  message({
    text: `You can't use /webkasa ${about}: nothing was done.`,
    head: section([`You can't use ${code(`/webkasa ${about}`)}: nothing was done.`, `${who} can: ask one of them.`]),
  });
