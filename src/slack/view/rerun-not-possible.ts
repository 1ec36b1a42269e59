import type { SlackDialog } from './answer.ts';
import { section } from './blocks.ts';
import { dialog } from './dialog.ts';
import { nextStep } from './failure.ts';
import { code, said } from './words.ts';

/** Why nothing can be chosen. `who` says in mrkdwn who may rerun. `message` and `remedy` are the bot's own words. */
export type NotPossible =
  | { readonly id: string; readonly reason: 'unknown' }
  | { readonly id: string; readonly reason: 'refused'; readonly who: string }
  | { readonly id: string; readonly reason: 'failed'; readonly message: string | null; readonly remedy: string | null };

/** The dialog that explains why nothing can be rerun; it can't be submitted. */
export const rerunNotPossibleDialog = (why: NotPossible): SlackDialog => dialog(section(linesOf(why)));

const linesOf = (why: NotPossible): string[] => {
  const id = code(why.id) || 'no id';
  switch (why.reason) {
    case 'unknown':
      return [
        `Nothing can be run again under ${id}: it is not known, or its webhook still waits for the rules.`,
        `${code('/webkasa why ID')} says which; ${code('/webkasa search WORDS')} finds ids.`,
      ];
    case 'refused':
      return [`You can't run ${id} again: nothing was done.`, `${why.who} can: ask one of them.`];
    case 'failed':
      return [
        `What running ${id} again would do can't be found out just now. Nothing was done.`,
        said(why.message, 600),
        nextStep(why),
      ];
    default:
      return why satisfies never;
  }
};
