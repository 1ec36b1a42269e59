import type { CommandName } from '../command/command.ts';
import type { SlackAnswer, SlackLook } from './answer.ts';
import { section } from './blocks.ts';
import { message } from './message.ts';
import { code, said } from './words.ts';

/** What to do about a failure: its remedy, if it has one. Trying again is advised only if nothing is known about it. */
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

/** The answer when a command failed. `message` and `remedy` are the bot's own words, null if it has none. */
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
