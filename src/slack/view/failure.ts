import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code, said } from './words.ts';

/** When something could not be answered or done. `message` and `remedy` are the bot's own words, null where it has none. */
export const failureView = (
  failure: { readonly about: CommandName; readonly message: string | null; readonly remedy: string | null },
  _look: SlackLook,
): SlackAnswer => {
  const what = said(failure.message, 600) || 'Something went wrong in the bot.';
  const next = said(failure.remedy, 600) || "Try again in a minute. If it stays so, have a look at the bot's log.";
  return message({
    text: `/webkasa ${failure.about} did not work just now. ${what} ${next}`,
    head: section([`⚠️ ${code(`/webkasa ${failure.about}`)} did not work just now.`, what, next]),
  });
};
