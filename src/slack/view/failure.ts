import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code, said } from './words.ts';

/** What to do: the bot's own words where it has some. Trying again is of no use where it says what is wrong. */
export const nextStep = ({
  message: what,
  remedy,
}: {
  readonly message: string | null;
  readonly remedy: string | null;
}): string => {
  if (remedy !== null) return said(remedy, 600);
  return what === null ? "Try again in a minute. If it stays so, have a look at the bot's log." : '';
};

/** When something could not be answered or done. `message` and `remedy` are the bot's own words, null where it has none. */
export const failureView = (
  failure: { readonly about: CommandName; readonly message: string | null; readonly remedy: string | null },
  _look: SlackLook,
): SlackAnswer => {
  const what = said(failure.message, 600) || 'Something went wrong in the bot.';
  const next = nextStep(failure);
  return message({
    text: `/webkasa ${failure.about} did not work just now. ${what} ${next}`.trim(),
    head: section([`⚠️ ${code(`/webkasa ${failure.about}`)} did not work just now.`, what, next]),
  });
};
